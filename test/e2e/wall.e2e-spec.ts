/// <reference lib="dom" />
import AxeSource from 'axe-core';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { launchBrowser, signIn } from './support/browser.js';
import { startPublisher } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const WIDTHS_PX = [1440, 390];

/** The first page of the day, with a stream that comes by RTMP and one that nobody sends yet. */
describe('the wall', () => {
  let vedette: VedetteProcess;
  let publisher: ChildProcess | undefined;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    vedette = await startVedette({ barcode: true });
    await vedette.api.post('/api/streams', { name: 'gate', title: 'Gate', adapterId: 'rtmp', sourceConfig: {} });
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: 150, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    publisher = startPublisher(clip, vedette.publishUrl, { loop: true });
    browser = await launchBrowser(chromium);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await signIn(page, vedette, '/');
  }, 150_000);

  afterAll(async () => {
    publisher?.kill('SIGKILL');
    await browser?.close();
    await vedette?.stop();
  }, 60_000);

  const tile = (title: string): Locator => page.locator('vd-wall-tile', { has: page.getByRole('heading', { name: title, exact: true }) });
  const word = async (title: string): Promise<string> => (await tile(title).getByTestId('tile-word').innerText()).trim();
  const titles = (): Promise<string[]> => page.locator('vd-wall-tile h3').allInnerTexts();
  const shown = (title: string): Promise<string | null> =>
    tile(title)
      .locator('img.tile__image')
      .evaluate((image) => ((image as HTMLImageElement).naturalWidth > 0 ? (image as HTMLImageElement).src : null));
  async function violations(): Promise<string[]> {
    await page.evaluate(AxeSource.source);
    return page.evaluate(async () =>
      (
        await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run()
      ).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    );
  }

  it('shows each stream by a picture that goes on, a word for its state, and how it is', async () => {
    await waitFor('the stream to be live', async () => (await word('Live').catch(() => '')) === 'Live', 60_000);
    await waitFor('a picture', async () => (await shown('Live').catch(() => null)) !== null, 30_000);
    const first = await shown('Live');
    await waitFor('the next picture', async () => ![null, first].includes(await shown('Live')), 30_000);
    expect(await word('Gate')).toBe('Waiting for video');
    expect(await tile('Gate').innerText()).toContain('No picture yet');
    await waitFor('its health', async () => /Good|Fair|Keyframes|Analysis|Segments/.test(await tile('Live').innerText()));
  });

  it('moves where it is pointed at', async () => {
    await tile('Live').hover();
    await page.locator('.tile__preview--on').waitFor({ timeout: 30_000 });
    expect(await page.locator('.tile__preview').evaluate((video) => (video as HTMLVideoElement).muted)).toBe(true);
    await page.mouse.move(0, 0);
    await page.locator('.tile__preview').waitFor({ state: 'detached' });
  });

  it('filters by name and by state, and keeps that in the address', async () => {
    await page.getByRole('button', { name: 'Live 1' }).click();
    await page.waitForURL('**/?show=live');
    await waitFor('one tile', async () => (await titles()).join() === 'Live');
    await page.getByRole('searchbox', { name: 'Filter by name' }).fill('nobody');
    await page.getByRole('heading', { name: 'No stream fits' }).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Show all' }).click();
    await waitFor('both tiles', async () => (await titles()).length === 2);
    expect(new URL(page.url()).search).toBe('');
  });

  it('is arranged by buttons and in groups, and stays so', async () => {
    expect(await titles()).toEqual(['Gate', 'Live']);
    await page.getByRole('button', { name: 'Arrange' }).click();
    await page.getByRole('button', { name: 'Move Live back' }).click();
    await waitFor('the new order', async () => (await titles()).join() === 'Live,Gate');
    await page.getByRole('combobox', { name: 'Group of Gate' }).fill('Outside');
    await page.getByRole('combobox', { name: 'Group of Gate' }).press('Enter');
    await page.getByRole('heading', { name: 'Outside', exact: true }).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'Outside', exact: true }).waitFor();
    expect(await titles()).toEqual(['Gate', 'Live']);
    await page.getByRole('combobox', { name: 'Group', exact: true }).selectOption('Outside');
    await waitFor('its group alone', async () => (await titles()).join() === 'Gate');
  });

  it('is dragged into order', async () => {
    await page.goto(`${vedette.apiUrl}/`);
    await page.evaluate(() => localStorage.removeItem('vedette.wall'));
    await page.reload();
    await waitFor('both tiles', async () => (await titles()).join() === 'Gate,Live');
    await page.getByRole('button', { name: 'Arrange' }).click();
    const [from, to] = [await tile('Live').boundingBox(), await tile('Gate').boundingBox()];
    await page.mouse.move(from!.x + from!.width / 2, from!.y + 60);
    await page.mouse.down();
    for (let step = 1; step <= 10; step++)
      await page.mouse.move(from!.x + from!.width / 2 + ((to!.x - from!.x) * step) / 10, from!.y + 60 + ((to!.y - from!.y) * step) / 10);
    await page.mouse.up();
    await waitFor('the new order', async () => (await titles()).join() === 'Live,Gate');
    await page.getByRole('button', { name: 'Done' }).click();
  });

  it.each(WIDTHS_PX)('fits a window of %i pixels and the rules of accessibility, in both themes', async (widthPx) => {
    await page.setViewportSize({ width: widthPx, height: 844 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.getByTestId('status').first().click();
      expect(await violations()).toEqual([]);
      await page.keyboard.press('Escape');
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('hangs as a kiosk without anything to click, all of it in sight, and leaves by a key', async () => {
    await page.goto(`${vedette.apiUrl}/?kiosk`);
    await waitFor('both tiles', async () => (await titles()).length === 2);
    expect(await page.getByRole('navigation').count()).toBe(0);
    for (const title of ['Live', 'Gate']) {
      const box = await tile(title).boundingBox();
      expect([box!.y >= 0, box!.y + box!.height <= 900]).toEqual([true, true]);
    }
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('navigation').waitFor();
  });

  it('opens a stream by a click anywhere on its tile', async () => {
    const box = await tile('Live').locator('.tile__picture').boundingBox();
    await page.mouse.click(box!.x + box!.width / 2, box!.y + box!.height / 2);
    await page.waitForURL('**/streams/live');
    await page.getByTestId('overlay').waitFor();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Wall', exact: true }).click();
    await tile('Live').waitFor();
  });

  it('can be installed as an app', async () => {
    const manifest = await page.evaluate(async () => {
      const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]')!;
      const answer = (await (await fetch(link.href)).json()) as { icons: { src: string }[]; start_url: string; display: string };
      const icons = await Promise.all(answer.icons.map(async ({ src }) => (await fetch(new URL(src, link.href))).status));
      return { icons, start: new URL(answer.start_url, link.href).href, display: answer.display };
    });
    expect(manifest).toEqual({ icons: [200, 200, 200, 200], start: `${vedette.apiUrl}/`, display: 'standalone' });
  });

  it('says what to do where there is nothing', async () => {
    publisher?.kill('SIGKILL');
    const ids = (await vedette.api.all<{ id: string }>('/api/streams')).map(({ id }) => id);
    await page.evaluate(async (all) => {
      for (const id of all) await fetch(`/api/streams/${id}`, { method: 'DELETE' });
    }, ids);
    await page.getByRole('heading', { name: 'No stream yet' }).waitFor();
    expect(await page.getByRole('link', { name: 'Set up the first stream' }).getAttribute('href')).toMatch(/\/setup$/);
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'New stream' }).first().click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Title' }).waitFor();
  });
});
