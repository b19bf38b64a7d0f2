import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaServer } from '../../src/core/media/server/media-server.js';
import { MediaKey } from '../../src/core/media/store/media-key.js';
import { SegmentFiles } from '../../src/core/media/store/segment-files.js';
import { SegmentSigner } from '../../src/core/media/store/segment-signer.js';
import { MediaNodes } from '../../src/core/persistence/media/media-nodes.js';
import { ApiApp } from '../support/api-app.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { until } from '../support/until.js';

const BYTES = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251));

/** An API whose own media folder is empty, and an ingest node with another folder that serves its segments. */
describe('segments of another machine', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let folder: string;
  let server: MediaServer;
  const nodeId = randomUUID();
  let streamId: string;
  let epochId: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vd-elsewhere-'));
    api = await ApiApp.start({ media: { fetchTimeout: '2s' } });
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
    server = new MediaServer({
      mediaDir: folder,
      listen: { host: '127.0.0.1', port: 0 },
      signer: api.app.get(SegmentSigner),
      logger: new SilentLogger(),
    });
    await publish(nodeId, `http://127.0.0.1:${await server.start()}`);
    streamId = await seed.stream();
    epochId = await seed.epoch(streamId, { nodeId });
    put('000000.ts', BYTES);
  });
  afterAll(async () => {
    await server.stop();
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const nodes = (): MediaNodes => api.app.get(MediaNodes, { strict: false });
  const publish = (id: string, url: string | null): Promise<void> =>
    nodes().publish({ id, name: `node-${id.slice(0, 4)}`, url, host: 'h', freeBytes: 1e12, writeFault: null });
  function put(file: string, bytes: Buffer): void {
    mkdirSync(join(folder, streamId, epochId), { recursive: true });
    writeFileSync(join(folder, streamId, epochId, file), bytes);
  }
  const get = (file: string, headers: Record<string, string> = {}, method = 'GET', epoch = epochId): Promise<Response> =>
    api.call(method, `/streaming/${streamId}/${epoch}/${file}`, { cookie, headers });
  const problem = async (response: Response): Promise<unknown[]> => [response.status, ((await response.json()) as { code: string }).code];

  describe('played through the API', () => {
    it('are what they are there, whole, by range, not again, and gone', async () => {
      const whole = await get('000000.ts');
      expect(
        Object.fromEntries(
          ['content-type', 'content-length', 'accept-ranges', 'cache-control', 'x-content-type-options'].map((name) => [
            name,
            whole.headers.get(name),
          ]),
        ),
      ).toEqual({
        'content-type': 'video/mp2t',
        'content-length': '5000',
        'accept-ranges': 'bytes',
        'cache-control': 'private, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      });
      expect(Buffer.from(await whole.arrayBuffer()).equals(BYTES)).toBe(true);
      const etag = whole.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[^"]+"$/);
      expect((await get('000000.ts', { 'if-none-match': etag })).status).toBe(304);
      const part = await get('000000.ts', { range: 'bytes=-10', 'if-range': etag });
      expect([part.status, part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([
        206,
        'bytes 4990-4999/5000',
        '10',
      ]);
      expect(Buffer.from(await part.arrayBuffer()).equals(BYTES.subarray(4990))).toBe(true);
      const head = await get('000000.ts', {}, 'HEAD');
      expect([head.status, head.headers.get('content-length'), (await head.arrayBuffer()).byteLength]).toEqual([200, '5000', 0]);
      const outside = await get('000000.ts', { range: 'bytes=5000-' });
      expect([outside.headers.get('content-range'), ...(await problem(outside))]).toEqual([
        'bytes */5000',
        416,
        'VD_API_RANGE_UNSATISFIABLE',
      ]);
      expect(await problem(await get('000404.ts'))).toEqual([404, 'VD_API_NOT_FOUND']);
      expect(await problem(await get('000000.ts', {}, 'GET', randomUUID()))).toEqual([404, 'VD_API_NOT_FOUND']);
    });

    it('need a sign-in as any other, and are never handed over to nginx, which does not have them', async () => {
      expect((await api.call('GET', `/streaming/${streamId}/${epochId}/000000.ts`)).status).toBe(401);
      const response = await get('000000.ts', { 'x-vedette-media': 'x-accel-redirect' });
      expect([response.status, response.headers.get('x-accel-redirect')]).toEqual([200, null]);
      expect((await response.arrayBuffer()).byteLength).toBe(5_000);
      mkdirSync(join(api.config.mediaDir, streamId, epochId), { recursive: true });
      writeFileSync(join(api.config.mediaDir, streamId, epochId, '000007.ts'), BYTES);
      const here = await get('000007.ts', { 'x-vedette-media': 'x-accel-redirect' });
      expect(here.headers.get('x-accel-redirect')).toBe(`/_media/${streamId}/${epochId}/000007.ts`);
    });

    it('come through whole where they are large and the player is slow', async () => {
      const large = Buffer.alloc(24 * 1024 * 1024, BYTES);
      put('000001.ts', large);
      const response = await get('000001.ts');
      const reader = response.body!.getReader();
      let sizeBytes = 0;
      for (let chunks = 0; ; chunks += 1) {
        const { done, value } = await reader.read();
        if (done) break;
        expect(Buffer.from(value).equals(large.subarray(sizeBytes, sizeBytes + value.length))).toBe(true);
        sizeBytes += value.length;
        if (chunks % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(sizeBytes).toBe(large.length);
    });
  });

  describe('by signed address', () => {
    const signed = async (file: string): Promise<string> => api.app.get(SegmentSigner).sign(`${streamId}/${epochId}/${file}`, 60_000);

    it('are given by the API without a sign-in, from its own folder or the other, private streams too', async () => {
      await api.sql.query('UPDATE streams SET private = true WHERE id = $1', [streamId]);
      for (const file of ['000000.ts', '000007.ts']) {
        const address = await signed(file);
        for (const method of ['GET', 'HEAD']) expect((await api.call(method, address)).status).toBe(200);
        expect(await problem(await api.call('GET', address.replace(file, '000001.ts')))).toEqual([403, 'VD_MEDIA_ADDRESS_INVALID']);
        expect(await problem(await api.call('GET', await signed('000404.ts')))).toEqual([404, 'VD_MEDIA_SEGMENT_GONE']);
        expect(await problem(await api.call('GET', `${address}x`, { cookie }))).toEqual([403, 'VD_MEDIA_ADDRESS_INVALID']);
      }
      await api.sql.query('UPDATE streams SET private = false WHERE id = $1', [streamId]);
    });

    it('open nothing else', async () => {
      const query = (await signed('000000.ts')).split('?')[1];
      for (const path of [
        `/streaming/${streamId}/live.m3u8`,
        `/streaming/${streamId}/${epochId}/index.m3u8`,
        '/api/streams',
        `/api/streams/${streamId}`,
      ]) {
        expect((await api.call('GET', `${path}?${query}`)).status).toBe(401);
      }
    });
  });

  describe('when the other machine misbehaves', () => {
    let odd: Server;
    let answer: RequestListener;
    let oddEpoch: string;
    beforeAll(async () => {
      odd = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
      await once(odd, 'listening');
      const id = randomUUID();
      await publish(id, `http://127.0.0.1:${(odd.address() as AddressInfo).port}`);
      oddEpoch = await seed.epoch(streamId, { ordinal: 1, nodeId: id });
    });
    afterAll(() => {
      odd.closeAllConnections();
      odd.close();
    });
    const ask = (headers: Record<string, string> = {}): Promise<Response> => get('000000.ts', headers, 'GET', oddEpoch);

    it.each<[string, RequestListener, number, string]>([
      ['an answer that never comes', () => undefined, 503, 'VD_MEDIA_NODE_AWAY'],
      ['a connection that breaks', (request) => request.socket.destroy(), 503, 'VD_MEDIA_NODE_AWAY'],
      ['an error', (_, response) => response.writeHead(500).end('x'), 503, 'VD_MEDIA_NODE_AWAY'],
      ['a redirect', (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(), 502, 'VD_MEDIA_FETCH_FAILED'],
      [
        'a page of another server',
        (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>'),
        502,
        'VD_MEDIA_FETCH_FAILED',
      ],
      ['a refusal', (_, response) => response.writeHead(403).end(), 502, 'VD_MEDIA_FETCH_FAILED'],
      [
        'something encoded',
        (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
        502,
        'VD_MEDIA_FETCH_FAILED',
      ],
      ['a loop', (_, response) => response.writeHead(508).end(), 508, 'VD_MEDIA_LOOP'],
    ])('tells of %s by a code', async (_, listener, status, code) => {
      answer = listener;
      expect(await problem(await ask())).toEqual([status, code]);
    });

    it('sends a request on once: not back to where it came from', async () => {
      let hops: unknown;
      answer = (request, response) => {
        hops = request.headers['x-vedette-hop'];
        // It is an API that does not have it either, and asks this one.
        void fetch(`${api.url}${request.url}`, { headers: { 'x-vedette-hop': '1' } }).then(async (back) =>
          response.writeHead(back.status).end(await back.text()),
        );
      };
      expect(await problem(await ask())).toEqual([508, 'VD_MEDIA_LOOP']);
      expect(hops).toBe('1');
    });

    it('passes on neither foreign headers nor its own credentials', async () => {
      let headers: Record<string, unknown> = {};
      answer = (request, response) => {
        headers = request.headers;
        response
          .writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b', 'x-accel-redirect': '/_media/x', 'content-length': '3' })
          .end('<p>');
      };
      const response = await ask({ authorization: 'Bearer secret', 'x-forwarded-for': '1.2.3.4' });
      expect([headers['cookie'], headers['authorization'], headers['x-forwarded-for']]).toEqual([undefined, undefined, undefined]);
      expect([response.headers.get('content-type'), response.headers.get('set-cookie'), response.headers.get('x-accel-redirect')]).toEqual([
        'video/mp2t',
        null,
        null,
      ]);
    });

    it('lets the other machine go when the player leaves', async () => {
      const closed = Promise.withResolvers<void>();
      answer = (_, response) => {
        response.on('close', closed.resolve);
        response.writeHead(200, { 'content-length': '100000000' }).write(Buffer.alloc(100_000));
      };
      const cut = new AbortController();
      const response = await fetch(`${api.url}/streaming/${streamId}/${oddEpoch}/000000.ts`, { headers: { cookie }, signal: cut.signal });
      expect(response.status).toBe(200);
      cut.abort();
      await closed.promise;
    });

    it('does not pass off a part as the whole', async () => {
      answer = (_, response) =>
        response.writeHead(200, { 'content-length': '1000' }).write('half', () => setImmediate(() => response.destroy()));
      const response = await ask();
      await expect(response.arrayBuffer()).rejects.toThrow();
    });

    it('says what to set where no address is known', async () => {
      const silent = randomUUID();
      await publish(silent, null);
      const epoch = await seed.epoch(streamId, { ordinal: 2, nodeId: silent });
      const response = await get('000000.ts', {}, 'GET', epoch);
      expect([response.status, await response.json()]).toEqual([
        503,
        expect.objectContaining({ code: 'VD_MEDIA_NO_URL', fix: expect.stringContaining('media.listen') as string }),
      ]);
    });
  });

  describe('for a worker with an empty media folder', () => {
    it('become files of its own, and tell when they are gone', async () => {
      const files = api.app.get(SegmentFiles);
      const path = `${streamId}/${epochId}/000000.ts`;
      const signal = AbortSignal.timeout(10_000);
      expect(await files.isGone({ path, nodeId, sizeBytes: 5_000 })).toBe(false);
      const held = await files.obtain({ path, nodeId, sizeBytes: 5_000 }, signal);
      expect(held.root.startsWith(join(api.config.dataDir, 'segment-cache'))).toBe(true);
      expect(dirname(join(held.root, path))).toContain(epochId);
      held.release();
      await expect(files.obtain({ path: path.replace('000000', '000099'), nodeId, sizeBytes: 1 }, signal)).rejects.toMatchObject({
        code: 'VD_MEDIA_SEGMENT_GONE',
      });
    });

    it('go on after the key was replaced', async () => {
      await api.sql.query(`UPDATE secrets SET value = decode(repeat('cd', 32), 'hex')`);
      const other = new MediaServer({
        mediaDir: folder,
        listen: { host: '127.0.0.1', port: 0 },
        signer: new SegmentSigner(new MediaKey({ read: async () => Buffer.alloc(32, 0xcd) })),
        logger: new SilentLogger(),
      });
      const id = randomUUID();
      await publish(id, `http://127.0.0.1:${await other.start()}`);
      const path = `${streamId}/${epochId}/000001.ts`;
      // The key is looked up at most every few seconds, whoever provoked it.
      await until('the new key to be known', async () =>
        api.app
          .get(SegmentFiles)
          .obtain({ path, nodeId: id, sizeBytes: 24 * 1024 * 1024 }, AbortSignal.timeout(10_000), true)
          .then(
            ({ release }) => (release(), true),
            () => false,
          ),
      );
      await other.stop();
    });
  });
});

describe('media folders of other machines', () => {
  it('count for health while they run', async () => {
    const api = await ApiApp.start();
    await api.sql.query(
      `INSERT INTO instances (id, role, host, pid, version) VALUES ('i', 'ingest', 'h', 1, '1'), ('w', 'worker', 'h', 2, '1')`,
    );
    const nodes = api.app.get(MediaNodes, { strict: false });
    const health = async (): Promise<unknown> => ((await (await api.call('GET', '/api/health')).json()) as { reasons: unknown }).reasons;
    const node = { id: randomUUID(), name: 'cam-1', url: null, host: 'cam-1' };
    expect(await health()).toEqual([]);
    await nodes.publish({ ...node, freeBytes: 7 * 1024 ** 2, writeFault: null });
    // Little room is told before there is none.
    const cookie = await api.signIn();
    const problems = async (): Promise<string[]> =>
      ((await (await api.call('GET', '/api/system', { cookie })).json()) as { problems: string[] }).problems;
    expect(await health()).toEqual(['media-disk-low']);
    expect(await problems()).toContainEqual(expect.stringContaining('cam-1 has 7 MiB left'));
    await nodes.publish({ ...node, freeBytes: 5e12, writeFault: 'EROFS: read-only file system' });
    expect(await health()).toEqual(['media-unwritable']);
    expect(await problems()).toContainEqual('The media folder of cam-1 cannot be written to: EROFS: read-only file system');
    await nodes.withdraw(node.id);
    expect(await health()).toEqual([]);
    await api.stop();
  });
});
