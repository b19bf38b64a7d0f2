import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricWire, RunWire, SegmentWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { checkInvariants } from '../faults/invariants.js';
import { FeedClient } from './support/feed-client.js';
import { countVideoFrames } from './support/media-probe.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const FRAMES = 300;
const FPS = 25;

describe('from RTMP to results', () => {
  let vedette: VedetteProcess;
  let feed: FeedClient;
  let clip: string;

  beforeAll(async () => {
    vedette = await startVedette({ barcode: true });
    clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: FRAMES, fps: FPS, widthPx: 640, heightPx: 360, gop: 50, bframes: 2, audio: true });
  }, 120_000);

  afterAll(async () => {
    feed?.close();
    await vedette?.stop();
  }, 60_000);

  it('accounts for every segment, puts each result on the frame it belongs to, and plays as HLS', async () => {
    const streamId = vedette.streamId;
    feed = await new FeedClient(vedette.apiUrl, vedette.api.cookie, ['streams', `stream:${streamId}`]).open();

    await publishClip(clip, vedette.publishUrl);
    const epoch = await waitFor('the epoch to be closed', async () => {
      const epochs = await vedette.api.all(`/api/streams/${streamId}/epochs`);
      return epochs.find((e: { state: string }) => e.state === 'closed');
    });
    await waitFor('every run to end', async () => {
      const runs = await vedette.api.all<RunWire>(`/api/streams/${streamId}/runs`);
      return runs.length > 0 && runs.every((run) => !['queued', 'running'].includes(run.state));
    });

    const segments = await vedette.api.all<SegmentWire>(`/api/streams/${streamId}/segments?epochId=${epoch.id}`);
    expect(segments.map((s) => s.sequence)).toEqual(segments.map((_, index) => index));
    expect(segments.reduce((sum, s) => sum + s.frameCount, 0)).toBe(FRAMES);
    expect(epoch).toMatchObject({ videoCodec: 'h264', widthPx: 640, heightPx: 360 });

    const runs = await vedette.api.all<RunWire>(`/api/streams/${streamId}/runs`);
    for (const analyzerId of ['visual-analysis', 'object-detection', 'barcode']) {
      const own = runs.filter((run) => run.analyzerId === analyzerId);
      expect(
        own.map((run) => run.sequence).sort((a, b) => a - b),
        analyzerId,
      ).toEqual(segments.map((s) => s.sequence));
      expect(
        own.every((run) => run.state === 'done' && run.framesSeen === run.framesExpected),
        analyzerId,
      ).toBe(true);
    }

    // The barcode analyzer reads the frame number out of every picture: each exactly once, at the pts of that frame.
    const indices = (await vedette.api.all<MetricWire>(`/api/streams/${streamId}/metrics?epochId=${epoch.id}&name=frame-index`)).sort(
      (a, b) => a.ptsUs - b.ptsUs,
    );
    expect(indices.map((m) => m.value)).toEqual(Array.from({ length: FRAMES }, (_, index) => index));
    const origin = indices[0]!.ptsUs;
    for (const metric of indices) {
      // RTMP carries milliseconds: a frame's pts is its nominal time rounded to one.
      expect(Math.abs(metric.ptsUs - origin - (metric.value * 1_000_000) / FPS)).toBeLessThanOrEqual(1_000);
    }

    // The same, told over the WebSocket while it happened.
    await waitFor('the feed to tell of every run', () => feed.of('run.finished').length >= runs.length);
    const told = feed.of('run.finished');
    expect(new Set(told.map((m) => m.run.id)).size).toBe(told.length);
    expect(new Set(told.map((m) => m.run.id))).toEqual(new Set(runs.map((run) => run.id)));
    const toldIndices = told
      .flatMap((m) => m.metrics)
      .filter((m) => m.name === 'frame-index')
      .map((m) => m.value);
    expect(toldIndices.sort((a, b) => a - b)).toEqual(indices.map((m) => m.value));

    // HLS: the whole epoch plays, frame for frame.
    const playlist = await vedette.api.text(`/streaming/${streamId}/${epoch.id}/index.m3u8`);
    expect(playlist).toContain('#EXT-X-ENDLIST');
    expect(playlist).toContain('#EXT-X-PROGRAM-DATE-TIME:');
    expect(await countVideoFrames(`${vedette.apiUrl}/streaming/${streamId}/${epoch.id}/index.m3u8`, vedette.api.cookie)).toBe(FRAMES);

    expect(await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir, expectations: { idle: true } })).toEqual([]);
  }, 180_000);

  it('refuses a publisher with a wrong key and leaves no trace of it', async () => {
    const before = await vedette.api.all('/api/streams');
    await expect(publishClip(clip, `${vedette.rtmpUrl}/vd_wrongwrongwrongwrongwrongwrongwr`)).rejects.toThrow();
    expect((await vedette.api.all('/api/streams')).length).toBe(before.length);
    const epochs = await vedette.api.all(`/api/streams/${vedette.streamId}/epochs`);
    expect(epochs.length).toBe(1);
  }, 60_000);

  it('opens a new epoch when the publisher comes back', async () => {
    await publishClip(clip, vedette.publishUrl);
    const epochs = await waitFor('the second epoch to be closed', async () => {
      const all = await vedette.api.all<{ id: string; ordinal: number; state: string }>(`/api/streams/${vedette.streamId}/epochs`);
      return all.length === 2 && all.every((e) => e.state === 'closed') ? all : null;
    });
    expect(new Set(epochs.map((e) => e.ordinal))).toEqual(new Set([0, 1]));
    await waitFor('every run to end', async () => {
      const runs = await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`);
      return runs.every((run) => !['queued', 'running'].includes(run.state));
    });
    const playlist = await vedette.api.text(`/streaming/${vedette.streamId}/live.m3u8`);
    expect(playlist).not.toContain('#EXT-X-ENDLIST');
    expect(await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir, expectations: { idle: true } })).toEqual([]);
  }, 120_000);
});
