import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaKeeper } from '../../src/core/persistence/retention/keepers.js';
import { MediaPurge } from '../../src/core/persistence/retention/media-purge.js';
import { ThumbnailStore } from '../../src/core/persistence/thumbnails/thumbnail-store.js';
import type { AnalysisJob, Thumbnail } from '../../src/core/plugin-api/index.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { thumbnailsWire, type ThumbnailsWire } from '../../src/core/wire/thumbnails.wire.js';
import { counter } from '../support/analysis/counter-plugin.js';
import { never } from '../support/analysis/bench-of-segments.js';
import { startHostPool } from '../support/analysis/host-pool.js';
import { jobFor, segmentClip, type SegmentedStream } from '../support/analysis/segments.js';
import { ApiApp } from '../support/api-app.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { done, FakeStrategy } from '../support/fakes/fake-strategy.js';
import { until } from '../support/until.js';
import { assignmentsOf } from './support/pipeline-registry.js';
import { PipelineHarness, type TestStream } from './support/pipeline-harness.js';

const FPS = 25;
const QUARTER_MS = 900_000;
/** Twelve seconds before a new sheet begins: two of the three moments are in the second one. */
const STARTED_MS = Math.floor(Date.now() / QUARTER_MS - 2) * QUARTER_MS - 12_000;

describe('thumbnails', () => {
  let harness: PipelineHarness;
  let api: ApiApp;
  let bearer: string;
  let folder: string;
  let pool: ReturnType<typeof startHostPool>;
  let watched: TestStream;
  let cut: SegmentedStream;

  beforeAll(async () => {
    harness = await PipelineHarness.start();
    folder = await mkdtemp(join(tmpdir(), 'vedette-thumbnails-'));
    await makeBarcodeClip(join(folder, 'clip.ts'), { frames: 30 * FPS, fps: FPS, widthPx: 640, heightPx: 360, gop: 50, bframes: 2 });
    api = await ApiApp.start({ mediaDir: harness.mediaDir }, () => harness.database.url);
    bearer = (await api.apiToken('admin')).token;
    pool = startHostPool({ mediaDir: harness.mediaDir, dataDir: join(folder, 'data') });
    const { analyzers } = FakePluginRegistry.of([{ plugin: counter, config: { pause: '0ms' } }]);
    const strategy = new FakeStrategy();
    strategy.execute = async (job, signal) => {
      const given: AnalysisJob = { ...job, tasks: jobFor(cut, job.segment.sequence, analyzers).tasks };
      const outcome = await pool.execute(given, signal ?? never);
      return { ...outcome, tasks: job.tasks.map((task) => done(task, [])) };
    };
    await harness.worker(strategy);
    watched = await recorded(true);
    await until('every segment to be looked at', async () => (await harness.states())['done'] === cut.facts.length);
    await until('thumbnails to be kept', async () => (await kept(watched)).length === 3);
  }, 90_000);
  afterAll(async () => {
    await pool.close();
    await api.stop();
    await harness.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The clip as a stream's only epoch. */
  async function recorded(isWatched: boolean): Promise<TestStream> {
    cut = await segmentClip(join(folder, 'clip.ts'), harness.mediaDir);
    const stream = await harness.openStream(undefined, STARTED_MS);
    await mkdir(join(harness.mediaDir, stream.streamId), { recursive: true });
    await rename(join(harness.mediaDir, cut.streamId, cut.epochId), join(harness.mediaDir, stream.streamId, stream.epochId));
    cut = { ...cut, streamId: stream.streamId, epochId: stream.epochId };
    await harness.rows('UPDATE epochs SET pts_origin_us = $2 WHERE id = $1', [stream.epochId, cut.facts[0]!.ptsStartUs]);
    const segments = cut.facts.map(({ sizeBytes, ptsStartUs, ptsEndUs, frameCount, keyframePtsUs }, sequence) => ({
      ...{ sequence, state: 'ready' as const, sizeBytes, ptsStartUs, ptsEndUs, frameCount, keyframePtsUs },
      path: `${stream.streamId}/${stream.epochId}/${String(sequence).padStart(6, '0')}.ts`,
    }));
    const jobs = await harness.ledger.registerSegments(stream.epochId, segments, isWatched ? assignmentsOf() : []);
    await harness.bell.ring(jobs);
    return stream;
  }

  const kept = ({ streamId }: TestStream): Promise<{ slot: string; segment_id: string; bytes: number }[]> =>
    harness.rows('SELECT slot, segment_id, octet_length(jpeg) AS bytes FROM thumbnails WHERE stream_id = $1 ORDER BY slot', [streamId]);
  const range = `from=${encodeURIComponent(new Date(STARTED_MS).toISOString())}&to=${encodeURIComponent(new Date(STARTED_MS + 60_000).toISOString())}`;
  const list = async ({ streamId }: TestStream): Promise<ThumbnailsWire> => {
    const response = await api.call('GET', `/api/streams/${streamId}/thumbnails?${range}`, { bearer });
    expect(response.status).toBe(200);
    return thumbnailsWire.strict().parse(await response.json());
  };
  const picture = async (url: string): Promise<Buffer> => {
    const response = await api.call('GET', url, { bearer });
    expect([url, response.status, response.headers.get('content-type')]).toEqual([url, 200, 'image/jpeg']);
    return Buffer.from(await response.arrayBuffer());
  };
  const pixels = (jpeg: Buffer, region?: { left: number; top: number; width: number; height: number }): Promise<Buffer> => {
    const image = sharp(jpeg).removeAlpha();
    return (region === undefined ? image : image.extract(region)).resize(160, 90, { fit: 'fill' }).raw().toBuffer();
  };
  const difference = (a: Buffer, b: Buffer): number => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

  it('are the frames that they say they are, one each ten seconds, in sheets', async () => {
    const { items, everyMs } = await list(watched);
    expect(everyMs).toBe(10_000);
    expect(items.map(({ at }) => Date.parse(at) - STARTED_MS)).toEqual([2_000, 12_000, 22_000]);
    expect(items.map(({ x, y, w, h, isMade }) => [x, y, w, h, isMade])).toEqual([
      [1440, 720, 160, 90, false],
      [0, 0, 160, 90, false],
      [160, 0, 160, 90, false],
    ]);
    expect(new Set(items.map(({ url }) => url)).size).toBe(2);
    const frames = await Promise.all(
      items.map(async ({ epochId, ptsUs }) =>
        pixels(await picture(`/api/streams/${watched.streamId}/frame?epochId=${epochId}&ptsUs=${ptsUs}&widthPx=160`)),
      ),
    );
    for (const [n, { url, x: left, y: top, w: width, h: height }] of items.entries()) {
      const shown = await pixels(await picture(url), { left, top, width, height });
      const differences = frames.map((frame) => difference(shown, frame));
      expect(differences[n]).toBeLessThan(6);
      expect(differences.filter((_, other) => other !== n).every((other) => other > 2 * differences[n]!)).toBe(true);
    }
  });

  it('are small', async () => {
    for (const { bytes } of await kept(watched)) expect(bytes).toBeLessThanOrEqual(4_096);
  });

  it('are a track for players', async () => {
    const response = await api.call('GET', `/api/streams/${watched.streamId}/thumbnails.vtt?${range}`, { bearer });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/vtt; charset=utf-8']);
    const [head, first, ...others] = (await response.text()).trimEnd().split('\n\n');
    expect([head, others.length]).toEqual(['WEBVTT', 2]);
    expect(first).toMatch(
      /^00:00:02\.000 --> 00:00:12\.000\n\/api\/streams\/[0-9a-f-]+\/thumbnails\/sheets\/\d+\?v=1#xywh=1440,720,160,90$/,
    );
  });

  it('are made when asked for where nobody looked, and show what they say', async () => {
    const unwatched = await recorded(false);
    const { items } = await list(unwatched);
    expect(items.map(({ at, w, h, isMade }) => [Date.parse(at) - STARTED_MS, w, h, isMade])).toEqual([
      [2_000, 160, 90, true],
      [12_000, 160, 90, true],
      [22_000, 160, 90, true],
    ]);
    const same = await list(watched);
    const sheet = same.items[1]!;
    const [made, before] = await Promise.all([pixels(await picture(items[1]!.url)), picture(sheet.url)]);
    const { x: left, y: top, w: width, h: height } = sheet;
    expect(difference(made, await pixels(before, { left, top, width, height }))).toBeLessThan(6);
    expect((await api.call('GET', `/api/streams/${unwatched.streamId}/thumbnails/sheets/5`, { bearer })).status).toBe(404);
  });

  it('go with their media, and do not come back after it', async () => {
    const [first] = await kept(watched);
    const purge = harness.get(MediaPurge);
    await purge.begin(mediaKeeper('x'), 'age', [first!.segment_id]);
    expect((await kept(watched)).map(({ slot }) => slot)).toEqual(
      (await list(watched)).items.map(({ at }) => String(Math.round(Date.parse(at) / 10_000))),
    );
    expect((await list(watched)).items).toHaveLength(2);
    const late: Thumbnail = { askedPtsUs: 0, ptsUs: 0, widthPx: 1, heightPx: 1, jpegBase64: '/9j/' };
    await harness
      .get(ThumbnailStore)
      .keep({ segmentId: first!.segment_id, epoch: { startedAtMs: 0, ptsOriginUs: 0, closed: false } }, [late]);
    expect(await kept(watched)).toHaveLength(2);
  });

  it('of private streams are for admins', async () => {
    const viewer = (await api.apiToken('viewer')).token;
    const { items } = await list(watched);
    const paths = [
      `/api/streams/${watched.streamId}/thumbnails?${range}`,
      `/api/streams/${watched.streamId}/thumbnails.vtt?${range}`,
      items[0]!.url,
    ];
    const statuses = async (who: string | undefined): Promise<number[]> =>
      Promise.all(paths.map(async (path) => (await api.call('GET', path, who === undefined ? {} : { bearer: who })).status));
    expect([await statuses(viewer), await statuses(undefined)]).toEqual([
      [200, 200, 200],
      [401, 401, 401],
    ]);
    await harness.rows('UPDATE streams SET private = true WHERE id = $1', [watched.streamId]);
    expect([await statuses(viewer), await statuses(bearer)]).toEqual([
      [404, 404, 404],
      [200, 200, 200],
    ]);
    expect((await api.call('GET', items[0]!.url, { bearer })).headers.get('cache-control')).toBe('private, no-cache');
  });

  it.each([
    ['from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:01Z', 'VD_API_RANGE_TOO_WIDE'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'VD_API_INVALID'],
    ['from=yesterday', 'VD_API_INVALID'],
    ['every=1s', 'VD_API_INVALID'],
  ])('refuses %s', async (query, code) => {
    const response = await api.call('GET', `/api/streams/${watched.streamId}/thumbnails?${query}`, { bearer });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, code]);
  });
});
