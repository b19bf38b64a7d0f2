import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaKey } from '../store/media-key.js';
import { SegmentSigner } from '../store/segment-signer.js';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { MediaServer } from './media-server.js';

const BYTES = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251));
const epoch = `${randomUUID()}/${randomUUID()}`;
const path = `${epoch}/000000.ts`;

let folder: string;
let server: MediaServer;
let port: number;
let signer: SegmentSigner;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-media-server-'));
  await mkdir(join(folder, 'media', epoch), { recursive: true });
  await writeFile(join(folder, 'media', path), BYTES);
  const key = randomBytes(32);
  signer = new SegmentSigner(new MediaKey({ read: async () => key }));
  server = new MediaServer({ mediaDir: join(folder, 'media'), listen: { host: '127.0.0.1', port: 0 }, signer, logger: new SilentLogger() });
  port = await server.start();
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const get = async (address: string, init: RequestInit = {}): Promise<Response> => fetch(`http://127.0.0.1:${port}${address}`, init);
const code = async (response: Response): Promise<unknown[]> => [
  response.status,
  response.headers.get('content-type'),
  ((await response.json()) as { code: string }).code,
];
const PROBLEM = 'application/problem+json; charset=utf-8';
const raw = (target: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: target }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe(MediaServer.name, () => {
  it('serves a segment by signed address: whole, by range, not again, and what it is like', async () => {
    const address = await signer.sign(path, 60_000);
    const whole = await get(address);
    expect(
      Object.fromEntries(
        ['content-type', 'content-length', 'accept-ranges', 'x-content-type-options', 'cache-control'].map((name) => [
          name,
          whole.headers.get(name),
        ]),
      ),
    ).toEqual({
      'content-type': 'video/mp2t',
      'content-length': '5000',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(Buffer.from(await whole.arrayBuffer()).equals(BYTES)).toBe(true);
    const part = await get(address, { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/5000']);
    expect(Buffer.from(await part.arrayBuffer()).equals(BYTES.subarray(10, 20))).toBe(true);
    expect((await get(address, { headers: { 'if-none-match': whole.headers.get('etag') ?? '' } })).status).toBe(304);
    const head = await get(address, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5000']);
    const outside = await get(address, { headers: { range: 'bytes=5000-' } });
    expect(await code(outside)).toEqual([416, PROBLEM, 'VD_API_RANGE_UNSATISFIABLE']);
    expect(outside.headers.get('content-range')).toBe('bytes */5000');
  });

  it('has nothing for anyone else', async () => {
    const address = await signer.sign(path, 60_000);
    for (const other of ['/', '/streaming/', `/streaming/${path}`, address.replace('000000', '000001'), '/.ingest-id', '/api/health']) {
      expect(await code(await get(other))).toEqual([403, PROBLEM, 'VD_MEDIA_ADDRESS_INVALID']);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) expect((await get(address, { method })).status).toBe(403);
    for (const target of ['/streaming/../../etc/passwd', '//etc/passwd', `${address}/..`, 'http://other/', '*'])
      expect(await raw(target)).toBe(403);
    expect(
      await code(
        await get(await new SegmentSigner({ current: async () => randomBytes(32), renewed: async () => null }).sign(path, 60_000)),
      ),
    ).toEqual([403, PROBLEM, 'VD_MEDIA_ADDRESS_INVALID']);
  });

  it('says that a segment is gone, and follows no link', async () => {
    await writeFile(join(folder, 'secret.ts'), 'SECRET');
    await symlink(join(folder, 'secret.ts'), join(folder, 'media', epoch, '000001.ts'));
    for (const sequence of ['000001', '000002'])
      expect(await code(await get(await signer.sign(`${epoch}/${sequence}.ts`, 60_000)))).toEqual([404, PROBLEM, 'VD_MEDIA_SEGMENT_GONE']);
  });

  it('answers with a code when it cannot check a signature', async () => {
    const address = await signer.sign(path, 60_000);
    const away = new MediaServer({
      mediaDir: folder,
      listen: { host: '127.0.0.1', port: 0 },
      signer: { verify: () => Promise.reject(new Error('Connection terminated')) },
      logger: new SilentLogger(),
    });
    const other = await away.start();
    expect(await code(await fetch(`http://127.0.0.1:${other}${address}`))).toEqual([503, PROBLEM, 'VD_API_UNAVAILABLE']);
    await away.stop();
  });

  it('says that its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const listen = { host: '127.0.0.1', port: (taken.address() as { port: number }).port };
    await expect(new MediaServer({ mediaDir: folder, listen, signer, logger: new SilentLogger() }).start()).rejects.toMatchObject({
      code: 'VD_MEDIA_LISTEN_FAILED',
      message: expect.stringContaining('EADDRINUSE') as string,
    });
    taken.close();
  });

  it('turns away who sends more than an address, or nothing', async () => {
    const told = (bytes: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
        let text = '';
        socket
          .on('data', (chunk) => (text += String(chunk)))
          .on('close', () => resolve(text))
          .on('error', reject);
      });
    expect(await told(`GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431/);
    expect(await told('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    expect(await told('GET / HTTP/1.1\r\nhost: x\r\n')).toMatch(/^HTTP\/1\.1 408/); // and never the rest
  });

  it('serves a signed address while strangers hold every connection they can get', async () => {
    const strangers = Array.from({ length: 520 }, () =>
      connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume(),
    );
    await Promise.all(strangers.map((stranger) => once(stranger, 'connect')));
    expect((await get(await signer.sign(path, 60_000))).status).toBe(200);
    for (const stranger of strangers) stranger.destroy();
  });

  it('stops while a reader is in the midst of a segment', async () => {
    await writeFile(join(folder, 'media', epoch, '000009.ts'), Buffer.alloc(64 * 1024 * 1024));
    const response = await get(await signer.sign(`${epoch}/000009.ts`, 60_000));
    await server.stop();
    await expect(response.arrayBuffer()).rejects.toThrow();
  });
});
