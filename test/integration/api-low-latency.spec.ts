import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newStreamKey, streamKeyHint, streamKeySha256 } from '../../src/core/persistence/streams/stream-key.js';
import { ApiApp } from '../support/api-app.js';
import { readPlaylist, type MediaPlaylist } from '../support/media/hls-conformance.js';
import { LowLatencyPlayer, nextQuery } from '../support/media/low-latency-player.js';
import { until } from '../support/until.js';
import { TestIngestNode } from './support/ingest-node.js';

const PARTS_OF_TWO_SECONDS = 7;
/** The last part of a segment and the segment itself are mostly seen together. */
const MOSTLY_EARLY = PARTS_OF_TWO_SECONDS - 1;
const X264 = [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-pix_fmt', 'yuv420p', '-bf', '2'],
  ...['-g', '50', '-keyint_min', '50', '-sc_threshold', '0'],
];

describe.each(['mpegts', 'fmp4'] as const)('Low-Latency HLS of %s', (container) => {
  let api: ApiApp;
  let node: TestIngestNode;
  let cookie: string;
  const encoders: ChildProcess[] = [];
  beforeAll(async () => {
    api = await ApiApp.start({ packaging: { lowLatency: true } });
    const { mediaDir } = api.config;
    node = await TestIngestNode.start({
      ...{ databaseUrl: api.database.url, name: 'here', mediaDir, isLowLatency: true, segmentDurationMs: 2000, container },
    });
    cookie = await api.signIn();
  });
  afterAll(async () => {
    for (const encoder of encoders) encoder.kill('SIGKILL');
    await node.stop();
    await api.stop();
  });

  const makeStream = async (adapterId: string, sourceConfig: object = {}): Promise<string> => {
    const id = randomUUID();
    await api.sql.query(
      `WITH made AS (INSERT INTO streams (id, name, title, adapter_id, source_config) VALUES ($1, $2, $2, $3, $4) RETURNING id)
       SELECT pg_notify('vedette_streams', id::text) FROM made`,
      [id, `s-${id.slice(0, 8)}`, adapterId, JSON.stringify(sourceConfig)],
    );
    return id;
  };
  const keyOf = async (streamId: string): Promise<string> => {
    const key = newStreamKey();
    const values = [streamId, streamKeySha256(key), streamKeyHint(key)];
    await api.sql.query('INSERT INTO stream_keys (id, stream_id, key_sha256, hint) VALUES (gen_random_uuid(), $1, $2, $3)', values);
    return key;
  };
  /** A real encoder in real time, with a keyframe every 2 s. */
  const encode = (): ChildProcess => {
    const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-re', '-f', 'lavfi', '-i', 'sine'];
    const encoder = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...source, ...X264, '-c:a', 'aac', '-f', 'flv', 'pipe:1']);
    encoders.push(encoder);
    return encoder;
  };
  const playing = (player: LowLatencyPlayer): Promise<MediaPlaylist> =>
    until('a playlist that can be waited for', async () => {
      const playlist = await player.load();
      return playlist?.lowLatency?.canBlockReload === true ? playlist : null;
    });
  /** Goes on until so many segments came part by part. */
  const follow = async (player: LowLatencyPlayer, from: MediaPlaylist, segments: number): Promise<MediaPlaylist> => {
    let playlist = from;
    const whole = (): number =>
      [...player.fetched.values()].filter((parts) => parts.filter(({ isEarly }) => isEarly).length >= MOSTLY_EARLY).length;
    for (let steps = 0; steps < 80 && whole() <= segments; steps += 1) playlist = await player.next(playlist);
    return playlist;
  };
  const fileOf = (player: LowLatencyPlayer, uri: string): Promise<Buffer> => readFile(join(node.mediaDir, player.streamId, uri));

  let player: LowLatencyPlayer;
  let playlist: MediaPlaylist;
  let key: string;
  let encoder: ChildProcess;
  it('names each part while its segment is written, and gives the bytes that the segment then has', async () => {
    const streamId = await makeStream('rtmp');
    key = await keyOf(streamId);
    encoder = encode();
    await node.publishLive(key, encoder.stdout!);
    player = new LowLatencyPlayer(api, streamId, cookie);
    playlist = await follow(player, await playing(player), 1);
    const whole = [...player.fetched].filter(
      ([, parts]) => parts.length === PARTS_OF_TWO_SECONDS && parts.filter(({ isEarly }) => isEarly).length >= MOSTLY_EARLY,
    );
    expect(whole.length).toBeGreaterThanOrEqual(1);
    for (const [uri, parts] of whole) {
      expect(parts.map(({ part }) => part.isIndependent)).toEqual([true, ...Array<boolean>(6).fill(false)]);
      await until(`${uri} to be complete`, () => fileOf(player, uri).catch(() => null));
      expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(await fileOf(player, uri))).toBe(true);
    }
  }, 40_000);

  it('gives the part that was hinted at when it is there', async () => {
    const hint = await until('a hint', async () => {
      playlist = await player.next(playlist);
      return playlist.lowLatency?.hint;
    });
    const response = await player.range(hint.uri, `bytes=${hint.fromBytes}-`);
    expect([response.status, response.headers.get('cache-control')]).toEqual([206, 'no-store']);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-range')).toBe(`bytes ${hint.fromBytes}-${hint.fromBytes + bytes.length - 1}/*`);
    const file = await until('its segment', () => fileOf(player, hint.uri).catch(() => null));
    expect(bytes.equals(file.subarray(hint.fromBytes, hint.fromBytes + bytes.length))).toBe(true);
  });

  it('gives of a segment that is written neither the whole nor what is not announced', async () => {
    playlist = (await player.load())!;
    const next = playlist.lowLatency!.segments.at(-1)!.uri.replace(/\d{6}(?=\.)/, (n) => String(Number(n) + 5).padStart(6, '0'));
    expect((await player.range(next, 'bytes=0-')).status).toBe(404);
    const open = playlist.lowLatency!.segments.at(-1)!.uri;
    const whole = await api.call('GET', `/streaming/${player.streamId}/${open}`, { cookie });
    expect([200, 404]).toContain(whole.status);
    if (whole.status === 200) expect(Buffer.from(await whole.arrayBuffer()).equals(await fileOf(player, open))).toBe(true);
  });

  it.each(['?_HLS_msn=99999', '?_HLS_part=0', '?_HLS_msn=-1', '?_HLS_msn=x'])('refuses %s', async (query) => {
    expect((await player.get(query)).status).toBe(400);
  });

  it('refuses a part that lies more than three seconds ahead', async () => {
    playlist = (await player.load())!;
    const response = await player.get(nextQuery(playlist).replace(/(&_HLS_part=.*)?$/, '&_HLS_part=40'));
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code: 'VD_API_PLAYLIST_AHEAD' })]);
  });

  it.runIf(container === 'fmp4')(
    'goes on behind a discontinuity when the publisher comes again',
    async () => {
      encoder.kill('SIGKILL');
      const waiting = player.get(nextQuery(playlist));
      await Promise.all(node.opener.of(player.streamId).map((epoch) => epoch.end('publisher-left')));
      expect((await waiting).status).toBe(200);
      await until('the end of what can be waited for', async () => (await player.load())?.lowLatency === null);
      await node.publishLive(key, encode().stdout!);
      const again = await playing(player);
      const before = player.fetched.size;
      playlist = await follow(player, again, [...player.fetched.values()].filter((parts) => parts.length >= 6).length);
      expect(player.fetched.size).toBeGreaterThan(before);
      expect(playlist.segments.some(({ discontinuity }) => discontinuity) || playlist.discontinuitySequence > 0).toBe(true);
      expect(playlist.segments.every(({ initialization }) => (initialization === null) === (container === 'mpegts'))).toBe(true);
    },
    40_000,
  );

  it.runIf(container === 'mpegts')(
    'is nothing of what ffmpeg fetches and packages: there the playlist answers at once, whatever it is to wait for',
    async () => {
      const streamId = await makeStream('webcam', { format: 'lavfi', device: 'testsrc', size: '160x96', gopSeconds: 1 });
      const path = `/streaming/${streamId}/live.m3u8`;
      const text = await until('its first segment', async () => {
        const response = await api.call('GET', `${path}?_HLS_msn=99999`, { cookie });
        return response.ok ? response.text() : null;
      });
      expect(readPlaylist(text).lowLatency).toBeNull();
    },
  );
});
