/// <reference lib="dom" />
import { writeFile } from 'node:fs/promises';
import AxeSource from 'axe-core';
import type pg from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import sharp from 'sharp';
import { siBosch, siFirefoxbrowser, siSpotify } from 'simple-icons';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../../src/core/persistence/pool.js';
import { showBrands } from '../support/exposure-scene.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { ffmpeg } from '../support/media/ffmpeg.js';
import { zipEntries } from '../support/zip-entries.js';
import { launchBrowser, signIn } from './support/browser.js';
import { publishClip } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const HOUR_MS = 3_600_000;
const CLIP_S = 8;

/** What a marketing department, whoever keeps the logos and whoever runs the machine see of a real ledger. */
describe('exposure, logos and the system in the dashboard', () => {
  let vedette: VedetteProcess;
  let browser: Browser;
  let page: Page;
  let sql: pg.Pool;
  let brands: { id: string; label: string; svg: string }[];
  const faults: string[] = [];

  beforeAll(async () => {
    vedette = await startVedette();
    sql = createPool({ databaseUrl: vedette.databaseUrl, size: 2, name: 'test', statementTimeoutMs: 30_000 });
    const clip = vedette.scratch('bug.flv');
    await makeClip(clip);
    await publishClip(clip, vedette.publishUrl);
    brands = [];
    for (const icon of [siBosch, siFirefoxbrowser]) {
      const { id } = await vedette.api.post<{ id: string }>('/api/brands', { icon: icon.slug });
      brands.push({ id, label: icon.title, svg: icon.svg });
    }
    const [bosch, firefox] = brands;
    const streamId = await new LedgerSeed(sql).stream({ name: 'arena', state: 'stopped' });
    await sql.query("UPDATE streams SET title = 'Arena' WHERE id = $1", [streamId]);
    const show = { streamId, lengthS: 600 };
    const corner = [0.8, 0.05, 0.1, 0.12] as const;
    await showBrands(sql, {
      ...show,
      startedAt: new Date(Date.now() - 30 * HOUR_MS),
      ordinal: 0,
      brands: [{ ...bosch!, inS: 40, everyS: 100, box: corner }],
    });
    const both = [
      { ...bosch!, inS: 20, everyS: 100, box: corner },
      { ...firefox!, inS: 10, everyS: 100, box: [0.1, 0.7, 0.2, 0.2] as const },
    ];
    await showBrands(sql, { ...show, startedAt: new Date(Date.now() - 3 * HOUR_MS), ordinal: 1, brands: both });
    await sql.query(
      `INSERT INTO role_crashes (instance_id, role, host, pid, last_heard_at) VALUES ('gone', 'worker', 'attic', 77, now() - interval '7 minutes')`,
    );
    browser = await launchBrowser(chromium);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await signIn(page, vedette, '/exposure');
  }, 150_000);

  afterAll(async () => {
    await browser?.close();
    await sql?.end();
    await vedette?.stop();
  }, 60_000);

  /** A channel bug that stands still on a picture that moves. */
  async function makeClip(path: string): Promise<void> {
    const bug = vedette.scratch('bug.png');
    await writeFile(
      bug,
      await sharp(Buffer.from(siSpotify.svg.replace('<svg ', '<svg fill="#ffffff" ')))
        .resize(92)
        .png()
        .toBuffer(),
    );
    await ffmpeg(
      ...[
        '-f',
        'lavfi',
        '-i',
        `mandelbrot=size=640x360:rate=25:maxiter=100,trim=duration=${CLIP_S},scale=1280:720`,
        '-loop',
        '1',
        '-i',
        bug,
      ],
      ...['-filter_complex', '[0:v][1:v]overlay=x=1130:y=50', '-t', String(CLIP_S), '-an', '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-b:v', '2500k', '-g', '50', '-pix_fmt', 'yuv420p', path],
    );
  }

  async function violations(): Promise<string[]> {
    await page.evaluate(AxeSource.source);
    return page.evaluate(async () =>
      (
        await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run()
      ).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    );
  }
  const rowOf = (brand: string) => page.getByRole('row', { name: new RegExp(`^${brand}`) });
  const hasNoSidewaysScroll = (): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

  it('adds brands up over streams, beside the day before', async () => {
    await page.locator('vd-exposure-table').waitFor();
    expect((await rowOf(siBosch.title).innerText()).replace(/\s+/g, ' ')).toMatch(/^Bosch 2 min 00 s 66\.7% 1\.2% 6 /);
    expect((await rowOf(siFirefoxbrowser.title).innerText()).replace(/\s+/g, ' ')).toMatch(/^Firefox Browser 1 min 00 s 33\.3% 4\.0% 6 /);
    expect(await page.locator('vd-exposure-brand').innerText()).toMatch(/100% of the time top right/);
    expect(await page.locator('vd-exposure-axis .axis__track path').count()).toBeGreaterThan(1);
    expect(await violations()).toEqual([]);

    await page.getByLabel('Beside it').selectOption({ label: 'The time before' });
    await page.getByText('50% less than the 4 min 00 s beside it').waitFor();
    await page.getByText('not to be seen beside it').waitFor();
    await page.getByRole('button', { name: siFirefoxbrowser.title, exact: true }).first().click();
    await page.getByRole('heading', { name: `Appearances of ${siFirefoxbrowser.title}` }).waitFor();
    expect(new URL(page.url()).search).toBe(`?against=before&brand=${encodeURIComponent(siFirefoxbrowser.title)}`);
    await page.reload();
    await page.getByRole('heading', { name: `Appearances of ${siFirefoxbrowser.title}` }).waitFor();
    expect(await violations()).toEqual([]);
  }, 60_000);

  it('sets two shows of a stream side by side, shows pictures, and gives what is on show as CSV', async () => {
    await page.goto(`${vedette.apiUrl}/exposure?streams=arena`);
    const shows = page.getByLabel('Show', { exact: true });
    await shows.waitFor();
    expect(await shows.locator('option').count()).toBe(3);
    await shows.selectOption({ index: 1 });
    await page.getByLabel('Beside it').selectOption({ index: 3 });
    await page.getByText('50% less than the 4 min 00 s beside it').waitFor();
    const href = await page.locator('#exposure-csv a').nth(2).getAttribute('href');
    const csv = await (await fetch(href!, { headers: { cookie: vedette.api.cookie } })).text();
    expect(
      csv
        .trim()
        .split('\r\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['stream', ...Array<string>(12).fill('arena')]);
    await page.locator('.pictures__one').first().press('Enter');
    const dialog = page.getByRole('dialog', { name: siBosch.title });
    await waitFor('the picture', () => dialog.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth > 0));
    expect(await dialog.getByRole('link').getAttribute('href')).toMatch(/^\/streams\/arena\?t=\d{4}-/);
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 390, height: 844 });
    expect([await hasNoSidewaysScroll(), await violations()]).toEqual([true, []]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${vedette.apiUrl}/exposure?from=2026-01-01T00:00:00.000Z&to=2026-01-02T00:00:00.000Z`);
    await page.getByRole('heading', { name: 'No brand was seen in this range' }).waitFor();
    expect(await violations()).toEqual([]);
  }, 60_000);

  it('says when a logo was last seen, and tries an image on what was recorded before it is kept', async () => {
    await page.goto(`${vedette.apiUrl}/brands`);
    await page.waitForURL((url) => url.pathname === '/logos');
    await page
      .getByRole('link', { name: /Last seen 2 hours ago on arena/ })
      .first()
      .waitFor();
    const logo = vedette.scratch('spotify.png');
    await writeFile(logo, await sharp(Buffer.from(siSpotify.svg)).resize(90).png().toBuffer());
    const card = page.locator('vd-brand-card', { hasText: siBosch.title });
    await card.locator('input[type=file]').setInputFiles(logo);
    const dialog = page.getByRole('dialog', { name: `Add an image to ${siBosch.title}` });
    await dialog.getByLabel('Stream').selectOption(vedette.streamId);
    await dialog.getByRole('button', { name: 'Try it' }).click();
    await dialog.getByText(/Found on \d+ pictures in [\d.]+ s of media/).waitFor({ timeout: 60_000 });
    await waitFor('the picture', () => dialog.locator('.trial__frame img').evaluate((img: HTMLImageElement) => img.naturalWidth > 0));
    const [box, frame] = [await dialog.locator('.trial__box').first().boundingBox(), await dialog.locator('.trial__frame').boundingBox()];
    // 92 x 92 at 1130, 50 of 1280 x 720.
    expect((box!.x + box!.width / 2 - frame!.x) / frame!.width).toBeCloseTo(1176 / 1280, 1);
    expect((box!.y + box!.height / 2 - frame!.y) / frame!.height).toBeCloseTo(96 / 720, 1);
    expect(await violations()).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await card.locator('.brand__image img[alt=spotify]').waitFor();
    await card.getByText('1 hint').click();
    await card.getByText('spotify is small').waitFor();
    expect(await violations()).toEqual([]);
  }, 120_000);

  it('shows how the installation is, and has a crash seen', async () => {
    await page.goto(`${vedette.apiUrl}/system`);
    const main = page.getByRole('main');
    await main.getByText('worker on attic ended once without being asked to').waitFor();
    await page.getByText(/18\.\d+, the one that comes with Vedette/).waitFor();
    await page
      .getByText(/free on the disk/)
      .first()
      .waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'I have seen it' }).click();
    await main.getByText('worker on attic').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Logs', exact: true }).last().click();
    await page.getByText('worker is ready').waitFor();
    expect(await violations()).toEqual([]);
    await page.getByLabel('Search in lines').fill('no such line');
    await page.getByText('No line matches.').waitFor();
    await page.getByRole('link', { name: 'Who did what' }).click();
    await page.locator('.audit__filters select').selectOption('crash.acknowledge');
    await waitFor('the entry', async () => (await page.locator('.audit__table tbody tr').count()) === 1);
    expect(await page.locator('.audit__table tbody tr').innerText()).toContain('admin');
    expect(await violations()).toEqual([]);
    await page.getByRole('link', { name: 'Licences' }).click();
    await page.getByLabel('Find a package or a licence').fill('hls.js');
    await page.getByText('Apache-2.0').first().waitFor();
    expect(await violations()).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect([await hasNoSidewaysScroll(), await violations()]).toEqual([true, []]);
    expect(faults).toEqual([]);
  }, 60_000);

  it('gives diagnostics of the whole program that hold none of its keys', async () => {
    const response = await fetch(`${vedette.apiUrl}/api/system/diagnostics`, { headers: { cookie: vedette.api.cookie } });
    const archive = Buffer.from(await response.arrayBuffer());
    const entries = zipEntries(archive);
    expect([...entries.keys()]).toEqual(expect.arrayContaining(['config.json', 'logs/worker.log', 'logs/api.log', 'metrics.txt']));
    expect(entries.get('logs/worker.log')!.toString('utf8')).toContain('worker is ready');
    const session = vedette.api.cookie.split('=').at(-1)!;
    for (const secret of [vedette.streamKey, new URL(vedette.databaseUrl).password, session]) expect(archive.includes(secret)).toBe(false);
  });
});
