/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import AxeSource from 'axe-core';
import pg from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochWire, RunWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { launchBrowser, signIn } from './support/browser.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

/** Events of the clip, by the second at which they begin; the newest comes last. */
const SEEDED = [
  { atS: 0.2, name: 'motion', data: null },
  { atS: 0.5, name: 'logo', data: { label: 'Globex', meanScore: 0.7 } },
  { atS: 1, name: 'logo', data: { label: 'Acme', meanScore: 0.8 } },
  { atS: 2, name: 'logo', data: { label: 'Acme', meanScore: 0.9 } },
  { atS: 3, name: 'text', data: { text: 'BREAKING NEWS: storm', score: 0.9 } },
  { atS: 4, name: 'logo', data: { label: '=Initech', meanScore: 0.6 } },
] as const;

const MANY = 20_000;

/** What happened, gone through by keys and by hand, and found again: against the real server, with media that was published. */
describe('the page of events', () => {
  let vedette: VedetteProcess;
  let browser: Browser;
  let page: Page;
  let sql: pg.Client;
  let epoch: EpochWire;

  beforeAll(async () => {
    vedette = await startVedette();
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: 150, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    await publishClip(clip, vedette.publishUrl);
    await waitFor(
      'every run to end',
      async () => {
        const runs = await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`);
        const [last] = (await vedette.api.get<{ items: EpochWire[] }>(`/api/streams/${vedette.streamId}/epochs`)).items;
        return last?.state === 'closed' && runs.length > 0 && runs.every(({ state }) => !['queued', 'running'].includes(state));
      },
      60_000,
    );
    epoch = (await vedette.api.get<{ items: EpochWire[] }>(`/api/streams/${vedette.streamId}/epochs`)).items[0]!;
    sql = new pg.Client({ connectionString: vedette.databaseUrl });
    await sql.connect();
    // What the default analyzers made of the clip is not what this is about.
    await sql.query('DELETE FROM events');
    for (const { atS, name, data } of SEEDED) await tell(atS, name, data);
    browser = await launchBrowser(chromium);
    page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true })).newPage();
    await signIn(page, vedette, '/events');
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await sql?.end();
    await vedette?.stop();
  }, 60_000);

  /** As a run leaves it: with evidence where it is of something. */
  async function tell(atS: number, name: string, data: object | null): Promise<void> {
    const { rows } = await sql.query<{ id: string }>(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at, data,
         first_run_id, last_run_id)
       SELECT stream_id, id, 'logo-detection', '0123456789abcdef', 'seen ' || $2, $3, 'closed', pts_origin_us + ($2::float8 * 1e6)::bigint,
         started_at + $2::float8 * interval '1 second', pts_origin_us + (($2::float8 + 0.4) * 1e6)::bigint,
         started_at + ($2::float8 + 0.4) * interval '1 second', $4::jsonb, 1, 1
       FROM epochs WHERE id = $1 RETURNING id`,
      [epoch.id, atS, name, data === null ? null : JSON.stringify(data)],
    );
    if (name !== 'logo') return;
    const jpeg = await sharp({ create: { width: 240, height: 120, channels: 3, background: '#1d4f7a' } })
      .jpeg()
      .toBuffer();
    await sql.query(
      `INSERT INTO evidence (event_id, run_id, pts_us, rank, x, y, width, height, region_x, region_y, region_width, region_height, width_px,
         height_px, jpeg) SELECT id, 1, start_pts_us, 0.7, 0.5, 0.25, 0.1, 0.1, 0.25, 0, 0.5, 0.5, 240, 120, $2 FROM events WHERE id = $1`,
      [rows[0]!.id, jpeg],
    );
  }

  async function violations(): Promise<string[]> {
    await page.evaluate(AxeSource.source);
    return page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    });
  }
  const cards = () => page.locator('.event-card');
  const titles = () => page.locator('.event-card__title a').allTextContents();
  const isHere = (title: string) => page.locator('.event-card--here').getByRole('link', { name: title }).waitFor();
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Nothing to be sideways for, and nothing that axe finds. */
  async function isFitFor(...widthsPx: readonly number[]): Promise<void> {
    for (const width of widthsPx) {
      await page.setViewportSize({ width, height: width < 700 ? 844 : 900 });
      await page.waitForFunction(() => document.querySelectorAll('.spinner').length === 0);
      expect([width, await violations()]).toEqual([width, []]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  }

  it('shows what is to be reviewed, newest first, repeats as one, with the box where it was seen', async () => {
    await cards().first().waitFor();
    expect(await titles()).toEqual(['=Initech', 'BREAKING NEWS: storm', 'Acme', 'Globex', 'Motion']);
    const acme = cards().nth(2);
    expect(await acme.locator('.chip').textContent()).toBe('×2');
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>('.event-card img')].every(
        ({ complete, naturalWidth }) => complete && naturalWidth > 0,
      ),
    );
    // The box has its place within the part of the frame that is shown.
    const [box, picture] = [await acme.locator('.evidence__box').boundingBox(), await acme.locator('img').boundingBox()];
    expect((box!.x - picture!.x) / picture!.width).toBeCloseTo(0.5, 1);
    expect(box!.width / picture!.width).toBeCloseTo(0.2, 1);
    await isFitFor(1440, 390);
  });

  it('is gone through by keys: on, reviewed, taken back, looked at, selected', async () => {
    await press('j', 'j');
    await isHere('Acme');
    await page.locator('.events-page__detail').getByRole('heading', { name: 'Acme' }).waitFor();
    await press('r');
    await page.getByText('1 marked as reviewed').waitFor();
    await isHere('Globex');
    expect(await page.locator('.event-card--reviewed').count()).toBe(1);
    const reviewed = async (): Promise<number> => (await sql.query('SELECT 1 FROM event_reviews')).rows.length;
    await waitFor('both of the group to be marked', async () => (await reviewed()) === 2);
    await press('u');
    await waitFor('the marks to be taken back', async () => (await reviewed()) === 0);
    await page.locator('.event-card--reviewed').waitFor({ state: 'detached' });
    await press('k', 'e');
    const dialog = page.locator('dialog[open]');
    await dialog.getByRole('heading', { name: 'Acme' }).waitFor();
    expect(await violations()).toEqual([]);
    await press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await press('x');
    await page.getByRole('region', { name: 'What to do with the selected events' }).waitFor();
    await isFitFor(1440, 390);
    await press('Escape');
  });

  it('keeps its filters in the address, as chips that can be taken away', async () => {
    await cards().nth(2).locator('.event-card__text').click();
    await page.locator('.events-page__detail').getByRole('button', { name: 'Only Acme' }).click();
    await page.waitForURL(/subject=Acme/);
    await page.waitForFunction(() => document.querySelectorAll('.event-card').length === 1);
    await page.reload();
    await page.getByRole('button', { name: 'Remove the filter Of: Acme' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.event-card').length === 5);
    await page.getByLabel('Find in brands, texts, rules').fill('nothing like it');
    await press('Enter');
    await page.getByRole('heading', { name: 'No event matches' }).waitFor();
    await isFitFor(1440, 390);
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await cards().first().waitFor();
  });

  it('tells of what is new without moving what is looked at', async () => {
    const top = async () => (await cards().first().boundingBox())!.y;
    const before = await top();
    await tell(5, 'logo', { label: 'Umbrella', meanScore: 0.9 });
    const pill = page.getByRole('button', { name: '1 new' });
    await pill.waitFor();
    expect([(await titles())[0], await top()]).toEqual(['=Initech', before]);
    await pill.click();
    await page.getByRole('link', { name: 'Umbrella' }).first().waitFor();
    expect((await titles())[0]).toBe('Umbrella');
  });

  it('gives what is listed, and what is selected, as files', async () => {
    const saved = async (click: () => Promise<void>): Promise<string> => {
      const [download] = await Promise.all([page.waitForEvent('download'), click()]);
      return readFile(await download.path(), 'utf8');
    };
    const csv = await saved(() => page.locator('.page-head').getByRole('link', { name: 'CSV' }).click());
    expect(csv.trimEnd().split('\r\n')).toHaveLength(1 + SEEDED.length + 1);
    expect(csv).toContain(",'=Initech,");
    await page.getByRole('checkbox', { name: 'Select Acme' }).check();
    const json = await saved(() => page.locator('.picked-bar').getByRole('link', { name: 'JSON' }).click());
    const lines = json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { subject: string });
    expect(lines.map(({ subject }) => subject)).toEqual(['Acme', 'Acme']);
  });

  it('has clips of what is selected made, as one archive', async () => {
    await page.locator('.picked-bar').getByRole('button', { name: 'Make clips' }).click();
    await page.getByLabel('Name of the archive').fill('Morning');
    expect(await violations()).toEqual([]);
    await press('Enter');
    const link = page.locator('.case-progress').getByRole('link', { name: 'Save' });
    await link.waitFor({ timeout: 30_000 });
    const archive = await vedette.api.bytes(new URL((await link.getAttribute('href'))!).pathname);
    expect(archive.subarray(0, 2).toString()).toBe('PK');
    expect(archive.includes('.mp4')).toBe(true);
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('button', { name: 'Clear the selection' }).click();
  });

  it('opens an event in the player, at its moment', async () => {
    await cards().first().locator('.event-card__text').click();
    await press('Enter');
    await page.waitForURL(new RegExp('/streams/live\\?t='));
    const at = new URL(page.url()).searchParams.get('t')!;
    expect(Date.parse(at) - Date.parse(epoch.startedAt)).toBeCloseTo(5_000, -2);
  });

  it('finds words from everywhere, and goes to their moment', async () => {
    await sql.query(
      `INSERT INTO observations (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, type, data)
       SELECT started_at + interval '3 seconds', 1, 9000, stream_id, id, 'text-detection', pts_origin_us + 3000000, 'text',
         '{"text": "Storm reaches the coast"}' FROM epochs WHERE id = $1`,
      [epoch.id],
    );
    await vedette.api.post('/api/brands', { name: 'Stormy Weather' });
    await page.goto(`${vedette.apiUrl}/events`);
    await cards().first().waitFor();
    await press('/');
    await page.waitForURL(/\/search/);
    await page.getByRole('heading', { name: 'What are you looking for?' }).waitFor();
    expect(await violations()).toEqual([]);
    await page.keyboard.type('storm');
    await page.getByText('3 results').waitFor();
    expect(await page.locator('.search-group h2').allTextContents()).toEqual(['Brands', 'Events', 'Texts on screen']);
    expect(await page.locator('.search-hit mark').allTextContents()).toEqual(['Storm', 'storm', 'Storm']);
    await isFitFor(1440, 390);
    await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    await page.waitForURL(new RegExp('/streams/live\\?t='));
    expect(Date.parse(new URL(page.url()).searchParams.get('t')!) - Date.parse(epoch.startedAt)).toBeCloseTo(3_000, -2);
    await page.goBack();
    await page.waitForURL(/\/search\?q=storm/);
    await page.getByLabel('What to look for').fill('zebra');
    await page.getByRole('heading', { name: 'Nothing found for “zebra”' }).waitFor();
    expect(await violations()).toEqual([]);
  });

  it('has a few of very many in the page, goes on as it is scrolled, and keeps them within reach of keys', async () => {
    await sql.query(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at, data,
         first_run_id, last_run_id)
       SELECT stream_id, id, 'text-detection', '0123456789abcdef', 'many ' || n, 'text', 'closed', 0, started_at - n * interval '10 minutes', 1,
         started_at - n * interval '10 minutes' + interval '1 second', jsonb_build_object('text', 'Line ' || n), 1, 1
       FROM epochs, generate_series(1, $2::int) n WHERE id = $1`,
      [epoch.id, MANY],
    );
    await page.goto(`${vedette.apiUrl}/events?reviewed=any`);
    await cards().first().waitFor();
    const firstOf = (n: number) => page.getByRole('link', { name: `Line ${n}`, exact: true });
    for (const goal of [80, 180, 280]) {
      await waitFor(`line ${goal} to come as the page is scrolled`, async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return Number(await page.locator('.event-card').last().getAttribute('aria-posinset')) > goal;
      });
      expect(await cards().count()).toBeLessThan(60);
    }
    const middle = page.locator('.event-card', { has: firstOf(150) });
    await waitFor('the middle of the list to be in the page', async () => {
      await page.evaluate(() => {
        const { offsetHeight } = document.querySelector<HTMLElement>('.event-card')!;
        scrollTo(0, 150 * offsetHeight);
      });
      return (await middle.count()) === 1;
    });
    await middle.locator('.event-card__text').click();
    const at = Number(await middle.getAttribute('aria-posinset'));
    for (let step = 0; step < 20; step++) await press('j');
    await page.locator(`.event-card--here[aria-posinset="${at + 20}"]`).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-current'))).toBe('true');
    // From the top, where the one that one stands on is not in the page, a key goes back to it.
    await page.evaluate(() => scrollTo(0, 0));
    await firstOf(1).waitFor();
    await press('k');
    await page.locator(`.event-card--here[aria-posinset="${at + 19}"]`).waitFor();
  });

  it('is read in German and by daylight, too', async () => {
    await page.evaluate(() => {
      localStorage.setItem('vedette.language', 'de');
      localStorage.setItem('vedette.theme', 'light');
    });
    await page.goto(`${vedette.apiUrl}/events?reviewed=any`);
    await page.getByRole('heading', { name: 'Ereignisse' }).waitFor();
    await cards().first().waitFor();
    await isFitFor(1440, 390, 320);
    await page.goto(`${vedette.apiUrl}/search?q=storm`);
    await page.getByRole('heading', { name: 'Texte im Bild' }).waitFor();
    await isFitFor(1440, 320);
  });
});
