import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BrowserSource, browserSource } from '../../src/adapters/browser/browser-source.js';
import { browserConfigSchema, type BrowserConfig } from '../../src/adapters/browser/config.js';
import type { PageListener } from '../../src/adapters/browser/page-listener.js';
import { webcamSource } from '../../src/adapters/webcam/webcam-source.js';
import { PagePermits } from '../../src/core/persistence/access/page-permits.js';
import { Database } from '../../src/core/persistence/database.js';
import { SharedSecrets } from '../../src/core/persistence/media/shared-secrets.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { PAGE_HEADER, PAGE_PROTOCOL, PERMIT_HEADER } from '../../src/core/plugin-api/index.js';
import { PluginRegistry, type RegisteredSource } from '../../src/core/plugin-host/plugin-registry.js';
import { StreamPageGate } from '../../src/core/streams/stream-page-gate.js';
import { sourceDevicesWire, type SourceAdapterWire } from '../../src/core/wire/sources.wire.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { ApiApp } from '../support/api-app.js';
import { PageSocket } from '../support/api/page-socket.js';
import { sourceOf } from '../support/fakes/fake-plugin-registry.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { makeClip } from '../support/media/ffmpeg.js';
import { TestIngestNode } from './support/ingest-node.js';

const MKV = 'video/x-matroska;codecs=avc1,opus';
const [SECONDS, FPS] = [3, 20];

describe('pages that publish', () => {
  let api: ApiApp;
  let node: TestIngestNode;
  let permits: PagePermits;
  let gate: StreamPageGate;
  let listener: PageListener;
  let cookie: string;
  let folder: string;
  let clip: Buffer;
  let name: string;
  const sockets: PageSocket[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vedette-pages-'));
    const file = join(folder, 'recorded.mkv');
    await makeClip(file, { seconds: SECONDS, fps: FPS, gopFrames: FPS, bFrames: 0, extra: ['-c:a', 'libopus'] });
    clip = readFileSync(file);
    api = await ApiApp.start();
    (api.app.get(PluginRegistry).sources as RegisteredSource[]).push(sourceOf(browserSource));
    // The tests open listeners themselves.
    const idle = { open: async () => ({ stop: async () => undefined, done: new Promise<never>(() => undefined) }) };
    const sources = [{ ...browserSource, create: () => idle }];
    node = await TestIngestNode.start({ databaseUrl: api.database.url, name: 'studio', sources });
    permits = new PagePermits(new SharedSecrets(api.app.get(Database)));
    gate = new StreamPageGate(permits, node.gate, { id: node.id, name: node.name });
    cookie = await api.signIn();
  });
  afterAll(async () => {
    await node?.stop();
    await api?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    name = `cam-${randomUUID().slice(0, 8)}`;
    await listen({});
  });
  afterEach(async () => {
    for (const { socket } of sockets.splice(0)) socket.terminate();
    await listener.stop('test');
  });

  /** Opens the listener and says so in the database, as the heartbeat of its process does. */
  async function listen(config: Partial<BrowserConfig>): Promise<void> {
    const source = new BrowserSource(gate, new SilentLogger());
    listener = await source.open({ ...browserConfigSchema.parse({}), ...config }, undefined, new AbortController().signal);
    await api.sql.query('DELETE FROM instances');
    const row = [randomUUID(), hostname(), process.pid, JSON.stringify(gate.detail)];
    await api.sql.query(`INSERT INTO instances (id, role, host, pid, version, detail) VALUES ($1, 'ingest', $2, $3, 'test', $4)`, row);
  }
  async function relisten(config: Partial<BrowserConfig>): Promise<void> {
    await listener.stop('test');
    await listen(config);
  }
  const newStream = (adapterId = 'browser') => api.app.get(StreamStore).create({ name, title: name, adapterId });
  function page(message: object, headers: Record<string, string> = { cookie, origin: api.url }): PageSocket {
    const socket = new PageSocket(api.url, headers);
    sockets.push(socket);
    return socket.ask({ type: 'publish', stream: name, mimeType: MKV, ...message });
  }
  async function refusal(socket: PageSocket): Promise<string> {
    const { problem } = await socket.first('refused');
    expect(problem.fix).not.toBe('');
    await socket.closing();
    expect(socket.of('accepted')).toEqual([]);
    return problem.code;
  }
  const epochOf = async (streamId: string) => {
    const { rows } = await api.sql.query(
      `SELECT e.state, e.end_reason, e.video_codec, e.audio_codec, sum(s.frame_count)::int AS frames, sum(s.audio_frame_count)::int AS sounds
       FROM epochs e LEFT JOIN segments s ON s.epoch_id = e.id WHERE e.stream_id = $1 GROUP BY e.id ORDER BY e.started_at DESC LIMIT 1`,
      [streamId],
    );
    return rows[0] as
      { state: string; end_reason: string; video_codec: string; audio_codec: string; frames: number; sounds: number } | undefined;
  };
  const closed = (streamId: string) =>
    waitFor('the epoch to be closed', async () => {
      const epoch = await epochOf(streamId);
      return epoch?.state === 'closed' ? epoch : undefined;
    });

  it('have every frame stored, and are told so', async () => {
    const stream = await newStream();
    const socket = await page({}).record(clip);
    await socket.first('live');
    socket.ask({ type: 'end' });
    const ended = await socket.first('ended');
    expect(ended).toMatchObject({ reason: 'the page ended it', bytes: clip.length, videoFrames: SECONDS * FPS });
    expect(ended.problem).toBeUndefined();
    expect(await socket.closing()).toBe(1000);
    expect(await closed(stream.id)).toEqual({
      ...{ state: 'closed', end_reason: 'the page ended it', video_codec: 'h264', audio_codec: 'opus' },
      ...{ frames: SECONDS * FPS, sounds: ended.audioFrames },
    });
    expect((await api.app.get(StreamStore).get(stream.id))?.state).toBe('stopped');
    const { rows } = await api.sql.query(`SELECT actor, target, detail FROM audit WHERE action = 'stream.publish'`);
    expect(rows).toMatchObject([{ actor: expect.stringContaining('admin'), target: stream.id, detail: { by: 'sign-in' } }]);
  });

  it('find what they may record, and admins what cameras there are, by REST', async () => {
    const { items } = (await (await api.call('GET', '/api/sources', { cookie })).json()) as { items: SourceAdapterWire[] };
    expect(items.find(({ id }) => id === 'browser')?.pages).toMatchObject({
      path: '/ws/publish',
      mimeTypes: expect.arrayContaining([{ mimeType: MKV, isCopied: true }]),
    });
    expect(items.find(({ id }) => id === 'rtmp')?.pages).toBeNull();
    (api.app.get(PluginRegistry).sources as RegisteredSource[]).push(sourceOf({ ...webcamSource, id: 'cameras' }));
    const devices = await api.call('GET', '/api/sources/cameras/devices', { cookie });
    expect([devices.status, sourceDevicesWire.parse(await devices.json()).host]).toEqual([200, hostname()]);
    const { token } = await api.apiToken('viewer');
    const asViewer = await api.call('GET', '/api/sources/cameras/devices', { headers: { authorization: `Bearer ${token}` } });
    expect(asViewer.status).toBe(403);
    expect((await api.call('GET', '/api/sources/nothing/devices', { cookie })).status).toBe(404);
  });

  it.each([
    ['MP4 with AAC is copied', 'recorded.mp4', 'video/mp4', ['-movflags', '+frag_keyframe+empty_moov+default_base_moof']],
    ['VP8 is encoded anew', 'recorded.webm', 'video/webm;codecs=vp8,opus', ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus']],
  ])('may send other recordings: %s', async (_, file, mimeType, extra) => {
    const stream = await newStream();
    const path = join(folder, file);
    await makeClip(path, { seconds: SECONDS, fps: FPS, gopFrames: FPS, bFrames: 0, extra });
    const socket = await page({ mimeType }).record(readFileSync(path));
    await socket.first('live');
    socket.ask({ type: 'end' });
    expect((await socket.first('ended')).problem).toBeUndefined();
    expect(await closed(stream.id)).toMatchObject({ video_codec: 'h264', audio_codec: 'aac', frames: SECONDS * FPS });
  });

  it('end their epoch when they are closed, and when they are lost', async () => {
    const stream = await newStream();
    const closedPage = await page({}).record(clip);
    await closedPage.first('live');
    closedPage.socket.close(1001);
    expect((await closed(stream.id)).end_reason).toBe('the page ended it');
    const lost = await page({}).record(clip);
    await lost.first('live');
    lost.socket.terminate();
    await waitFor('the second epoch', async () => (await epochOf(stream.id))?.end_reason === 'the connection was lost');
  });

  describe('are refused', () => {
    it('without sign-in, as viewers, and from other origins', async () => {
      await newStream();
      expect(await refusal(page({}, { origin: api.url }))).toBe('VD_AUTH_REQUIRED');
      const viewer = await api.apiToken('viewer');
      expect(await refusal(page({}, { authorization: `Bearer ${viewer.token}` }))).toBe('VD_AUTH_FORBIDDEN');
      expect(await page({}, { cookie, origin: 'https://evil.example' }).closing()).toBe(4403);
    });

    it('for streams that there are not, that take other media, or that are disabled', async () => {
      expect(await refusal(page({ stream: 'nothing' }))).toBe('VD_API_NOT_FOUND');
      await newStream('webcam');
      expect(await refusal(page({}))).toBe('VD_INGEST_OTHER_SOURCE');
      name = `${name}-b`;
      const stream = await newStream();
      await api.app.get(StreamStore).update(stream.id, { enabled: false });
      expect(await refusal(page({ stream: stream.id }))).toBe('VD_INGEST_STREAM_DISABLED');
    });

    it('with a key that does not open the stream, whether it is there or not', async () => {
      const other = await newStream();
      const { key } = await api.app.get(StreamStore).createKey(other.id);
      name = `${name}-b`;
      await newStream();
      for (const stream of [name, 'nothing']) expect(await refusal(page({ stream, key }, {}))).toBe('VD_INGEST_KEY_UNKNOWN');
      expect(await refusal(page({ key: 'a-wrong-key' }, {}))).toBe('VD_INGEST_KEY_UNKNOWN');
    });

    it('for types that nobody knows', async () => {
      await newStream();
      expect(await refusal(page({ mimeType: 'video/ogg' }))).toBe('VD_BROWSER_TYPE_UNKNOWN');
    });

    it('while there is no ingest role, or none that can be reached', async () => {
      await newStream();
      await api.sql.query(`UPDATE instances SET host = 'elsewhere'`);
      const { problem } = await page({}).first('refused');
      expect(problem).toMatchObject({ code: 'VD_INGEST_NOWHERE', message: expect.stringContaining('an address of its own machine') });
      await api.sql.query('DELETE FROM instances');
      expect(await refusal(page({}))).toBe('VD_INGEST_NOWHERE');
    });

    it('beyond the places there are', async () => {
      await relisten({ maxPublishers: 1 });
      await newStream();
      await (await page({}).record(clip)).first('live');
      name = `${name}-b`;
      await newStream();
      expect(await refusal(page({}))).toBe('VD_BROWSER_FULL');
    });

    it('while another page publishes, unless they are that page come back, or take over', async () => {
      await newStream();
      const session = randomUUID();
      const first = await page({ session }).record(clip);
      await first.first('live');
      expect(await refusal(page({}))).toBe('VD_INGEST_STREAM_BUSY');
      const again = page({ session });
      await again.first('accepted');
      expect((await first.first('ended')).problem?.code).toBe('VD_BROWSER_TAKEN_OVER');
      const other = page({ takeOver: true });
      await other.first('accepted');
      expect((await again.first('ended')).problem).toMatchObject({ code: 'VD_BROWSER_TAKEN_OVER', retryable: false });
    });
  });

  it('need no sign-in where they have the key', async () => {
    const stream = await newStream();
    const { key, keyId } = await api.app.get(StreamStore).createKey(stream.id);
    const socket = await page({ key }, {}).record(clip);
    await socket.first('live');
    await api.app.get(StreamStore).revokeKey(stream.id, keyId);
    expect((await socket.first('ended')).reason).toBe('key-revoked');
  });

  it('are cut off when whoever is signed in is no more', async () => {
    await relisten({ silenceTimeout: 60_000 });
    const stream = await newStream();
    const { id, token } = await api.apiToken('admin');
    const socket = await page({}, { authorization: `Bearer ${token}` }).record(clip);
    await socket.first('live');
    await api.sql.query('UPDATE user_tokens SET revoked_at = now() WHERE id = $1', [id]);
    expect(await socket.closing()).toBe(4401);
    await closed(stream.id);
  });

  it('are told when they fall silent, and when what they send cannot be read', async () => {
    await relisten({ silenceTimeout: 300 });
    const stream = await newStream();
    const silent = await page({}).record(clip);
    expect((await silent.first('ended')).problem).toMatchObject({ code: 'VD_BROWSER_SILENT', retryable: true });
    expect((await closed(stream.id)).frames).toBe(SECONDS * FPS);
    const garbled = await page({}).record(Buffer.from('#EXTM3U\nfile:///etc/passwd\n'.repeat(20)));
    expect((await garbled.first('ended')).problem?.code).toBe('VD_BROWSER_MEDIA_UNREADABLE');
    const { rows } = await api.sql.query('SELECT count(*)::int AS epochs FROM epochs WHERE stream_id = $1', [stream.id]);
    expect(rows).toEqual([{ epochs: 1 }]);
  });

  it.each([
    ['media before it is asked for', Buffer.from([1, 2, 3]), 4400],
    ['no JSON', '{', 4400],
    ['a field too many', JSON.stringify({ type: 'publish', stream: 'a', mimeType: MKV, url: 'file:///etc/passwd' }), 4400],
    ['an end before a beginning', JSON.stringify({ type: 'end' }), 4400],
    ['more than a message may have', Buffer.alloc(5 * 1024 * 1024), 1009],
  ])('are closed for %s', async (_, message, code) => {
    const socket = new PageSocket(api.url, { cookie, origin: api.url });
    sockets.push(socket);
    socket.socket.once('open', () => socket.socket.send(message));
    expect(await socket.closing()).toBe(code);
  });

  describe('reach the ingest role by the API only', () => {
    async function knock(headers: Record<string, string>): Promise<{ status: number; code: string }> {
      const answer = Promise.withResolvers<{ status: number; code: string }>();
      const asking = request(listener.url, { headers: { Connection: 'Upgrade', Upgrade: PAGE_PROTOCOL, ...headers } });
      asking.on('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += String(chunk)));
        response.on('end', () => answer.resolve({ status: response.statusCode ?? 0, code: (JSON.parse(text) as { code: string }).code }));
      });
      asking.on('upgrade', (_response, socket) => {
        socket.destroy();
        answer.resolve({ status: 101, code: '' });
      });
      asking.on('error', answer.reject);
      asking.end();
      return answer.promise;
    }
    const said = JSON.stringify({ mimeType: MKV });

    it('which gives permits that are good once', async () => {
      const stream = await newStream();
      const permit = await permits.give({ streamId: stream.id, remote: '192.0.2.7', isSignedIn: true });
      expect((await knock({ [PERMIT_HEADER]: permit, [PAGE_HEADER]: said })).status).toBe(101);
      expect(await knock({ [PERMIT_HEADER]: permit, [PAGE_HEADER]: said })).toEqual({ status: 403, code: 'VD_INGEST_PERMIT_INVALID' });
    });

    it('so that nothing else opens it', async () => {
      const stream = await newStream();
      const [claims = '', signature = ''] = (await permits.give({ streamId: stream.id, remote: '192.0.2.7', isSignedIn: false })).split(
        '.',
      );
      const raised = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('"isSignedIn":false', '"isSignedIn":true')).toString(
        'base64url',
      );
      for (const permit of [`${raised}.${signature}`, claims, `${claims}.`, '.', 'x'.repeat(3000)])
        expect(await knock({ [PERMIT_HEADER]: permit, [PAGE_HEADER]: said })).toEqual({ status: 403, code: 'VD_INGEST_PERMIT_INVALID' });
      const unclear: Record<string, string>[] = [{}, { [PERMIT_HEADER]: 'x' }, { [PERMIT_HEADER]: 'x', [PAGE_HEADER]: '{' }];
      for (const headers of unclear) expect(await knock(headers)).toEqual({ status: 403, code: 'VD_BROWSER_REQUEST_INVALID' });
      const plain = await fetch(listener.url);
      expect([plain.status, ((await plain.json()) as { code: string }).code]).toEqual([403, 'VD_BROWSER_REQUEST_INVALID']);
    });
  });
});
