import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clipCommand } from '../../src/cli/commands/clip.js';
import { movieFacts } from '../../src/core/clips/export/movie-facts.js';
import { BoxScript } from '../../src/core/clips/boxes/box-script.js';
import type { LoadedConfig } from '../../src/core/config/load-config.js';
import { SegmentFiles } from '../../src/core/media/store/segment-files.js';
import { ClipMediaReads } from '../../src/core/persistence/clips/clip-media.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { clipWire, type ClipWire } from '../../src/core/wire/clips.wire.js';
import { problemWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { segmentPath } from '../support/analysis/segments.js';
import { ApiApp } from '../support/api-app.js';
import { framesOf, probed, recordedEpoch, type RecordedEpoch } from '../support/media/recorded-stream.js';
import { until } from '../support/until.js';

const FPS = 25;
const FRAME_US = 1_000_000 / FPS;
const FRAMES = 250;
const ENDED = ['done', 'failed', 'cancelled'];

describe('clips', () => {
  let api: ApiApp;
  let admin: string;
  let viewer: string;
  let folder: string;
  let plain: RecordedEpoch;
  let reordered: RecordedEpoch;
  beforeAll(async () => {
    api = await ApiApp.start();
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
    folder = await mkdtemp(join(tmpdir(), 'vedette-clips-'));
    const size = { frames: FRAMES, fps: FPS, widthPx: 640, heightPx: 360, gop: 50 };
    await Promise.all([
      makeBarcodeClip(join(folder, 'plain.ts'), { ...size, audio: true }),
      makeBarcodeClip(join(folder, 'reordered.ts'), { ...size, bframes: 2, audio: true }),
    ]);
    plain = await recordedEpoch(api.sql, join(folder, 'plain.ts'), api.config.mediaDir);
    reordered = await recordedEpoch(api.sql, join(folder, 'reordered.ts'), api.config.mediaDir);
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ptsOf = (of: RecordedEpoch, index: number): number => Math.round(of.facts[0]!.ptsStartUs + index * FRAME_US);
  const ask = (body: object, bearer = admin): Promise<Response> => api.call('POST', '/api/clips', { bearer, body });
  const frames = (of: RecordedEpoch, first: number, last: number) => ({
    streamId: of.streamId,
    epochId: of.epochId,
    fromPtsUs: ptsOf(of, first),
    toPtsUs: ptsOf(of, last),
  });
  const clipOf = async (response: Response): Promise<ClipWire> => clipWire.strict().parse(await response.json());
  async function made(body: object): Promise<ClipWire> {
    const response = await ask(body);
    expect(response.status, await response.clone().text()).toBe(202);
    const { id } = await clipOf(response);
    return until(`clip ${id} has ended`, async () => {
      const clip = await clipOf(await api.call('GET', `/api/clips/${id}`, { bearer: admin }));
      return ENDED.includes(clip.state) ? clip : undefined;
    });
  }
  async function bytesOf({ id }: ClipWire): Promise<Buffer> {
    const response = await api.call('GET', `/api/clips/${id}/clip.mp4`, { bearer: viewer });
    expect(response.status, response.ok ? '' : await response.clone().text()).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  }
  async function refusal(response: Response): Promise<[number, string]> {
    return [response.status, problemWire.strict().parse(await response.json()).code];
  }
  const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  it('copies whole segments, says what it really has, and can be fetched by range', async () => {
    const clip = await made({ ...frames(plain, 60, 120), mode: 'copy', title: 'Door: "open"/ü' });
    expect(clip).toMatchObject({ state: 'done', progress: 1, errorCode: null, mode: 'copy' });
    expect(clip.result!.missing).toEqual([]);
    expect(clip.result!.parts).toMatchObject([{ epochId: plain.epochId, fromPtsUs: ptsOf(plain, 50), atMs: 0, encoded: 'nothing' }]);
    const bytes = await bytesOf(clip);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(clip.sha256);
    expect(bytes.length).toBe(clip.sizeBytes);
    expect((await framesOf(bytes)).map(({ index }) => index)).toEqual(range(50, 149));
    await writeFile(join(folder, 'copy.mp4'), bytes);
    const { streams } = await probed(join(folder, 'copy.mp4'));
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);

    const part = await api.call('GET', `/api/clips/${clip.id}/clip.mp4`, { bearer: viewer, headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
    expect(part.headers.get('content-disposition')).toMatch(
      /^attachment; filename="Door open u [\d-]+ [\d.]+\.mp4"; filename\*=UTF-8''Door%20open%20%C3%BC/,
    );
  });

  it.each([
    ['without reordered pictures', () => plain, 63, 171, 'ends'],
    ['with reordered pictures', () => reordered, 63, 170, 'ends'],
    ['from keyframe to the end of a group', () => reordered, 50, 149, 'nothing'],
    ['within one group', () => reordered, 71, 80, 'all'],
    ['a single frame', () => plain, 112, 112, 'all'],
    ['a first group alone, cut at its end where nothing needs what follows', () => plain, 100, 110, 'nothing'],
  ] as const)('is exact to the frame: %s', async (_, of, first, last, encoded) => {
    const clip = await made({ ...frames(of(), first, last), mode: 'exact' });
    expect(clip).toMatchObject({ state: 'done', detail: null });
    expect(clip.result!.parts).toMatchObject([{ fromPtsUs: ptsOf(of(), first), toPtsUs: ptsOf(of(), last), encoded }]);
    const seen = await framesOf(await bytesOf(clip));
    expect(seen.map(({ index }) => index)).toEqual(range(first, last));
    // Players that read parameter sets once know both encoders'.
    const file = join(api.config.dataDir, 'clips', `${clip.id}.mp4`);
    const [video] = (await movieFacts(file)).tracks;
    expect(video!.configuration[5]! & 0x1f).toBe(2);
    // Time 0 is the first frame, and each is where it was.
    for (const [at, { atMs }] of seen.entries()) expect(atMs).toBeCloseTo(at * 40, 0);
  });

  it('takes wall-clock times for the frames on show then', async () => {
    const at = (index: number): string => new Date(plain.startedAtMs + index * 40 + 13).toISOString();
    const clip = await made({ streamId: plain.streamId, from: at(63), to: at(90), mode: 'exact' });
    expect((await framesOf(await bytesOf(clip))).map(({ index }) => index)).toEqual(range(63, 90));
  });

  it('is for admins to make, for all who see the stream to have, and for nobody else', async () => {
    expect(await refusal(await ask({ ...frames(plain, 0, 10) }, viewer))).toEqual([403, 'VD_AUTH_FORBIDDEN']);
    const hidden = await recordedEpoch(api.sql, join(folder, 'plain.ts'), api.config.mediaDir, { private: true });
    const clip = await made(frames(hidden, 0, 40));
    expect(clip.state).toBe('done');
    for (const path of ['', '/clip.mp4'])
      expect(await refusal(await api.call('GET', `/api/clips/${clip.id}${path}`, { bearer: viewer }))).toEqual([404, 'VD_API_NOT_FOUND']);
    const listed = (await (await api.call('GET', '/api/clips?limit=200', { bearer: viewer })).json()) as { items: ClipWire[] };
    expect(listed.items.map(({ id }) => id)).not.toContain(clip.id);
    expect(listed.items.length).toBeGreaterThan(3);
  });

  it('names what is missing, and keeps the pause', async () => {
    const holed = await recordedEpoch(api.sql, join(folder, 'plain.ts'), api.config.mediaDir);
    await unlink(join(api.config.mediaDir, segmentPath(holed, 2)));
    // Nobody has noticed yet, or somebody has: the clip says the same.
    const unnoticed = await made({ ...frames(holed, 60, 190), mode: 'copy' });
    await api.sql.query(`UPDATE segments SET state = 'lost' WHERE epoch_id = $1 AND sequence = 2`, [holed.epochId]);
    const clip = await made({ ...frames(holed, 60, 190), mode: 'copy' });
    expect(unnoticed.result).toEqual(clip.result);
    expect(clip.result!.missing).toMatchObject([{ reason: 'lost', fromPtsUs: ptsOf(holed, 100), epochId: holed.epochId }]);
    const seen = await framesOf(await bytesOf(clip));
    expect(seen.map(({ index }) => index)).toEqual([...range(50, 99), ...range(150, 199)]);
    expect(seen[50]!.atMs - seen[0]!.atMs).toBeCloseTo(4_000, -1);
  });

  it('puts epochs of one format together, and names where formats differ', async () => {
    const { streamId, startedAtMs } = plain;
    const second = await recordedEpoch(api.sql, join(folder, 'plain.ts'), api.config.mediaDir, {
      ...{ streamId, ordinal: 1, startedAtMs: startedAtMs + 20_000 },
    });
    const times = (fromMs: number, toMs: number) => ({
      streamId,
      from: new Date(startedAtMs + fromMs).toISOString(),
      to: new Date(startedAtMs + toMs).toISOString(),
    });
    const clip = await made({ ...times(8_000, 21_000), mode: 'copy' });
    expect(clip).toMatchObject({ state: 'done', detail: null });
    expect(clip.result!.parts.map(({ epochId, atMs }) => [epochId, Math.round(atMs / 100)])).toEqual([
      [plain.epochId, 0],
      [second.epochId, 20],
    ]);
    expect((await framesOf(await bytesOf(clip))).map(({ index }) => index)).toEqual([...range(200, 249), ...range(0, 49)]);

    await makeBarcodeClip(join(folder, 'small.ts'), { frames: 50, fps: FPS, widthPx: 320, heightPx: 180, gop: 50 });
    const third = await recordedEpoch(api.sql, join(folder, 'small.ts'), api.config.mediaDir, {
      ...{ streamId, ordinal: 2, startedAtMs: startedAtMs + 40_000, widthPx: 320, heightPx: 180 },
    });
    const failed = await made({ ...times(28_000, 41_000), mode: 'copy' });
    expect(failed).toMatchObject({ state: 'failed', errorCode: 'VD_CLIP_EPOCHS_DIFFER' });
    expect(failed.detail).toContain(third.epochId);
    expect(failed.detail).toContain(new Date(startedAtMs + 40_000).toISOString());
  });

  it('is made on the command line as well', async () => {
    const stores = {
      streams: api.app.get(StreamStore, { strict: false }),
      clips: {
        media: api.app.get(ClipMediaReads, { strict: false }),
        files: api.app.get<SegmentFiles>(SegmentFiles, { strict: false }),
        boxes: api.app.get(BoxScript, { strict: false }),
      },
    };
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const at = (index: number): string => new Date(plain.startedAtMs + index * 40).toISOString();
    const output = join(folder, 'cli.mp4');
    const args = [`s-${plain.streamId}`, '--from', at(63), '--to', at(90), '--mode', 'exact', '-o', output];
    const loaded = { config: api.config, file: null } as LoadedConfig;
    await clipCommand((work) => work(stores, loaded)).parseAsync(args, { from: 'user' });
    expect(said.mock.calls.map(([text]) => text).join('')).toContain(`${output}\n  ${at(63)} to ${at(90)}, encoded anew: all\n`);
    said.mockRestore();
    expect((await framesOf(await readFile(output))).map(({ index }) => index)).toEqual(range(63, 90));
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('refuses what there is not, what is too long, and what is still to come', async () => {
    const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
    const asked = async (body: object): Promise<[number, string]> => refusal(await ask({ streamId: plain.streamId, ...body }));
    expect(await asked({ from: at(-1_000), to: at(-2_000) })).toEqual([400, 'VD_CLIP_RANGE_INVALID']);
    expect(await asked({ from: at(-86_400_000), to: at(-1_000) })).toEqual([400, 'VD_CLIP_RANGE_INVALID']);
    expect(await asked({ from: at(-1_000) })).toEqual([400, 'VD_CLIP_RANGE_INVALID']);
    expect(await asked({ from: at(-1_000), to: at(60_000) })).toEqual([409, 'VD_CLIP_NOT_YET']);
    expect(await asked({ from: at(-7_200_000), to: at(-7_190_000) })).toEqual([404, 'VD_CLIP_NOTHING_THERE']);
    expect(await asked({ epochId: plain.streamId, fromPtsUs: 0, toPtsUs: 1 })).toEqual([404, 'VD_CLIP_NOTHING_THERE']);
    expect(await asked({ ...frames(plain, 0, 1), mode: 'all' })).toEqual([400, 'VD_API_INVALID']);
    expect(await asked({ epochId: plain.epochId, fromPtsUs: -9e15, toPtsUs: 0 })).toEqual([400, 'VD_CLIP_RANGE_INVALID']);
  });

  it('gives no file that there is not: not yet, no more, or not here', async () => {
    const clip = await made(frames(plain, 0, 60));
    const file = `/api/clips/${clip.id}/clip.mp4`;
    expect(await refusal(await api.call('POST', `/api/clips/${clip.id}/cancel`, { bearer: admin }))).toEqual([409, 'VD_CLIP_ENDED']);
    await unlink(join(api.config.dataDir, 'clips', `${clip.id}.mp4`));
    expect(await refusal(await api.call('GET', file, { bearer: viewer }))).toEqual([503, 'VD_CLIP_ELSEWHERE']);
    await api.sql.query(`UPDATE clips SET state = 'failed' WHERE id = $1`, [clip.id]);
    expect(await refusal(await api.call('GET', file, { bearer: viewer }))).toEqual([409, 'VD_CLIP_NOT_DONE']);
  });

  it('holds its media until it is made, leaves nothing behind, and is on record', async () => {
    const clip = await made({ ...frames(plain, 0, 60), mode: 'exact' });
    const { rows } = await api.sql.query(`SELECT released_at FROM holds WHERE why LIKE $1`, [`clip ${clip.id}%`]);
    expect(rows).toHaveLength(1);
    await until('the hold is released', async () => {
      const held = await api.sql.query('SELECT FROM holds WHERE why LIKE $1 AND released_at IS NULL', [`clip ${clip.id}%`]);
      return held.rowCount === 0 || undefined;
    });
    const place = join(api.config.dataDir, 'clips');
    expect(existsSync(join(place, `${clip.id}.mp4`))).toBe(true);
    expect((await api.call('DELETE', `/api/clips/${clip.id}`, { bearer: admin })).status).toBe(204);
    expect(await refusal(await api.call('GET', `/api/clips/${clip.id}`, { bearer: admin }))).toEqual([404, 'VD_API_NOT_FOUND']);
    expect((await readdir(place)).filter((name) => name.includes(clip.id))).toEqual([]);
    const told = await api.sql.query<{ action: string }>('SELECT action FROM audit WHERE target = $1 ORDER BY id', [clip.id]);
    expect(told.rows.map(({ action }) => action)).toEqual(['clip.create', 'clip.delete']);
  });
});
