/// <reference lib="dom" />
import { chromium, type Browser, type Page } from 'playwright-core';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochWire, MetricWire } from '../../src/core/wire/wire.js';
import { Box, type Box01 } from '../../src/core/plugin-api/index.js';
import { makeBarcodeClip, rectangleAt } from '../../src/core/plugin-testing/index.js';
import { launchBrowser, signIn } from './support/browser.js';
import { frameNumber, look, record, type Presented } from './support/presented-frames.js';
import { startPublisher } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const FPS = 25;
const CLIP_SECONDS = 60;
const WANTED = 120;

describe('the overlay in a browser', () => {
  let vedette: VedetteProcess;
  let publisher: ChildProcess;
  let browser: Browser;
  let page: Page;
  /** What the page tried in vain, or broke on. */
  const forbidden: string[] = [];

  beforeAll(async () => {
    vedette = await startVedette({
      barcode: true,
      plugins: [{ use: 'vedette/object-detection', analyzers: { 'object-detection': { config: { model: 'demo-shapes.onnx' } } } }],
    });
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: FPS * CLIP_SECONDS, fps: FPS, widthPx: 640, heightPx: 360, gop: 50, bframes: 2, audio: true });
    publisher = startPublisher(clip, vedette.publishUrl, { loop: true });
    browser = await launchBrowser(chromium);
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) forbidden.push(message.text());
    });
    page.on('pageerror', (error) => forbidden.push(error.message));
    await signIn(page, vedette, '/streams/live');
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    publisher?.kill('SIGTERM');
    await vedette?.stop();
  }, 60_000);

  it('draws what was seen in the very frame that is on screen, after a seek too', async () => {
    await page.waitForFunction(
      () => {
        const host = document.querySelector<HTMLElement>('[data-testid=overlay]');
        return ['exact', 'held'].includes(host?.dataset['drawnMode'] ?? '');
      },
      undefined,
      { timeout: 60_000 },
    );
    const before = await record(page, WANTED);
    await page.evaluate(() => {
      const video = document.querySelector('video')!;
      video.currentTime = Math.max(video.seekable.start(0), video.currentTime - 3);
    });
    const after = await record(page, WANTED / 2);

    // Paused by hand at any moment: what stands still has to agree as well.
    const paused: Presented[] = [];
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('k');
      await page.waitForFunction(() => document.querySelector('video')!.paused);
      await page.waitForTimeout(300);
      paused.push(await look(page));
      await page.keyboard.press('k');
      await page.waitForFunction(() => !document.querySelector('video')!.paused);
      await page.waitForTimeout(100 + i * 7);
    }
    const epochs = await vedette.api.all<EpochWire>(`/api/streams/${vedette.streamId}/epochs`);
    const numberAt = new Map<string, number>();
    for (const epoch of epochs) {
      const metrics = await vedette.api.all<MetricWire>(`/api/streams/${vedette.streamId}/metrics?epochId=${epoch.id}&name=frame-index`);
      for (const metric of metrics) numberAt.set(`${metric.epochId}/${metric.ptsUs}`, metric.value);
    }
    let exact = 0;
    for (const presented of [...before, ...after, ...paused]) {
      const shown = frameNumber(presented);
      expect(shown, 'a readable frame number in the picture').not.toBeNull();
      // The page's idea of which frame is on screen is a frame that exists, and its number is the one in the picture.
      expect(numberAt.get(`${presented.epochId}/${presented.framePtsUs}`)).toBe(shown);
      if (presented.mode !== 'exact') continue;
      expect(presented.drawnPtsUs).toBe(presented.framePtsUs);
      const red = (JSON.parse(presented.boxes) as { label: string; box: Box01 }[]).filter((drawn) => drawn.label === 'red');
      expect(red.length).toBe(1);
      expect(Box.iou(red[0]!.box, rectangleAt(shown!))).toBeGreaterThan(0.8);
      exact += 1;
    }
    expect(exact).toBeGreaterThan(10);
  }, 150_000);

  it('breaks on nothing, and asks for nothing that its policy forbids, while events come in the playlist', async () => {
    // The clip is black nowhere and cut where it begins again: that is an event.
    expect(await vedette.api.text(`/streaming/${vedette.streamId}/live.m3u8`)).toContain('#EXT-X-DATERANGE');
    expect(forbidden).toEqual([]);
  });

  it('shows charts, events and queue figures that move', async () => {
    await waitFor('a chart', () => page.locator('vd-metrics-panel canvas').first().isVisible(), 30_000);
    await waitFor('queue figures', async () => /visual.analysis/i.test(await page.locator('vd-queue-strip').innerText()), 30_000);
  }, 90_000);
});
