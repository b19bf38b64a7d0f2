import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { epochPlaylist } from '../../src/core/api/playback/playlist.js';
import { segmentType } from '../../src/core/media/store/send-segment.js';
import { segmentMuxerFor, type ContainerChoice } from '../../src/core/media/mux/segment-muxer-for.js';
import { INITIALIZATION_NAME, segmentFileName } from '../../src/core/media/segment-name.js';
import { encodedFrames } from '../support/media/encoded-frames.js';
import { ENCODERS, encodedClip } from '../support/media/encoders.js';
import { muxSegments } from '../support/media/muxed-segments.js';
import { launchBrowser } from './support/browser.js';

const HLS_JS = join(import.meta.dirname, '../../node_modules/hls.js/dist/hls.min.js');
const PAGE = '<!doctype html><video muted></video><script src="/hls.js"></script>';

interface Playback {
  readonly mediaTimes: readonly number[];
  readonly startSeconds: number;
  readonly error: string | null;
  readonly frames: number;
}

let browser: Browser;
let folder: string;
let server: Server;
let origin: string;
let files: Map<string, Uint8Array>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-fmp4-browser-'));
  browser = await launchBrowser(chromium);
  const script = await readFile(HLS_JS);
  server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const body = name === '' ? PAGE : name === 'hls.js' ? script : files.get(name);
    const type = name === '' ? 'text/html' : name === 'hls.js' ? 'text/javascript' : segmentType(name);
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Plays to the end, fast; tells of each picture that was shown. */
async function played(): Promise<Playback> {
  const page = await browser.newPage();
  try {
    await page.goto(origin);
    return await page.evaluate(async () => {
      const { Hls } = globalThis as unknown as { Hls: typeof import('hls.js').default };
      const video = document.querySelector('video')!;
      const hls = new Hls({ enableWorker: false });
      const mediaTimes: number[] = [];
      let startSeconds = Number.NaN;
      const told = Promise.withResolvers<string | null>();
      const heard = (_now: number, { mediaTime }: { mediaTime: number }): void => {
        mediaTimes.push(mediaTime);
        video.requestVideoFrameCallback(heard);
      };
      video.requestVideoFrameCallback(heard);
      hls.on(Hls.Events.FRAG_BUFFERED, (_event, { frag }) => {
        const streams = 'elementaryStreams' in frag ? frag.elementaryStreams : undefined;
        if (frag.sn === 0) startSeconds = (streams?.video ?? streams?.audiovideo)?.startPTS ?? Number.NaN;
      });
      hls.on(Hls.Events.ERROR, (_event, { fatal, details, error }) => {
        if (fatal) told.resolve(`${details}: ${error.message}`);
      });
      video.addEventListener('ended', () => told.resolve(null));
      hls.loadSource('/index.m3u8');
      hls.attachMedia(video);
      video.playbackRate = 2;
      const late = setTimeout(() => told.resolve(`at ${video.currentTime} s of ${video.duration} s after 20 s`), 20_000);
      video.play().catch((error: unknown) => told.resolve(String(error)));
      const error = await told.promise;
      clearTimeout(late);
      return { mediaTimes, startSeconds, error, frames: video.getVideoPlaybackQuality().totalVideoFrames };
    });
  } finally {
    await page.close();
  }
}

describe('Chromium and hls.js', () => {
  it.each<[string, readonly string[], readonly string[], ContainerChoice]>([
    ['H.264 and AAC in MPEG-TS', ENCODERS.h264BFrames, ENCODERS.aac, 'auto'],
    ['H.264 and AAC in fMP4', ENCODERS.h264BFrames, ENCODERS.aac, 'fmp4'],
    ['H.264 and MP3 in MPEG-TS', ENCODERS.h264BFrames, ENCODERS.mp3, 'auto'],
    ['H.264 and Opus', ENCODERS.h264BFrames, ENCODERS.opus, 'auto'],
    ['AV1 and Opus', ENCODERS.av1, ENCODERS.opus, 'auto'],
    ['VP9 and Opus', ENCODERS.vp9, ENCODERS.opus, 'auto'],
  ])('play %s to the end, each picture at its time', async (name, picture, sound, choice) => {
    const clip = await encodedFrames(await encodedClip(folder, name, picture, sound));
    const muxer = segmentMuxerFor(clip, choice);
    const segments = muxSegments(muxer, clip.frames);
    files = new Map(segments.map(({ bytes }, sequence) => [segmentFileName(sequence, muxer.container), bytes]));
    if (muxer.initialization !== undefined) files.set(INITIALIZATION_NAME, muxer.initialization);
    const listed = segments.map((_, sequence) => ({
      ...{ sequence, ptsStartUs: 1_000_000 + sequence * 1_000_000, durationUs: 1_000_000, gap: false, independent: true },
    }));
    const epoch = {
      epochId: 'e',
      open: false,
      startedAtMs: 0,
      ptsOriginUs: 1_000_000,
      firstMediaSequence: 0,
      discontinuity: 0,
      isCut: false,
    };
    const isFragmented = muxer.container === 'fmp4';
    files.set('index.m3u8', Buffer.from(epochPlaylist({ ...epoch, isFragmented, segments: listed })));

    const { mediaTimes, startSeconds, error, frames } = await played();
    expect(error).toBeNull();
    expect(frames).toBeGreaterThanOrEqual(100);
    expect(mediaTimes.length).toBeGreaterThan(20);
    // Pictures come every 40 ms; the fragment's start is where overlays are hung up.
    const off = mediaTimes.map((time) => Math.abs((time - startSeconds) * 25 - Math.round((time - startSeconds) * 25)) / 25);
    expect(Math.max(...off)).toBeLessThan(0.001);
    expect(Math.abs(mediaTimes[0]! - startSeconds)).toBeLessThan(0.5);
  });
});
