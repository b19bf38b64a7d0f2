import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
import { freePort } from '../../src/core/persistence/embedded/free-port.js';
import { waitFor } from './support/wait-for.js';

const SITE = readFileSync(new URL('../../deploy/nginx.conf', import.meta.url), 'utf8');

/** The deployed site file with its "adjust" lines adjusted, inside the least of an nginx.conf. */
function configuration(folder: string, options: { port: number; apiPort: string; mediaDir: string }): string {
  const adjusted = [
    ['server 127.0.0.1:8080;', `server 127.0.0.1:${options.apiPort};`],
    ['listen 80;', `listen 127.0.0.1:${options.port};`],
    ['alias /srv/vedette/media/;', `alias ${options.mediaDir}/;`],
  ] as const;
  let site = SITE;
  for (const [from, to] of adjusted) {
    expect(site.split(from)).toHaveLength(2);
    site = site.replace(from, to);
  }
  writeFileSync(join(folder, 'site.conf'), site);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
  // As deploy/README.md says: nginx' own user, in the group that media belongs to.
  const user = process.getuid?.() === 0 ? 'user www-data root;' : '';
  const path = join(folder, 'nginx.conf');
  writeFileSync(
    path,
    `${user} daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
     http { access_log off; ${temporary} include ${folder}/site.conf; }`,
  );
  return path;
}

describe('nginx in front', () => {
  let api: ApiApp;
  let nginx: ChildProcess;
  let folder: string;
  let url: string;
  let cookie: string;
  let streamId: string;
  let epochId: string;
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));

  beforeAll(async () => {
    api = await ApiApp.start({ api: { trustProxy: ['loopback'] } });
    folder = mkdtempSync(join(tmpdir(), 'vedette-nginx-'));
    // As folders of a machine are: others may pass through.
    for (const path of [folder, join(api.config.mediaDir, '..')]) chmodSync(path, 0o711);
    const port = await freePort();
    const path = configuration(folder, { port, apiPort: new URL(api.url).port, mediaDir: api.config.mediaDir });
    const checked = spawnSync('nginx', ['-t', '-p', folder, '-c', path], { encoding: 'utf8' });
    if (checked.error !== undefined)
      throw new Error('nginx is needed for this test: apt-get install nginx-light', { cause: checked.error });
    expect(checked.stderr).toContain('test is successful');
    nginx = spawn('nginx', ['-p', folder, '-c', path], { stdio: 'ignore' });
    url = `http://127.0.0.1:${port}`;
    await waitFor('nginx to answer', async () => (await fetch(`${url}/api/health`)).status === 503);

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
    writeFileSync(join(folder, 'secret.ts'), 'SECRET');
    symlinkSync(join(folder, 'secret.ts'), join(media, '000001.ts'));

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
    nginx?.kill('SIGTERM');
    await api?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('serves the dashboard with its security headers', async () => {
    for (const path of ['/', '/streams/x']) {
      const page = await fetch(url + path);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(await page.text()).toContain('<vd-root>');
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
    const node = { id: randomUUID(), name: 'other', host: 'other', freeBytes: null };
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

  it('refuses bodies that are too large', async () => {
    const response = await fetch(`${url}/api/streams`, {
      method: 'POST',
      headers: { cookie, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x'.repeat(300_000) }),
    });
    expect(response.status).toBe(413);
  });
});
