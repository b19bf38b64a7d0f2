import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rtmpConfigSchema } from './config.js';
import { RtmpSource } from './rtmp-source.js';
import { type CertificateFiles, makeCertificate } from './testing/certificates.js';
import { clip, exitOf } from './testing/ffmpeg.js';
import { FakePublishGate } from './testing/fake-publish-gate.js';
import { KeptLog, type ListenerHarness } from './testing/listener-harness.js';
import { listenerFixture } from './testing/listener-fixture.js';
import { framesOf } from './testing/media-messages.js';

const { listener } = listenerFixture();
let dir: string;
let studio: CertificateFiles;
let other: CertificateFiles;
let file: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vedette-rtmps-'));
  [studio, other] = [await makeCertificate(dir, 'studio'), await makeCertificate(dir, 'other')];
  file = join(dir, 'clip.flv');
  await writeFile(file, await clip({ seconds: 1, audio: false }));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const push = (url: string) =>
  exitOf(spawn('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, '-c', 'copy', '-f', 'flv', url], { stdio: ['ignore', 'ignore', 'pipe'] }));

async function takes(harness: ListenerHarness, scheme: string, port: number, key: string): Promise<void> {
  const stream = harness.gate.stream(key);
  expect(await push(`${scheme}://127.0.0.1:${port}/live/${key}`)).toEqual({ code: 0, errors: '' });
  await harness.gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
  expect(framesOf(stream.epochs[0]!.bytes)).toHaveLength(25);
}

/** Whom the certificate names that a client is shown. */
const shownName = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', reject);
  });

describe('RTMPS', () => {
  it('is taken on a port of its own, beside plain RTMP', async () => {
    const harness = await listener({ tls: { ...studio, port: 0 } });
    expect(harness.rtmp.tlsPort).not.toBe(harness.port);
    await takes(harness, 'rtmp', harness.port, 'plain');
    await takes(harness, 'rtmps', harness.rtmp.tlsPort!, 'secure');
    expect((await push(`rtmp://127.0.0.1:${harness.rtmp.tlsPort}/live/plain`)).code).not.toBe(0);
  });

  it('has the port to itself where it is given none: then nothing speaks plain RTMP', async () => {
    const harness = await listener({ tls: studio });
    expect(harness.rtmp.tlsPort).toBe(harness.port);
    expect((await push(`rtmp://127.0.0.1:${harness.port}/live/key`)).code).not.toBe(0);
    await takes(harness, 'rtmps', harness.port, 'key');
  });

  it('takes up a new certificate by itself, and keeps the one it has while the files do not fit together', async () => {
    const files = { certFile: join(dir, 'live-cert.pem'), keyFile: join(dir, 'live-key.pem') };
    await cp(studio.certFile, files.certFile);
    await cp(studio.keyFile, files.keyFile);
    const { rtmp, log } = await listener({ tls: { ...files, port: 0, recheckInterval: '100ms' } });
    const said = (text: string) => vi.waitFor(() => expect(log.lines.join('\n')).toContain(text), 5000);
    expect(await shownName(rtmp.tlsPort!)).toBe('studio');
    await cp(other.certFile, files.certFile);
    await said('the one before stays in force');
    await said('is not the one of the certificate');
    expect(await shownName(rtmp.tlsPort!)).toBe('studio');
    await cp(other.keyFile, files.keyFile);
    await said('RTMPS has a new certificate');
    expect(await shownName(rtmp.tlsPort!)).toBe('other');
  });

  it.each<[string, string, RegExp, () => Promise<CertificateFiles> | CertificateFiles]>([
    ['are not there', 'VD_RTMP_TLS_UNREADABLE', /tls\.keyFile, .*none\.pem/, () => ({ ...studio, keyFile: join(dir, 'none.pem') })],
    ['do not fit together', 'VD_RTMP_TLS_MISMATCH', /CN=studio/, () => ({ ...studio, keyFile: other.keyFile })],
    ['are the other way round', 'VD_RTMP_TLS_INVALID', /other way round/, () => ({ certFile: studio.keyFile, keyFile: studio.certFile })],
    ['are no PEM', 'VD_RTMP_TLS_INVALID', /holds no private key/, () => ({ ...studio, keyFile: file })],
    ['need a passphrase', 'VD_RTMP_TLS_INVALID', /passphrase/, () => makeCertificate(dir, 'locked', { passphrase: 'never-told' })],
  ])('says before it starts that its files %s', async (_what, code, message, files) => {
    const source = new RtmpSource(new FakePublishGate(), new KeptLog());
    const config = rtmpConfigSchema.parse({ host: '127.0.0.1', port: 0, tls: await files() });
    const expected = { code, message: expect.stringMatching(message) as string, fix: expect.stringContaining('.') as string };
    await expect(source.probe(config)).rejects.toMatchObject(expected);
    await expect(source.open(config, undefined, new AbortController().signal)).rejects.toMatchObject(expected);
  });
});
