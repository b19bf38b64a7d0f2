/// <reference lib="dom" />
import { resolve } from 'node:path';
import AxeSource from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import type { RunWire } from '../../src/core/wire/wire.js';
import { launchBrowser, signIn } from './support/browser.js';
import { publishClip, startPublisher } from './support/publisher.js';
import { startVedette, type VedetteOptions, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

const MOODY = resolve(import.meta.dirname, '../fixtures/moody-plugin.ts');
const OPTIONS: VedetteOptions = { plugins: [{ use: MOODY }] };

/** From a failure to its cause, to the setting that mends it, to what was missed, as an admin goes there. */
describe('the pages of jobs and plugins', () => {
  let vedette: VedetteProcess;
  let browser: Browser;
  let page: Page;
  let clip: string;

  beforeAll(async () => {
    vedette = await startVedette(OPTIONS);
    clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: 125, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    await publishClip(clip, vedette.publishUrl);
    await ended();
    browser = await launchBrowser(chromium);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await signIn(page, vedette, '/jobs');
  }, 150_000);

  afterAll(async () => {
    await browser?.close();
    await vedette?.stop();
  }, 60_000);

  const moodyRuns = async (): Promise<RunWire[]> =>
    (await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`)).filter(({ analyzerId }) => analyzerId === 'moody');
  const ended = (): Promise<unknown> =>
    waitFor(
      'every run to end',
      async () => {
        const runs = await moodyRuns();
        return runs.length > 0 && runs.every(({ state }) => !['queued', 'running'].includes(state));
      },
      60_000,
    );
  const queue = () => page.locator('vd-queue-card', { has: page.getByRole('heading', { name: 'Default', exact: true }) });
  const expectFit = async (): Promise<void> => {
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await page.evaluate(AxeSource.source);
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      expect(violations).toEqual([]);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  };

  it('leads from a failing queue to its runs, and lets one be tried once more', async () => {
    await queue()
      .getByText(/^\d+ of \d+ runs failed, most with TEST_MOODY\.$/)
      .waitFor();
    await queue().getByRole('button', { name: 'Show runs: TEST_MOODY' }).click();
    const row = queue().getByRole('row').filter({ hasText: 'It is tired' }).first();
    expect((await row.innerText()).replace(/\s+/g, ' ')).toMatch(/live moody \d It is tired/);
    await expectFit();
    const before = (await moodyRuns()).reduce((sum, { attempt }) => sum + attempt, 0);
    await row.getByRole('button', { name: /^Retry/ }).click();
    await page.getByText('1 run waits again').waitFor();
    await waitFor('one more attempt', async () => (await moodyRuns()).reduce((sum, { attempt }) => sum + attempt, 0) > before, 20_000);
  });

  it('tells failures no longer once they are seen, and again when that is undone', async () => {
    // What fails again after it was seen is told again.
    await ended();
    const failed = (await moodyRuns()).filter(({ state }) => state === 'failed').length;
    await queue()
      .getByText(new RegExp(`^${failed} runs?$`))
      .waitFor();
    await queue().getByRole('button', { name: 'Mark as seen' }).click();
    await queue().getByRole('heading', { name: 'Failures' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await queue().getByRole('heading', { name: 'Failures' }).waitFor();
  });

  it('pauses a queue, says who did, and goes on with what waited', async () => {
    await queue().getByRole('button', { name: 'Pause: Default' }).click();
    await queue()
      .getByText(/^Paused by admin/)
      .waitFor();
    await publishClip(clip, vedette.publishUrl);
    await queue().getByRole('button', { name: 'Cancel waiting: Default' }).waitFor();
    expect((await moodyRuns()).some(({ state }) => state === 'queued')).toBe(true);
    await queue().getByRole('button', { name: 'Resume: Default' }).click();
    await queue().getByRole('button', { name: 'Pause: Default' }).waitFor();
    await ended();
  });

  it('shows each option with who sets it, tries a change on what was just recorded, and keeps it once it is accepted', async () => {
    await page.getByRole('link', { name: 'Plugins', exact: true }).click();
    await page.getByRole('listitem').filter({ hasText: 'moody' }).getByText('Runs fail').waitFor();
    await expectFit();
    await page.getByRole('link', { name: 'rtmp' }).click();
    const port = page.getByLabel('Port', { exact: true }).first();
    await port.waitFor();
    expect([await port.isDisabled(), await port.inputValue()]).toEqual([true, String(vedette.ports.rtmp)]);
    await page
      .getByText(/^Set in .*vedette\.config\.yaml: it is changed there\.$/)
      .first()
      .waitFor();

    await page.getByRole('link', { name: 'All plugins' }).click();
    await page.getByRole('link', { name: 'moody' }).click();
    const failEvery = page.getByLabel('Fail every', { exact: true });
    await failEvery.fill('0');
    const live = startPublisher(clip, vedette.publishUrl, { loop: true });
    try {
      const segments = async (): Promise<number> => (await moodyRuns()).length;
      const known = await segments();
      await waitFor('new segments', async () => (await segments()) > known + 1, 30_000);
      await page.getByRole('button', { name: 'Try on the last 20 seconds' }).click();
      await page.getByRole('rowheader', { name: 'Mood' }).waitFor({ timeout: 40_000 });
    } finally {
      live.kill('SIGINT');
    }
    await expectFit();

    await failEvery.fill('500');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('expected at most 100, got 500').first().waitFor();
    await failEvery.fill('0');
    await page.getByText('before 1').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Restart needed').waitFor();
    await waitFor('the change to be listed', async () =>
      /admin.* analyzers\.moody\.config\.failEvery not set to 0/.test(
        (await page.locator('vd-change-list').innerText()).replace(/\s+/g, ' '),
      ),
    );
  });

  it('runs with it after the next start, and analyses again what had failed', async () => {
    const { home, ports } = vedette;
    await ended();
    await vedette.interrupt();
    vedette = await startVedette({ ...OPTIONS, home, ports });
    await page.goto(`${vedette.apiUrl}/plugins/detail?id=moody`);
    await page.getByLabel('Fail every', { exact: true }).waitFor();
    expect(await page.getByText('Restart needed').count()).toBe(0);
    await page.goto(`${vedette.apiUrl}/jobs`);
    await queue().getByRole('button', { name: 'Retry all' }).first().click();
    await queue()
      .getByText(/runs lie behind$/)
      .waitFor();
    await queue().getByRole('button', { name: 'Analyse that range again' }).click();
    const backfills = page.getByRole('region', { name: 'Backfills' });
    await backfills.getByRole('heading', { name: 'Moods' }).first().waitFor();
    await waitFor('what had failed to be done', async () => (await moodyRuns()).some(({ state }) => state === 'done'), 60_000);
    await expectFit();
  }, 150_000);
});
