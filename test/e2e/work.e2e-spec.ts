/// <reference lib="dom" />
import { resolve } from 'node:path';
import AxeSource from 'axe-core';
import pg from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PluginDetailWire } from '../../src/core/wire/plugins.wire.js';
import type { RunWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { launchBrowser, signIn } from './support/browser.js';
import { publishClip, startPublisher } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const WIDTHS_PX = [1440, 390];
const PLUGIN = 'barcode';
const STREAM = 'live';

async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(AxeSource.source);
  return page.evaluate(async () =>
    (await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run()).violations.map(
      ({ id }) => id,
    ),
  );
}

/** What an operator reads of where work runs, from a real ledger and real heartbeats. */
describe('the page of work', () => {
  let vedette: VedetteProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const execution = { prefer: ['attic', 'local', 'far'], deadline: '20s' };
    vedette = await startVedette({
      plugins: [
        { use: resolve(FIXTURES, 'places-plugin.ts') },
        { use: resolve(FIXTURES, 'barcode-plugin.ts'), analyzers: { barcode: { execution } } },
      ],
    });
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: 150, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    await publishClip(clip, vedette.publishUrl);
    await waitFor(
      'every run to end',
      async () => {
        const runs = await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`);
        return runs.some(({ analyzerId }) => analyzerId === 'barcode') && runs.every(({ state }) => !['queued', 'running'].includes(state));
      },
      60_000,
    );
    const sql = new pg.Client({ connectionString: vedette.databaseUrl });
    await sql.connect();
    try {
      await sql.query(
        `INSERT INTO shadow_runs (run_id, stream_id, analyzer_id, config_hash, strategy, shadow_strategy, state, reason, agreement,
          matched, only_main, only_shadow, main_wall_ms, shadow_wall_ms, main_cost, shadow_cost)
         SELECT n, $1::uuid, 'barcode', 'h', 'local', 'far', CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'compared' END, CASE
           WHEN n % 10 = 0 THEN 'TEST_PLACE_AWAY: Nobody is there' END,
           CASE WHEN n % 10 > 0 THEN 0.8 END, CASE WHEN n % 10 > 0 THEN 8 END, 1, 1, 200 + n, 900 + 10 * n, 0, 0.0045
             FROM generate_series(1, 40) n`,
        [vedette.streamId],
      );
      await sql.query(
        `INSERT INTO spending SELECT 'strategy:far', to_char(now() AT TIME ZONE 'UTC', period), amount
          FROM (VALUES ('YYYY-MM-DD', 1.5), ('YYYY-MM', 18.24)) AS s(period, amount)`,
      );
    } finally {
      await sql.end();
    }
    browser = await launchBrowser(chromium);
    page = await browser.newPage();
    await signIn(page, vedette, '/work');
  }, 150_000);

  afterAll(async () => {
    await browser?.close();
    await vedette?.stop();
  }, 60_000);

  const card = (title: string): ReturnType<Page['locator']> =>
    page.locator('.card', { has: page.getByRole('heading', { name: title, exact: true }) });
  const textOf = async (title: string): Promise<string> => (await card(title).first().innerText()).replace(/\s+/g, ' ');

  it('tells how each strategy is, what came to it from another, and what it spent', async () => {
    await card('Hosts in the attic').waitFor();
    expect(await textOf('Hosts in the attic')).toMatch(/LAN Down attic No host takes anything Last hour Nothing ran here/);
    expect(await textOf('On this worker')).toMatch(
      /worker Ready local [12] of 2 analysis hosts up(, 1 at rest until needed)?, 0 jobs waiting Last hour runs [1-9]\d* failed 0 taken over [1-9]\d* half within [\d.]+ m?s 95% within [\d.]+ m?s/,
    );
    expect(await textOf('A far provider')).toContain('Spent 1.50 of 2.00 today 18.24 of 20.00 this month');
  });

  it('tells of worker hosts, of the order of strategies, of the shadow and of machines', async () => {
    expect(await textOf('north')).toContain('Ready 3 of 4 running, 1 waiting');
    expect(await textOf('https://south:8787')).toContain('Refused Another version of barcode');
    const order = page.getByRole('list', { name: 'Where Frame numbers of test clips may run, best first' });
    expect((await order.innerText()).replace(/\s+/g, ' ')).toMatch(
      /attic Down not measured local Ready [\d.]+ m?s per second of media far Ready not measured/,
    );
    await page.getByText('80% agreement, 288 found by both').waitFor();
    await page.getByText('Last one not compared: TEST_PLACE_AWAY: Nobody is there').waitFor();
    for (const role of ['api', 'ingest', 'worker']) await page.getByRole('rowheader', { name: role, exact: true }).first().waitFor();
  });

  it('tells on the live page why a run did not run where it prefers to', async () => {
    const chip = page.getByTestId('coverage');
    const live = startPublisher(vedette.scratch('clip.flv'), vedette.publishUrl, { loop: true });
    let isOver = false;
    page.once('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => (isOver ||= payload.toString().includes('"epoch.closed"')));
    });
    // The page fetches once more when it hears that the publisher is gone: that is not for the next test to see.
    const fetchedAgain = page.waitForResponse((response) => isOver && response.url().includes('/observations'), { timeout: 90_000 });
    try {
      await page.goto(`${vedette.apiUrl}/streams/live`);
      await waitFor(
        'a segment that is analysed',
        async () => /ran on local: attic is down/.test((await chip.getAttribute('title', { timeout: 1_000 }).catch(() => null)) ?? ''),
        60_000,
      );
    } finally {
      live.kill('SIGINT');
    }
    await fetchedAgain;
    await page.getByRole('link', { name: 'Work' }).click();
    await page.waitForURL('**/work');
    await card('Hosts in the attic').waitFor();
  });

  it('keeps its WebSocket and what it knows of a stream when the page changes', async () => {
    const sockets: string[] = [];
    const asked: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Wall', exact: true }).click();
    await page.locator('vd-wall-tile').getByRole('link', { name: 'Live', exact: true }).click();
    await page.waitForURL('**/streams/live');
    await page.getByRole('region', { name: 'Metrics' }).or(page.getByText('Metrics')).first().waitFor();
    await page.getByRole('link', { name: 'Work' }).click();
    await card('Hosts in the attic').waitFor();
    expect(sockets).toEqual([]);
    // What is measured of a stream, and what its timeline has of the last minutes, is asked anew wherever it is shown: it is of this moment.
    const again = (path: string): boolean => /^\/api\/streams\/[^/]+\/(?!health$|frame$|timeline$)/.test(path) || path === '/api/streams';
    expect(asked.filter(again)).toEqual([]);
  });

  it.each(WIDTHS_PX)('fits a window of %i pixels and the rules of accessibility', async (widthPx) => {
    await page.setViewportSize({ width: widthPx, height: 844 });
    await page.reload();
    await page.getByRole('heading', { name: 'Machines' }).waitFor();
    await page.getByText('80% agreement').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('applies the cheapest change, says what has to be started anew, and takes it back', async () => {
    await page.route('**/api/capacity', async (route) => {
      const response = await route.fetch();
      const step = {
        ...{
          kind: 'narrow-streams',
          subject: 'barcode',
          title: '',
          about: { stream: 'other' },
          loses: '',
          moneyPerDay: 0,
          priceNote: null,
        },
        ...{ gain: 'measured', gainNote: null },
        settings: [{ pluginId: PLUGIN, analyzerId: 'barcode', path: ['streams'], value: [STREAM] }],
      };
      const cheapest = { steps: [step], config: ['plugins:'], utilisationAfter: 0.5, heaviestLaneAfter: 0.5, fits: true };
      await route.fulfill({ response, json: { ...((await response.json()) as object), verdict: 'does-not-fit', cheapest } });
    });
    const settings = async (): Promise<unknown> => (await vedette.api.get<PluginDetailWire>(`/api/plugins/${PLUGIN}`)).settings;
    await page.reload();
    await page.getByRole('button', { name: 'Apply' }).click();
    const dialog = page.getByRole('dialog', { name: 'Apply the cheapest change?' });
    await dialog.getByText(`barcode › streams: ["${STREAM}"]`).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('This change is set. It counts once these are started anew').waitFor();
    expect(await settings()).toEqual({ analyzers: { barcode: { streams: [STREAM] } } });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Apply' }).waitFor();
    expect(await settings()).toEqual({});
    await page.unroute('**/api/capacity');
  });

  it('speaks German to whoever reads it', async () => {
    await page.evaluate(() => localStorage.setItem('vedette.language', 'de'));
    await page.reload();
    await page.getByRole('heading', { name: 'Auslastung', level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'Wo Analyzer laufen dürfen' }).waitFor();
    await page.getByText('80 % Übereinstimmung, 288 von beiden gefunden').waitFor();
    expect(await textOf('Hosts in the attic')).toMatch(/LAN Ausgefallen attic .* Letzte Stunde Hier lief nichts/);
    await page.evaluate(() => localStorage.setItem('vedette.language', 'en'));
    await page.reload();
    await card('Hosts in the attic').waitFor();
  });

  it('goes on showing what it knew when the server is gone, with what went wrong', async () => {
    await page.route('**/api/strategies', (route) => route.abort());
    await page.getByText('it cannot be asked for now').waitFor({ timeout: 15_000 });
    await page.getByText('UNREACHABLE').waitFor();
    expect(await textOf('Hosts in the attic')).toContain('Down');
    await page.unroute('**/api/strategies');
    await page.getByText('it cannot be asked for now').waitFor({ state: 'detached', timeout: 15_000 });
  });
});
