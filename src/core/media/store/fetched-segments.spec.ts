import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownIdentity } from '../media-folder-identity.js';
import { FetchedSegments, type FetchedSegmentsOptions } from './fetched-segments.js';
import type { SegmentAddresses } from './segment-addresses.js';
import { SegmentCache } from './segment-cache.js';
import type { StoredSegment } from './segment-files.js';

const nodeId = randomUUID();
const epoch = `${randomUUID()}/${randomUUID()}`;
const pathOf = (sequence: number): string => `${epoch}/${String(sequence).padStart(6, '0')}.ts`;
const BYTES = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
const segment: StoredSegment = { path: pathOf(0), nodeId, sizeBytes: BYTES.length };
const GONE = JSON.stringify({ code: 'VD_MEDIA_SEGMENT_GONE' });
const PROBLEM = { 'content-type': 'application/problem+json; charset=utf-8' };

let folder: string;
let mediaDir: string;
let cache: SegmentCache;
let server: Server;
let url: string;
let asked: string[];
let answer: RequestListener;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-fetched-'));
  mediaDir = join(folder, 'media');
  await mkdir(mediaDir);
  cache = new SegmentCache(join(folder, 'cache'), 1_000_000);
  asked = [];
  answer = (_, response) => response.end(BYTES);
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Machine extends FetchedSegmentsOptions {
  readonly cache: SegmentCache;
  readonly addresses: Pick<SegmentAddresses, 'sign' | 'refused'>;
}

/** Of a machine with a database, unless told otherwise. */
function segments(given: Partial<Machine> = {}): FetchedSegments {
  const addresses = { sign: async ({ path }: { path: string }) => `${url}/streaming/${path}?signed`, refused: async () => undefined };
  const machine = { mediaDir, cache, timeoutMs: 5_000, ownNode: () => knownIdentity(mediaDir), addresses, ...given };
  return new FetchedSegments(machine, machine.cache, machine.addresses);
}
const obtain = (of: StoredSegment = segment, from = segments()) => from.obtain(of, new AbortController().signal);
async function put(path: string): Promise<void> {
  await mkdir(dirname(join(mediaDir, path)), { recursive: true });
  await writeFile(join(mediaDir, path), BYTES);
}
const own = (): Promise<void> => writeFile(join(mediaDir, '.ingest-id'), `${nodeId}\n`);
const failed = { code: 'VD_MEDIA_FETCH_FAILED', retryable: true };
const away = { code: 'VD_MEDIA_NODE_AWAY', retryable: true };

describe(FetchedSegments.name, () => {
  it('uses the file where it is here, whoever wrote it', async () => {
    await put(segment.path);
    expect((await obtain()).root).toBe(mediaDir);
    expect(asked).toEqual([]);
  });

  it('knows that a segment is gone by its own folder only, and only while that is there', async () => {
    expect(await segments().isGone(segment)).toBe(false);
    await own();
    expect(await segments().isGone(segment)).toBe(true);
    await expect(obtain()).rejects.toMatchObject({ code: 'VD_MEDIA_SEGMENT_GONE' });
    expect(await segments().isGone({ ...segment, nodeId: randomUUID() })).toBe(false);
    await put(segment.path);
    expect(await segments().isGone(segment)).toBe(false);
    await rm(mediaDir, { recursive: true }); // the disk was unmounted
    expect(await segments().isGone(segment)).toBe(false);
    expect(asked).toEqual([]);
  });

  it('fetches what another machine has, once, and keeps it', async () => {
    const from = segments();
    const held = await Promise.all(Array.from({ length: 20 }, () => obtain(segment, from)));
    expect(asked).toEqual([`/streaming/${segment.path}?signed`]);
    expect(held[0]?.root).toBe(cache.root);
    expect((await readFile(join(cache.root, segment.path))).equals(BYTES)).toBe(true);
    expect(readdirSync(cache.root)).toEqual([segment.path.slice(0, 36)]);
  });

  it('brings the segment before, once, for the end of its sound', async () => {
    const from = segments();
    const held = await obtain({ ...segment, path: pathOf(7) }, from);
    expect(existsSync(join(held.root, pathOf(6)))).toBe(true);
    await obtain({ ...segment, path: pathOf(8) }, from);
    expect(asked.map((at) => /(\d{6})\.ts/.exec(at)?.[1]).sort()).toEqual(['000006', '000007', '000008']);
  });

  it('does without the segment before where it is gone', async () => {
    answer = (request, response) => (request.url!.includes('000006') ? response.writeHead(404, PROBLEM).end(GONE) : response.end(BYTES));
    const held = await obtain({ ...segment, path: pathOf(7) });
    expect([existsSync(join(held.root, pathOf(7))), existsSync(join(held.root, pathOf(6)))]).toEqual([true, false]);
  });

  it('brings what stands before the fragments of fMP4, and cannot do without', async () => {
    const [path, initialization] = [`${epoch}/000000.m4s`, `${epoch}/init.mp4`];
    const held = await segments().obtain({ ...segment, path }, AbortSignal.timeout(5_000));
    expect(asked.sort()).toEqual([`/streaming/${path}?signed`, `/streaming/${initialization}?signed`]);
    expect(await readFile(join(held.root, initialization))).toEqual(BYTES);
    held.release();
    const elsewhere = segments({ cache: new SegmentCache(join(folder, 'other'), 1_000_000) });
    answer = (request, response) => (request.url?.includes('init') ? response.writeHead(404, PROBLEM).end(GONE) : response.end(BYTES));
    await expect(elsewhere.obtain({ ...segment, path }, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: 'VD_MEDIA_SEGMENT_GONE',
    });
  });

  it('without a database takes what came with an address, and nothing else', async () => {
    const from = new FetchedSegments({ mediaDir, timeoutMs: 5_000, ownNode: () => knownIdentity(mediaDir) }, cache);
    await expect(obtain(segment, from)).rejects.toMatchObject({ code: 'VD_MEDIA_NO_URL' });
    await obtain({ ...segment, path: pathOf(4), url: `${url}/four`, urlBefore: `${url}/three` }, from);
    await obtain({ ...segment, path: pathOf(9), url: `${url}/nine` }, from);
    expect(asked.sort()).toEqual(['/four', '/nine', '/three']);
  });

  it.each(['../../../outside.ts', `${epoch}/../../x`, 'x'])(
    'writes nowhere but into its cache, whatever the job says: %s',
    async (path) => {
      await expect(obtain({ ...segment, path, url })).rejects.toMatchObject({ code: 'VD_MEDIA_ADDRESS_INVALID' });
      expect(asked).toEqual([]);
    },
  );

  it.each([410, 404])('is told by %i that a segment is gone', async (status) => {
    answer = (_, response) => response.writeHead(status, PROBLEM).end(GONE);
    await expect(obtain()).rejects.toMatchObject({ code: 'VD_MEDIA_SEGMENT_GONE', retryable: false });
  });

  it.each<[string, RequestListener]>([
    ['a page of another server', (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>')],
    [
      'a path that no server of ours has',
      (_, response) => response.writeHead(404, PROBLEM).end(JSON.stringify({ code: 'VD_API_NOT_FOUND' })),
    ],
    ['a problem that is none', (_, response) => response.writeHead(404, PROBLEM).end('{"code":')],
    ['a problem without end', (_, response) => void response.writeHead(404, PROBLEM).write(' '.repeat(20_000))],
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
    ['too few bytes', (_, response) => response.end(BYTES.subarray(1))],
    ['too many bytes', (_, response) => response.end(Buffer.concat([BYTES, BYTES]))],
    ['bytes without end', (_, response) => void response.on('error', () => undefined).write(Buffer.alloc(2 ** 20))],
    ['a part', (_, response) => response.writeHead(206).end(BYTES)],
    ['nothing', (_, response) => response.writeHead(204).end()],
  ])('fails for %s, at once and leaving nothing', async (_, listener) => {
    answer = listener;
    await expect(obtain()).rejects.toMatchObject(failed);
    expect(asked).toHaveLength(1);
    expect(readdirSync(cache.root)).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ['a connection that breaks', (request) => request.socket.destroy()],
    [
      'an answer that is cut off',
      (_, response) =>
        void response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 5_000), () => response.destroy()),
    ],
    ['a busy server', (_, response) => response.writeHead(503).end()],
  ])('tries again after %s', async (_, listener) => {
    answer = (request, response) => (asked.length < 3 ? listener(request, response) : response.end(BYTES));
    await obtain();
    expect((await readFile(join(cache.root, segment.path))).equals(BYTES)).toBe(true);
    expect(asked).toEqual([1, 2, 3].map(() => `/streaming/${segment.path}?signed`));
  });

  it.each<[string, RequestListener]>([
    ['a server that never answers', () => undefined],
    [
      'one that never comes to its end',
      (_, response) => void response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 100)),
    ],
  ])('gives %s two times the time-out', async (_, listener) => {
    answer = listener;
    await expect(obtain(segment, segments({ timeoutMs: 150 }))).rejects.toMatchObject({
      ...away,
      message: expect.stringContaining('took longer than 150 ms') as string,
    });
    expect(asked).toHaveLength(2);
  });

  it('says where nobody answers, without the signature', async () => {
    server.close();
    await expect(obtain()).rejects.toMatchObject({
      ...away,
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/streaming\/[^?]*: fetch failed: .*ECONNREFUSED/) as string,
    });
  });

  it('signs anew when its signature is refused, once', async () => {
    let renewals = 0;
    const addresses = {
      sign: async ({ path }: { path: string }) => `${url}/${path}?key=${renewals}`,
      refused: async () => void (renewals += 1),
    };
    answer = (request, response) => (request.url!.endsWith('key=1') ? response.end(BYTES) : response.writeHead(403, PROBLEM).end('{}'));
    await obtain(segment, segments({ addresses }));
    expect(renewals).toBe(1);
    answer = (_, response) => response.writeHead(403, PROBLEM).end(JSON.stringify({ code: 'VD_MEDIA_ADDRESS_EXPIRED' }));
    const refused = obtain({ ...segment, path: `${randomUUID()}/${randomUUID()}/000000.ts` }, segments({ addresses }));
    await expect(refused).rejects.toMatchObject({ ...failed, message: expect.stringContaining('VD_MEDIA_ADDRESS_EXPIRED') as string });
    expect(renewals).toBe(2);
  });

  it('leaves off when the job is called off', async () => {
    const called = new AbortController();
    const gone = Promise.withResolvers<void>();
    answer = (_, response) => {
      response.on('close', gone.resolve);
      called.abort();
    };
    await expect(segments().obtain(segment, called.signal)).rejects.toMatchObject(failed);
    await gone.promise;
  });

  it.each(['ftp://127.0.0.1/x', 'file:///etc/passwd', 'data:,x', 'http://user:secret@127.0.0.1/x', 'nonsense'])(
    'does not fetch %s',
    async (bad) => {
      const error = await obtain({ ...segment, url: bad }).catch((caught: unknown) => caught);
      expect(error).toMatchObject(failed);
      expect(String(error)).not.toContain('secret');
    },
  );

  it('fetches again what was evicted', async () => {
    cache = new SegmentCache(join(folder, 'small'), 1);
    const from = segments({ cache });
    (await obtain(segment, from)).release();
    expect(existsSync(join(cache.root, segment.path))).toBe(false);
    await obtain(segment, from);
    expect(asked).toHaveLength(2);
    await unlink(join(cache.root, segment.path));
  });
});
