import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBarcodeClip, readBarcode } from '../../src/core/plugin-testing/index.js';
import type { NewShareWire } from '../../src/core/wire/clips.wire.js';
import { ApiApp } from '../support/api-app.js';
import { recordedEpoch, type RecordedEpoch } from '../support/media/recorded-stream.js';
import { launchBrowser } from './support/browser.js';
import { Nginx } from './support/nginx.js';
import { waitFor } from './support/wait-for.js';

const FRAME_US = 40_000;
const [WIDTH, HEIGHT] = [640, 360];
const [FIRST, LAST] = [63, 170];

describe('a link to a clip, in a browser, below a path of another site', () => {
  let api: ApiApp;
  let nginx: Nginx;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let folder: string;
  let door: RecordedEpoch;
  const complaints: string[] = [];

  beforeAll(async () => {
    api = await ApiApp.start({ api: { trustProxy: ['loopback'] } });
    nginx = await Nginx.start({ file: 'nginx-below-a-path.conf', apiUrl: api.url, mediaDir: api.config.mediaDir });
    folder = await mkdtemp(join(tmpdir(), 'vedette-share-page-'));
    const size = { frames: 250, fps: 25, widthPx: WIDTH, heightPx: HEIGHT };
    await makeBarcodeClip(join(folder, 'door.ts'), { ...size, gop: 50, bframes: 2, audio: true });
    door = await recordedEpoch(api.sql, join(folder, 'door.ts'), api.config.mediaDir);
    browser = await launchBrowser(chromium);
    context = await browser.newContext();
    page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await nginx?.stop();
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** The number of the frame on screen at a time of the video. */
  async function frameAt(seconds: number): Promise<number | null> {
    const png = await page.evaluate(
      async ([at, width, height]) => {
        const video = document.querySelector('video')!;
        const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        video.currentTime = at!;
        await shown;
        const canvas = new OffscreenCanvas(width!, height!);
        canvas.getContext('2d')!.drawImage(video, 0, 0, width!, height!);
        const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      },
      [seconds, WIDTH, HEIGHT],
    );
    const data = await sharp(Buffer.from(png, 'base64')).removeAlpha().raw().toBuffer();
    const fit = { contentWidthPx: WIDTH, contentHeightPx: HEIGHT, offsetXPx: 0, offsetYPx: 0, frameWidthPx: WIDTH, frameHeightPx: HEIGHT };
    return readBarcode({ data, widthPx: WIDTH, heightPx: HEIGHT, format: 'rgb24', fit });
  }

  it('plays, from the first frame that was asked for to the last, over the seams', async () => {
    const ptsOf = (index: number): number => Math.round(door.facts[0]!.ptsStartUs + index * FRAME_US);
    const range = { streamId: door.streamId, epochId: door.epochId, fromPtsUs: ptsOf(FIRST), toPtsUs: ptsOf(LAST) };
    const { token } = await api.apiToken('admin');
    const body = { ...range, mode: 'exact', title: 'Front door', expiresInSeconds: 3_600 };
    const made = await api.call('POST', '/api/shares', { bearer: token, body });
    const share = (await made.json()) as NewShareWire;
    const below = `${nginx.url}/vedette${new URL(share.url).pathname}`;
    // Where it is still made, the page looks again by itself.
    await page.goto(below);
    await waitFor('the page has its video', async () => ((await page.locator('video').count()) === 1 ? true : undefined));
    await waitFor('the video is there', () =>
      page.evaluate(() => ((document.querySelector('video')?.readyState ?? 0) >= 2 ? true : undefined)),
    );
    const facts = await page.evaluate(() => {
      const video = document.querySelector('video')!;
      return { widthPx: video.videoWidth, heightPx: video.videoHeight, seconds: video.duration, title: document.title };
    });
    expect(facts).toMatchObject({ widthPx: WIDTH, heightPx: HEIGHT, title: 'Front door' });
    expect(facts.seconds).toBeCloseTo((LAST - FIRST + 1) / 25, 1);
    const seen = [];
    for (const index of [LAST, 100, 99, 150, 149, 64]) seen.push(await frameAt((index - FIRST + 0.5) / 25));
    expect(seen).toEqual([LAST, 100, 99, 150, 149, 64]);
    await page.goto(below);
    expect(await frameAt(0.001)).toBe(FIRST);
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => document.scripts.length)).toBe(0);
  });
});
