/// <reference lib="dom" />
import AxeSource from 'axe-core';
import type { ChildProcess } from 'node:child_process';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box01 } from '../../src/core/plugin-api/index.js';
import { makeBarcodeClip, rectangleAt } from '../../src/core/plugin-testing/index.js';
import type { BrandWire } from '../../src/core/wire/brands.wire.js';
import type { RuleWire } from '../../src/core/wire/rules.wire.js';
import type { MetricWire, Page as PageOf, SegmentWire } from '../../src/core/wire/wire.js';
import { launchBrowser, signIn } from './support/browser.js';
import { frameNumber, look, record } from './support/presented-frames.js';
import { startPublisher } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const FPS = 25;
/** More than the live playlist names, so that there is a past to go to. */
const RECORDED_SEGMENTS = 16;
const MOST_JSON_BYTES = 100_000;
/** The picture's width that the error of boxes is told for. */
const ERROR_WIDTH_PX = 320;
const MOST_ERROR_PX = 1.5;

describe('the page of a stream', () => {
  let vedette: VedetteProcess;
  let publisher: ChildProcess;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  let jsonBytes = 0;

  beforeAll(async () => {
    vedette = await startVedette({
      barcode: true,
      plugins: [{ use: 'vedette/object-detection', analyzers: { 'object-detection': { config: { model: 'demo-shapes.onnx' } } } }],
    });
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: FPS * 60, fps: FPS, widthPx: 640, heightPx: 360, gop: 50, bframes: 2, audio: true });
    publisher = startPublisher(clip, vedette.publishUrl, { loop: true });
    browser = await launchBrowser(chromium);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'en-GB' });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    await signIn(page, vedette, '/work');
    await waitFor('a past that the live playlist has left', async () => (await segments()).length >= RECORDED_SEGMENTS, 90_000);
    page.on('response', async (response) => {
      if (new URL(response.url()).pathname.startsWith(`/api/streams/${vedette.streamId}/`))
        jsonBytes += (await response.body().catch(() => Buffer.alloc(0))).byteLength;
    });
    await page.goto(`${vedette.apiUrl}/streams/live`);
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    publisher?.kill('SIGTERM');
    await vedette?.stop();
  }, 60_000);

  const segments = async (): Promise<SegmentWire[]> =>
    (await vedette.api.get<PageOf<SegmentWire>>(`/api/streams/${vedette.streamId}/segments?limit=200`)).items;
  const drawnMode = (): Promise<string | undefined> =>
    page.evaluate(() => document.querySelector<HTMLElement>('[data-testid=overlay]')?.dataset['drawnMode']);
  const showsBoxes = (): Promise<boolean> => drawnMode().then((mode) => mode === 'exact' || mode === 'held');

  /** The picture's own number and the ledger name the frame that stands still. */
  async function expectExact(): Promise<number> {
    await page.waitForFunction(() => document.querySelector('video')!.paused && !document.querySelector('video')!.seeking);
    const shown = await waitFor('a located frame with its results', async () => {
      await page.waitForTimeout(200);
      const presented = await look(page);
      return presented.epochId !== '' && presented.mode !== 'unknown' && presented;
    });
    const number = frameNumber(shown);
    const query = `epochId=${shown.epochId}&fromPtsUs=${shown.framePtsUs - 1_000}&toPtsUs=${shown.framePtsUs + 1_000}&name=frame-index`;
    const known = await vedette.api.all<MetricWire>(`/api/streams/${vedette.streamId}/metrics?${query}`);
    expect(known.map(({ value }) => value)).toEqual([number]);
    return number!;
  }

  async function expectAccessible(state: string): Promise<void> {
    await page.evaluate(AxeSource.source);
    const violations = await page.evaluate(async () =>
      (
        await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run()
      ).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
    );
    expect(violations, state).toEqual([]);
  }

  /** Where on the timeline a moment is. */
  async function placeOf(atMs: number): Promise<{ x: number; y: number }> {
    const track = page.getByTestId('timeline-track');
    const { x, y, width } = (await track.boundingBox())!;
    const fromMs = Number(await track.getAttribute('aria-valuemin')) * 1000;
    const nowMs = Number(await track.getAttribute('aria-valuemax')) * 1000;
    // A little room is left to the right of now.
    return { x: x + ((atMs - fromMs) / ((nowMs - fromMs) / 0.96)) * width, y: y + 40 };
  }

  it('shows a picture with its boxes for little that has to be fetched', async () => {
    await waitFor('boxes', showsBoxes, 60_000);
    await page.getByText('Analysed up to').waitFor();
    expect(jsonBytes).toBeGreaterThan(1_000);
    expect(jsonBytes).toBeLessThanOrEqual(MOST_JSON_BYTES);
    await expectAccessible('live');
  }, 90_000);

  it('draws boxes where things are, in frames that nobody looked at too', async () => {
    const errorsPx: number[] = [];
    let withBox = 0;
    const frames = await record(page, 100);
    for (const presented of frames) {
      const number = frameNumber(presented)!;
      const boxes = (JSON.parse(presented.boxes) as { label: string; box: Box01 }[]).filter(({ label }) => label === 'red');
      if (boxes.length > 0) withBox += 1;
      const truth = rectangleAt(number);
      for (const { box } of boxes)
        errorsPx.push(
          Math.hypot(
            (box.x + box.width / 2 - truth.x - truth.width / 2) * ERROR_WIDTH_PX,
            (box.y + box.height / 2 - truth.y - truth.height / 2) * ERROR_WIDTH_PX * (9 / 16),
          ),
        );
    }
    errorsPx.sort((a, b) => a - b);
    expect(errorsPx[errorsPx.length >> 1]).toBeLessThanOrEqual(MOST_ERROR_PX);
    expect(withBox / frames.length).toBeGreaterThan(0.9);
  }, 60_000);

  it('goes to a moment of the past on the timeline, steps there frame by frame, and back to live by the address', async () => {
    const target = Date.parse((await segments())[2]!.at) + 700;
    const { x, y } = await placeOf(target);
    await page.mouse.click(x, y);
    await page.getByTestId('recorded').waitFor();
    await waitFor('the past', showsBoxes, 30_000);
    expect(new URL(page.url()).searchParams.get('t')).toMatch(/^\d{4}-/);
    await page.keyboard.press('k');
    const first = await expectExact();
    await page.keyboard.press('.');
    expect(await expectExact()).toBe(first + 1);
    await page.keyboard.press(',');
    await page.keyboard.press(',');
    expect(await expectExact()).toBe(first - 1);
    await page.goBack();
    await page.getByTestId('recorded').waitFor({ state: 'detached' });
    await waitFor('live again', showsBoxes, 30_000);
    await page.goForward();
    await page.getByTestId('recorded').waitFor();
  }, 120_000);

  it('says in words what was looked at, and its slider speaks', async () => {
    const track = page.getByTestId('timeline-track');
    await track.focus();
    await page.keyboard.press('Enter');
    const card = page.getByTestId('coverage-card');
    await card.getByText('Object detection').waitFor();
    expect(await card.innerText()).toMatch(/done \d/);
    expect(await track.getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d:\d\d, recorded/);
    const before = Number(await track.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowLeft');
    await waitFor('an earlier moment', async () => Number(await track.getAttribute('aria-valuenow')) < before);
    await expectAccessible('past, with the coverage in words');
    await card.getByRole('button', { name: 'Close' }).click();
  }, 60_000);

  it('makes a clip of a marked range', async () => {
    const all = await segments();
    const [from, to] = [await placeOf(Date.parse(all[1]!.at)), await placeOf(Date.parse(all[4]!.at))];
    await page.getByTestId('mark').click();
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 4 });
    await page.mouse.up();
    await page.getByTestId('make-clip').click();
    const file = page.getByTestId('clip-file');
    await file.waitFor({ timeout: 60_000 });
    expect((await page.request.get((await file.getAttribute('href'))!)).headers()['content-type']).toBe('video/mp4');
    await expectAccessible('a range');
    await page.getByRole('button', { name: 'Let go of the range' }).click();
  }, 90_000);

  it('draws a zone, tries it on what was recorded, and saves it', async () => {
    await page.getByTestId('new-rule').click();
    await page.getByTestId('draw').scrollIntoViewIfNeeded();
    const picture = (await page.getByTestId('draw').boundingBox())!;
    const at = (x: number, y: number): [number, number] => [picture.x + x * picture.width, picture.y + y * picture.height];
    for (const [x, y] of [at(0.1, 0.1), at(0.9, 0.1), at(0.9, 0.9), at(0.1, 0.9)]) await page.mouse.click(x, y);
    await page.getByTestId('try-rule').click();
    await page.getByTestId('judgement').waitFor({ timeout: 30_000 });
    expect(await page.getByTestId('judgement').innerText()).toMatch(/\d+ events? of \d+ objects/);
    await expectAccessible('a rule that is drawn and tried');
    await page.getByTestId('save-rule').click();
    await page.getByText('New zone').waitFor();
    const stored = await vedette.api.all<RuleWire>(`/api/streams/${vedette.streamId}/rules`);
    expect(stored).toMatchObject([{ name: 'New zone', kind: 'zone' }]);
    expect(stored[0]!.points).toHaveLength(4);
  }, 60_000);

  it('teaches a logo from the frame that stands still', async () => {
    await page.getByRole('button', { name: 'Teach a logo that is in the picture' }).click();
    await page.waitForFunction(() => document.querySelector('video')!.paused);
    const picture = (await page.getByTestId('draw').boundingBox())!;
    await page.mouse.move(picture.x + 0.2 * picture.width, picture.y + 0.2 * picture.height);
    await page.mouse.down();
    await page.mouse.move(picture.x + 0.8 * picture.width, picture.y + 0.8 * picture.height, { steps: 3 });
    await page.mouse.up();
    await page.locator('input[name=brand-title]').fill('Globex');
    await expectAccessible('a logo that is taught');
    await page.getByTestId('teach-logo').click();
    await page.getByText('Globex has one more image').waitFor({ timeout: 30_000 });
    const brands = await vedette.api.all<BrandWire>('/api/brands');
    expect(brands).toMatchObject([{ name: 'Globex', references: [{ source: 'frame' }] }]);
    await page.getByTestId('teach').getByRole('button', { name: 'Close' }).click();
  }, 60_000);

  it('tells its keys, fits a phone, and breaks on nothing', async () => {
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await expectAccessible('help');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 390, height: 844 });
    const tooWide = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > 391 && getComputedStyle(element).position !== 'fixed')
        .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`),
    );
    expect([await page.evaluate(() => document.documentElement.scrollWidth), tooWide]).toEqual([390, expect.any(Array)]);
    await expectAccessible('on a phone');
    expect(complaints).toEqual([]);
  }, 60_000);
});
