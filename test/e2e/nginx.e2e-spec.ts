import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serverMessage, type ServerMessage } from '../../src/core/wire/wire.js';
import { MediaServer } from '../../src/core/media/server/media-server.js';
import { SegmentSigner } from '../../src/core/media/store/segment-signer.js';
import { MediaNodes } from '../../src/core/persistence/media/media-nodes.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { ApiApp, cookieOf } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { readPlaylist } from '../support/media/hls-conformance.js';
import { MAX_MODEL_BYTES } from '../../src/core/inference/model-file.js';
import { MAX_IMAGE_BYTES } from '../../src/core/references/reader/reader-protocol.js';
import { Nginx } from './support/nginx.js';
import { waitFor } from './support/wait-for.js';

describe('nginx in front', () => {
  let api: ApiApp;
  let nginx: Nginx;
  let url: string;
  let cookie: string;
  let streamId: string;
  let epochId: string;
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));

  beforeAll(async () => {
    api = await ApiApp.start({ api: { trustProxy: ['loopback'] } });
    nginx = await Nginx.start({ file: 'nginx.conf', apiUrl: api.url, mediaDir: api.config.mediaDir });
    url = nginx.url;

    const seed = new LedgerSeed(api.sql);
    streamId = await seed.stream();
    epochId = await seed.epoch(streamId);
    await seed.segment(streamId, epochId, 0);
    const media = join(api.config.mediaDir, streamId, epochId);
    // As ingest writes it: for its account and its group, and nobody else's.
    for (const path of [api.config.mediaDir, join(media, '..'), media]) {
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o750);
    }
    writeFileSync(join(media, '000000.ts'), bytes);
    chmodSync(join(media, '000000.ts'), 0o640);
    writeFileSync(join(nginx.folder, 'secret.ts'), 'SECRET');
    symlinkSync(join(nginx.folder, 'secret.ts'), join(media, '000001.ts'));

    const { token } = await api.admin.issueOneTimeToken();
    const signedIn = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, 'x-forwarded-for': '203.0.113.7' },
      body: JSON.stringify({ token }),
    });
    expect(signedIn.status).toBe(200);
    cookie = cookieOf(signedIn);
  }, 60_000);

  afterAll(async () => {
    nginx?.stop();
    await api?.stop();
  });

  it('serves the dashboard with its security headers', async () => {
    for (const path of ['/', '/streams/x']) {
      const page = await fetch(url + path);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(await page.text()).toContain('<vd-root ngCspNonce=');
    }
    expect((await fetch(`${url}/main-ABCD1234.js`)).headers.get('cache-control')).toContain('immutable');
  });

  it('serves REST, knows same-origin pages from others, and sees who asks', async () => {
    const post = (origin: string) =>
      fetch(`${url}/api/tokens`, {
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'x', role: 'viewer' }),
      });
    expect((await post(url)).status).toBe(201);
    expect((await post('https://evil.example')).status).toBe(403);
    const missing = await fetch(`${url}/api/nothing`, { headers: { cookie } });
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8']);
    const { rows } = await api.sql.query<{ address: string }>(
      `SELECT address FROM audit WHERE action = 'session.open' ORDER BY id DESC LIMIT 1`,
    );
    expect(rows[0]?.address).toBe('127.0.0.1'); // not the one the client claimed
  });

  it('marks the cookie Secure behind TLS', async () => {
    const { token } = await api.admin.issueOneTimeToken();
    const signedIn = await api.call('POST', '/api/session', { body: { token }, headers: { 'x-forwarded-proto': 'https' } });
    expect(signedIn.headers.getSetCookie()[0]).toContain('Secure');
  });

  it('carries live messages', async () => {
    const messages: ServerMessage[] = [];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { cookie, origin: url } });
    socket.on('message', (data) => messages.push(serverMessage.parse(JSON.parse(String(data)))));
    try {
      await waitFor('the greeting', () => messages.some((message) => message.type === 'hello'));
      socket.send(JSON.stringify({ type: 'subscribe', topics: ['streams', `stream:${streamId}`] }));
      await waitFor('the subscription', () => messages.some((message) => message.type === 'subscribed'));
      await new LedgerSeed(api.sql).segment(streamId, epochId, 2);
      await waitFor('the segment', () => messages.some((message) => message.type === 'segment.ready'));
    } finally {
      socket.terminate();
    }
    const foreign = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { cookie, origin: 'https://evil.example' } });
    const code = await new Promise((resolve) => foreign.once('close', resolve));
    expect(code).toBe(4403);
  });

  it('passes on segments that another machine has, and signed addresses', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'vedette-elsewhere-'));
    const signer = api.app.get(SegmentSigner);
    const server = new MediaServer({ mediaDir: elsewhere, listen: { host: '127.0.0.1', port: 0 }, signer, logger: new SilentLogger() });
    const node = { id: randomUUID(), name: 'other', host: 'other', freeBytes: null, writeFault: null };
    await api.app.get(MediaNodes, { strict: false }).publish({ ...node, url: `http://127.0.0.1:${await server.start()}` });
    const epoch = await new LedgerSeed(api.sql).epoch(streamId, { ordinal: 7, nodeId: node.id });
    mkdirSync(join(elsewhere, streamId, epoch), { recursive: true });
    writeFileSync(join(elsewhere, streamId, epoch, '000000.ts'), bytes);
    const path = `${streamId}/${epoch}/000000.ts`;
    const part = await fetch(`${url}/streaming/${path}`, { headers: { cookie, range: 'bytes=100-199' } });
    expect([part.status, part.headers.get('content-range'), part.headers.get('cache-control')]).toEqual([
      206,
      'bytes 100-199/100000',
      'private, max-age=31536000, immutable',
    ]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);
    for (const one of [path, `${streamId}/${epochId}/000000.ts`]) {
      const whole = await fetch(url + (await signer.sign(one, 60_000)));
      expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect((await fetch(`${url}/streaming/${path}`)).status).toBe(401);
    await server.stop();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it('serves HLS: playlists from Vedette, segments from the folder, to those who may', async () => {
    const playlist = await fetch(`${url}/streaming/${streamId}/live.m3u8`, { headers: { cookie } });
    expect([playlist.status, playlist.headers.get('content-type'), playlist.headers.get('cache-control')]).toEqual([
      200,
      'application/vnd.apple.mpegurl',
      'no-store',
    ]);
    expect(readPlaylist(await playlist.text()).segments[0]?.uri).toBe(`${epochId}/000000.ts`);

    const segment = `${url}/streaming/${streamId}/${epochId}/000000.ts`;
    const whole = await fetch(segment, { headers: { cookie } });
    expect(['content-type', 'cache-control', 'x-accel-redirect', 'x-content-type-options'].map((name) => whole.headers.get(name))).toEqual([
      'video/mp2t',
      'private, max-age=31536000, immutable',
      null,
      'nosniff',
    ]);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await fetch(segment, { headers: { cookie, range: 'bytes=100-199' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/100000']);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);

    expect((await fetch(segment)).status).toBe(401);
    expect((await fetch(`${url}/_media/${streamId}/${epochId}/000000.ts`, { headers: { cookie } })).status).toBe(404);
    expect((await fetch(segment.replace('000000', '000001'), { headers: { cookie } })).status).toBe(404);
    expect((await fetch(`${url}/streaming/${streamId}/${epochId}/..%2f..%2fsecret.ts`, { headers: { cookie } })).status).toBe(400);
  });

  /** Status, and the code where it is Vedette that answers. */
  const answerOf = async (response: Response): Promise<[number, string | undefined]> => {
    const isOurs = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    return [response.status, isOurs ? ((await response.json()) as { code: string }).code : undefined];
  };

  it('lets through the largest picture that Vedette takes, and has Vedette say what is too large', async () => {
    const created = await api.call('POST', '/api/brands', { cookie, body: { name: 'Large' } });
    const { id } = (await created.json()) as { id: string };
    const send = (sizeBytes: number) =>
      fetch(`${url}/api/brands/${id}/references`, {
        method: 'POST',
        headers: { cookie, origin: url, 'content-type': 'image/png' },
        body: new Uint8Array(sizeBytes),
      });
    expect(await answerOf(await send(MAX_IMAGE_BYTES))).toEqual([422, 'VD_BRAND_IMAGE_UNREADABLE']);
    expect(await answerOf(await send(MAX_IMAGE_BYTES + 1))).toEqual([413, 'VD_BRAND_IMAGE_TOO_LARGE']);
    const json = await fetch(`${url}/api/streams`, {
      method: 'POST',
      headers: { cookie, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x'.repeat(256 * 1024) }),
    });
    expect(await answerOf(json)).toEqual([413, 'VD_API_TOO_LARGE']);
  });

  it('lets the largest model file through as it comes, and refuses a larger one before it does', async () => {
    /** What is answered to the announcement of so many bytes, of which only the first are sent. */
    const announce = (sizeBytes: number): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sending = request(`${url}/api/models/large/file`, {
          method: 'PUT',
          headers: { 'content-type': 'application/octet-stream', 'content-length': sizeBytes },
        });
        sending.on('response', ({ statusCode }) => {
          resolve(statusCode);
          sending.destroy();
        });
        sending.on('error', reject);
        sending.write(Buffer.alloc(1024));
      });
    // Nobody is signed in: it is Vedette that says so.
    expect(await announce(MAX_MODEL_BYTES)).toBe(401);
    expect(await announce(MAX_MODEL_BYTES + 2 * 1024 ** 2)).toBe(413);
  });

  it('refuses bodies that are too large for either', async () => {
    const response = await fetch(`${url}/api/streams`, {
      method: 'POST',
      headers: { cookie, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x'.repeat(400_000) }),
    });
    expect(response.status).toBe(413);
  });
});
