/// <reference lib="dom" />
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochWire, MetricWire, SegmentWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { readPlaylist, type MediaPlaylist } from '../support/media/hls-conformance.js';
import { launchBrowser } from './support/browser.js';
import { PlayerPage } from './support/player-page.js';
import { frameNumber, look, record, type Presented } from './support/presented-frames.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const FPS = 25;
const CLIP_SECONDS = 14;
/** Frames of the second epoch have numbers that none of the first has. */
const SECOND_FROM = 10_000;
const LOST_SEQUENCE = 2;
/** Sound begins so long before the picture at most: a player's clock counts from the earlier. */
const LEAD_MS = 250;
/** hls.js moves pictures at the head of an epoch to leave no hole to the one before. */
const SEAM_US = 400_000;

/** What the page's clock says of the frame on screen. */
interface PageFrame {
  readonly epochId: string;
  readonly ptsUs: number;
  readonly atMs: number;
}

describe('looking back in a browser', () => {
  let vedette: VedetteProcess;
  let server: PlayerPage;
  let browser: Browser;
  let page: Page;
  let epochs: EpochWire[];
  let playlist: MediaPlaylist;
  let fromMs: number;
  let path: string;
  /** Burned-in numbers and wall clocks as the analyzer read them, by epoch and pts. */
  const known = new Map<string, { readonly number: number; readonly atMs: number }>();

  beforeAll(async () => {
    vedette = await startVedette({ barcode: true });
    const clips = ['first', 'second'].map((name) => vedette.scratch(`${name}.flv`));
    const clip = { frames: FPS * CLIP_SECONDS, fps: FPS, widthPx: 640, heightPx: 360, gop: 50, bframes: 2, audio: true };
    await makeBarcodeClip(clips[0]!, clip);
    await makeBarcodeClip(clips[1]!, { ...clip, firstIndex: SECOND_FROM });
    for (const path of clips) await publishClip(path, vedette.publishUrl);
    const { api, streamId } = vedette;
    epochs = await waitFor('both epochs to end', async () => {
      const found = await api.all<EpochWire>(`/api/streams/${streamId}/epochs?order=asc`);
      return found.length === 2 && found.every(({ state }) => state === 'closed') && found;
    });
    await waitFor('every frame to be read', async () => {
      for (const { id } of epochs)
        for (const { epochId, ptsUs, value, at } of await api.all<MetricWire>(
          `/api/streams/${streamId}/metrics?epochId=${id}&name=frame-index`,
        ))
          known.set(`${epochId}/${ptsUs}`, { number: value, atMs: Date.parse(at) });
      return known.size >= 2 * FPS * (CLIP_SECONDS - 1);
    });
    await lose(epochs[0]!);
    // From within the second segment of the first epoch to within the second epoch.
    fromMs = Date.parse(epochs[0]!.startedAt) + 2_700;
    const toMs = Date.parse(epochs[1]!.startedAt) + 9_000;
    path = `/streaming/${streamId}/dvr.m3u8?from=${fromMs}&to=${toMs}`;
    playlist = readPlaylist(await api.text(path));
    server = await PlayerPage.start(vedette);
    browser = await launchBrowser(chromium);
    page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => 'openRange' in globalThis);
    await page.evaluate(
      ([id, url, endMs]) => (globalThis as unknown as { openRange(...of: unknown[]): Promise<void> }).openRange(id, url, endMs),
      [streamId, path, toMs] as const,
    );
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await vedette?.stop();
  }, 60_000);

  /** One segment goes missing behind Vedette's back, and the scan finds it so. */
  async function lose(epoch: EpochWire): Promise<void> {
    const segments = await vedette.api.all<SegmentWire>(`/api/streams/${vedette.streamId}/segments?epochId=${epoch.id}`);
    const segment = segments.find(({ sequence }) => sequence === LOST_SEQUENCE)!;
    rmSync(join(vedette.mediaDir, segment.url.replace('/streaming/', '')));
    const client = new pg.Client({ connectionString: vedette.databaseUrl });
    await client.connect();
    await client.query(`UPDATE segments SET state = 'lost' WHERE id = $1`, [segment.id]);
    await client.query(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
         first_run_id, last_run_id)
       SELECT stream_id, id, 'barcode', 'aa', 'test', 'marked', 'closed', pts_origin_us + 7000000, started_at + interval '7 seconds',
         pts_origin_us + 8000000, started_at + interval '8 seconds', 1, 1 FROM epochs WHERE stream_id = $1`,
      [vedette.streamId],
    );
    await client.end();
  }

  /** The picture's number, the page's clock and the ledger name one frame. */
  function expectExact({ epochId, framePtsUs, ...presented }: Presented): number {
    const shown = frameNumber({ epochId, framePtsUs, ...presented });
    expect(shown, 'a readable frame number in the picture').not.toBeNull();
    expect({ epochId, framePtsUs, number: known.get(`${epochId}/${framePtsUs}`)?.number }).toEqual({ epochId, framePtsUs, number: shown });
    return shown!;
  }

  const pageFrame = (): Promise<PageFrame> => page.evaluate(() => (globalThis as unknown as { clock: { frame: PageFrame } }).clock.frame);

  it('names two epochs and a gap', () => {
    expect(playlist.type).toBe('VOD');
    expect(playlist.segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
    expect(playlist.segments.filter(({ gap }) => gap).map(({ uri }) => uri)).toEqual([`${epochs[0]!.id}/00000${LOST_SEQUENCE}.ts`]);
  });

  it('is played by ffmpeg to its end, every picture of either epoch', async () => {
    const { api, streamId } = vedette;
    const counts = new Map<string, number>();
    for (const { id } of epochs)
      for (const { sequence, frameCount } of await api.all<SegmentWire>(`/api/streams/${streamId}/segments?epochId=${id}`))
        counts.set(`${id}/${String(sequence).padStart(6, '0')}.ts`, frameCount);
    const wanted = playlist.segments.filter(({ gap }) => !gap).reduce((sum, { uri }) => sum + counts.get(uri)!, 0);
    const input = ['-headers', `Cookie: ${api.cookie}\r\n`, '-i', api.baseUrl + path];
    const { stdout } = await promisify(execFile)('ffmpeg', ['-v', 'fatal', ...input, '-map', '0:v', '-vsync', '0', '-f', 'framecrc', '-']);
    expect(stdout.split('\n').filter((line) => /^0,/.test(line))).toHaveLength(wanted);
  }, 60_000);

  it('begins at the frame that was asked for', async () => {
    const first = await waitFor('the first picture', () =>
      page.evaluate(() => (globalThis as unknown as { painted: (PageFrame | null)[] }).painted.find((frame) => frame !== null)),
    );
    expect(Math.abs(first.atMs - fromMs)).toBeLessThanOrEqual(LEAD_MS);
  });

  it('shows at each seek the frame that its clock names, in either epoch', async () => {
    await page.evaluate(() => document.querySelector('video')!.pause());
    const starts: number[] = [];
    let end = 0;
    for (const { durationSeconds } of playlist.segments) {
      starts.push(end);
      end += durationSeconds;
    }
    const second = starts[playlist.segments.findIndex(({ discontinuity }) => discontinuity)]!;
    const behindGap = starts[playlist.segments.findIndex(({ gap }) => gap) + 1]!;
    // To and fro, into what is loaded and what is not, to both sides of the gap and of the pause.
    const targets = [second + 5.03, 0.51, second + 0.66, behindGap + 0.35, second - 0.3, 1.02, second + 3.333, end - 0.5, behindGap + 2.22];
    const numbers: number[] = [];
    for (const target of targets) {
      await page.evaluate((seconds) => void (document.querySelector('video')!.currentTime = seconds), target);
      await waitFor(`the picture at ${target} s`, () =>
        page.evaluate((seconds) => {
          const video = document.querySelector('video')!;
          return !video.seeking && video.readyState >= 2 && Math.abs(video.currentTime - seconds) < 0.01;
        }, target),
      );
      await page.waitForTimeout(300);
      const presented = await look(page);
      const number = expectExact(presented);
      const { epochId, ptsUs, atMs } = await pageFrame();
      expect(Math.abs(atMs - known.get(`${epochId}/${ptsUs}`)!.atMs)).toBeLessThanOrEqual(1);
      expect(epochId).toBe(epochs[target >= second ? 1 : 0]!.id);
      // The frame of that moment: the playlist's own clock says which.
      const i = starts.findLastIndex((start) => start <= target);
      expect(Math.abs(atMs - (playlist.segments[i]!.atMs! + (target - starts[i]!) * 1000))).toBeLessThanOrEqual(LEAD_MS);
      numbers.push(number);
    }
    expect(numbers.filter((number) => number >= SECOND_FROM)).toHaveLength(targets.filter((target) => target >= second).length);
  }, 90_000);

  it('plays on over the pause between the epochs, each picture named', async () => {
    const second = playlist.segments.slice(
      0,
      playlist.segments.findIndex(({ discontinuity }) => discontinuity),
    );
    const pauseAt = second.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
    await page.evaluate((seconds) => {
      const video = document.querySelector('video')!;
      video.currentTime = seconds;
      return video.play();
    }, pauseAt - 1.5);
    const seen = await record(page, 60);
    const origin = new Map(epochs.map(({ id, ptsOriginUs }) => [id, ptsOriginUs ?? 0]));
    const numbers = seen.filter(({ epochId, framePtsUs }) => framePtsUs - origin.get(epochId)! > SEAM_US).map(expectExact);
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.some((number) => number < SECOND_FROM) && numbers.some((number) => number >= SECOND_FROM)).toBe(true);
  }, 60_000);

  it('shows what was found as subtitles where it was, in either epoch', async () => {
    const shown = await page.evaluate(async (url) => {
      const { Hls } = globalThis as unknown as { Hls: typeof import('hls.js').default };
      const video = document.createElement('video');
      video.muted = true;
      const hls = new Hls({ enableWorker: false });
      hls.loadSource(url);
      hls.attachMedia(video);
      await new Promise((resolve) => hls.once(Hls.Events.SUBTITLE_TRACKS_UPDATED, resolve));
      hls.subtitleDisplay = false;
      hls.subtitleTrack = 0;
      await video.play();
      const found = (): number[] =>
        Array.from(video.textTracks[0]?.cues ?? [])
          .filter((cue) => 'text' in cue && cue.text === 'marked')
          .map(({ startTime }) => startTime);
      for (let waitedMs = 0; found().length < 2 && waitedMs < 20_000; waitedMs += 100)
        await new Promise((resolve) => setTimeout(resolve, 100));
      const starts = found();
      hls.destroy();
      return starts;
    }, `${path}&subtitles=1`);
    let endSeconds = 0;
    const expected = playlist.segments.flatMap(({ atMs, durationSeconds }) => {
      const [from, to] = [atMs!, atMs! + durationSeconds * 1000];
      const marks = epochs.map(({ startedAt }) => Date.parse(startedAt) + 7_000).filter((markMs) => markMs >= from && markMs < to);
      endSeconds += durationSeconds;
      return marks.map((markMs) => endSeconds - durationSeconds + (markMs - from) / 1000);
    });
    expect(expected).toHaveLength(2);
    expect(shown).toHaveLength(2);
    for (const [i, seconds] of shown.entries()) expect(Math.abs(seconds - expected[i]!)).toBeLessThanOrEqual(LEAD_MS / 1000);
  }, 60_000);
});
