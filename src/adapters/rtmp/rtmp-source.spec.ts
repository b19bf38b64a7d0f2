import { execFile, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import plugin from './index.js';
import { rtmpConfigSchema } from './config.js';
import { listenError } from './errors.js';
import { publishUrl, RtmpSource } from './rtmp-source.js';
import { FakePublishGate } from './testing/fake-publish-gate.js';
import { clip, exitOf } from './testing/ffmpeg.js';
import { framesOf } from './testing/media-messages.js';
import { KeptLog } from './testing/listener-harness.js';

const run = promisify(execFile);
const stops: (() => Promise<unknown> | unknown)[] = [];
const signal = new AbortController().signal;

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'vedette-rtmp-'));
  stops.push(() => rm(dir, { recursive: true }));
  return dir;
}

describe('the rtmp plugin', () => {
  it('contributes one listener with these defaults', () => {
    expect(plugin.sources?.map(({ id, kind }) => [id, kind])).toEqual([['rtmp', 'listener']]);
    expect(rtmpConfigSchema.parse(undefined)).toEqual({
      host: '0.0.0.0',
      port: 1935,
      apps: ['live'],
      maxPublishers: 256,
      maxStrangers: 512,
      maxStrangersPerAddress: 128,
      handshakeTimeout: 5000,
      publishTimeout: 10_000,
      keyframeTimeout: 30_000,
      preAuthBytes: 64_000,
      maxVideoMessage: 8_000_000,
      maxAudioMessage: 256_000,
      maxCommandMessage: 64_000,
    });
  });

  it('stands on the very version of node-media-server that its guard was written for', () => {
    const { version } = createRequire(import.meta.url)('node-media-server/package.json') as { version: string };
    expect(version, 'read protocol/rtmp.js of the new version against nms/guarded-rtmp.ts').toBe('4.4.3');
  });

  it.each([
    ['an unknown key', { ports: 1 }],
    ['a bare number for a duration', { silenceTimeout: 3 }],
    ['a duration that no timer can hold', { publishTimeout: '40d' }],
    ['a message larger than RTMP can say', { maxVideoMessage: '1GB' }],
    ['an app name that is a path', { apps: ['../live'] }],
  ])('refuses %s in its config', (_name, config) => {
    expect(rtmpConfigSchema.safeParse(config).success).toBe(false);
  });
});

describe(publishUrl.name, () => {
  it.each([
    [{}, 'rtmp://studio.lan:1935/live'],
    [{ host: '::', port: 1936, apps: ['stage', 'live'] }, 'rtmp://studio.lan:1936/stage'],
    [{ host: '127.0.0.1' }, 'rtmp://127.0.0.1:1935/live'],
    [{ host: '::1', tls: { certFile: 'a', keyFile: 'b' } }, 'rtmps://[::1]:1935/live'],
  ])('tells encoders of %o to send to %s', (config, url) => {
    expect(publishUrl(rtmpConfigSchema.parse(config), 'studio.lan')).toBe(url);
  });
});

describe(RtmpSource.name, () => {
  const source = () => new RtmpSource(new FakePublishGate(), new KeptLog());
  const config = (input: object) => rtmpConfigSchema.parse({ host: '127.0.0.1', port: 0, ...input });

  it('finds out before it starts that the port is taken, and says how to mend it', async () => {
    const taken = config({ port: await takenPort() });
    const expected = { code: 'VD_RTMP_PORT_TAKEN', retryable: true, fix: expect.stringContaining('plugins[].sources.rtmp.port') as string };
    await expect(source().probe(taken)).rejects.toMatchObject(expected);
    await expect(source().open(taken, undefined, signal)).rejects.toMatchObject(expected);
  });

  it('finds out that the address is not of this machine', async () => {
    await expect(source().probe(config({ host: '192.0.2.1' }))).rejects.toMatchObject({ code: 'VD_RTMP_HOST_UNAVAILABLE' });
  });

  it('names a refused port and any other trouble', () => {
    const failed = (code: string) => listenError(Object.assign(new Error('x'), { code }), '0.0.0.0', 80).code;
    expect(failed('EACCES')).toBe('VD_RTMP_PORT_DENIED');
    expect(failed('EMFILE')).toBe('VD_RTMP_LISTEN_FAILED');
  });

  it('finds out that a certificate cannot be used', async () => {
    const dir = await folder();
    const certFile = join(dir, 'cert.pem');
    await writeFile(certFile, 'not a certificate');
    const expected = { code: 'VD_RTMP_TLS_UNREADABLE' };
    await expect(source().probe(config({ tls: { certFile, keyFile: join(dir, 'none.pem') } }))).rejects.toMatchObject(expected);
    await expect(source().probe(config({ tls: { certFile, keyFile: certFile } }))).rejects.toMatchObject(expected);
  });

  it('leaves the port free after a probe and after a stop', async () => {
    const first = await source().open(config({}), undefined, signal);
    const again = config({ port: first.port });
    await first.stop('test over');
    await expect(first.done).resolves.toEqual({ reason: 'test over' });
    await source().probe(again);
    const second = await source().open(again, undefined, signal);
    expect(second.port).toBe(again.port);
    await second.stop('test over');
  });

  it('stops when its signal aborts', async () => {
    const abort = new AbortController();
    const running = await source().open(config({}), undefined, abort.signal);
    abort.abort();
    await expect(running.done).resolves.toEqual({ reason: 'stopped' });
  });

  it('takes the same stream by RTMPS', async () => {
    const dir = await folder();
    const [certFile, keyFile, file] = [join(dir, 'cert.pem'), join(dir, 'key.pem'), join(dir, 'clip.flv')];
    const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', keyFile, '-out', certFile];
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject]);
    await writeFile(file, await clip({ seconds: 1, audio: false }));
    const gate = new FakePublishGate();
    const stream = gate.stream('key');
    const running = await new RtmpSource(gate, new KeptLog()).open(config({ tls: { certFile, keyFile } }), undefined, signal);
    stops.push(() => running.stop('test over'));

    const plain = spawn(
      'ffmpeg',
      ['-v', 'error', '-nostdin', '-i', file, '-c', 'copy', '-f', 'flv', `rtmp://127.0.0.1:${running.port}/live/key`],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    expect((await exitOf(plain)).code).not.toBe(0);
    const secure = spawn(
      'ffmpeg',
      ['-v', 'error', '-nostdin', '-i', file, '-c', 'copy', '-f', 'flv', `rtmps://127.0.0.1:${running.port}/live/key`],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    expect(await exitOf(secure)).toEqual({ code: 0, errors: '' });
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(framesOf(stream.epochs[0]!.bytes)).toHaveLength(25);
  });
});
