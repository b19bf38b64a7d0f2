/// <reference lib="dom" />
import type { ChildProcess } from 'node:child_process';
import AxeSource from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { launchBrowser } from './support/browser.js';
import { processTree } from './support/process-tree.js';
import { startPublisher } from './support/publisher.js';
import { startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

/** A process that fell silent counts as crashed after 20 s. */
const CRASH_DEADLINE_MS = 60_000;

/** What a page says, whichever it is, when something that it needs goes away; between it and Vedette is a network that can be torn. */
describe('a page that loses something', () => {
  let vedette: VedetteProcess;
  let publisher: ChildProcess | undefined;
  let network: TcpProxy;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    vedette = await startVedette({ barcode: true });
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: 150, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    publisher = startPublisher(clip, vedette.publishUrl, { loop: true });
    network = await TcpProxy.to('127.0.0.1', vedette.ports.api);
    browser = await launchBrowser(chromium);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${origin()}/sign-in`);
    await page.locator('input[name=token]').fill(await vedette.freshToken());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await waitFor('the stream to be live', async () => (await word()) === 'Live', 60_000);
    await page.locator('img.tile__image').waitFor();
  }, 150_000);

  afterAll(async () => {
    publisher?.kill('SIGKILL');
    await browser?.close();
    await network?.close();
    await vedette?.stop();
  }, 60_000);

  const origin = (): string => `http://127.0.0.1:${network.port}`;
  const word = (): Promise<string> =>
    page
      .getByTestId('tile-word')
      .first()
      .innerText({ timeout: 1_000 })
      .catch(() => '');
  const sentence = (): Promise<string> => page.getByTestId('status').locator('.verdict__text').innerText();
  const level = (): Promise<string | null> => page.getByTestId('status').getAttribute('data-level');
  /** Whether anything on the page is lit as live. */
  const isLit = (): Promise<boolean> =>
    page.evaluate(() => {
      const lime = getComputedStyle(document.documentElement).getPropertyValue('--lime').trim();
      return ['#c7f25c', '#4a7605'].includes(lime);
    });
  const goTo = (name: string): Promise<void> => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();

  it('says that the network is torn, calls nothing live meanwhile, and goes on by itself', async () => {
    expect(await isLit()).toBe(true);
    network.stall();
    try {
      await waitFor('the loss to be told', async () => /^No connection to the server since \d\d:\d\d/.test(await sentence()));
      expect([await level(), await word(), await isLit()]).toEqual(['bad', 'Not known', false]);
      expect(await page.getByTestId('stale').innerText()).toMatch(/^What you see is of \d\d:\d\d:\d\d/);
      await page.evaluate(AxeSource.source);
      const violations = await page.evaluate(async () =>
        (await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe.run()).violations.map(
          ({ id }) => id,
        ),
      );
      expect(violations).toEqual([]);
    } finally {
      network.mend();
    }
    await waitFor('the stream to be live again', async () => (await word()) === 'Live');
    expect([await level(), await isLit()]).not.toContain('bad');
  });

  it('says on every page that the database hangs, and goes on when it is back', async () => {
    const server = processTree(vedette.postmaster.pid).map(({ pid }) => pid);
    for (const pid of server) process.kill(pid, 'SIGSTOP');
    try {
      await waitFor('the database to be missed', async () => (await sentence()).startsWith('The database does not answer'), 30_000);
      expect([await level(), await word(), await isLit()]).toEqual(['bad', 'Not known', false]);
      await goTo('System');
      await waitFor('the other page to say so', async () => (await sentence()).startsWith('The database does not answer'));
    } finally {
      for (const pid of server) process.kill(pid, 'SIGCONT');
    }
    await waitFor('the database to be found', async () => (await level()) !== 'bad', 60_000);
    await goTo('Wall');
    await waitFor('the stream to be live again', async () => (await word()) === 'Live', 60_000);
  });

  it('says that a worker died, also afterwards and on other pages, until an admin has seen it', async () => {
    const [worker] = vedette.role('worker');
    process.kill(worker!.pid, 'SIGKILL');
    await page.getByTestId('status').click();
    const cause = page.getByRole('dialog', { name: 'How Vedette is' }).getByText(/^worker on \S+ ended without being asked to/);
    await cause.waitFor({ timeout: CRASH_DEADLINE_MS });
    await page.keyboard.press('Escape');
    await waitFor('a new worker', () => vedette.role('worker').some(({ pid }) => pid !== worker!.pid));
    await goTo('Events');
    await page.getByTestId('status').click();
    await cause.waitFor();
    await page.getByRole('button', { name: 'I have seen it' }).click();
    await cause.waitFor({ state: 'detached' });
  });

  it('says which stream sends nothing any more, and leads there', async () => {
    publisher!.kill('SIGSTOP');
    const link = page.getByRole('dialog', { name: 'How Vedette is' }).getByRole('link', { name: /^Open (Live|live)/ });
    await link.waitFor({ timeout: 60_000 });
    await link.click();
    await page.waitForURL('**/streams/live');
    publisher!.kill('SIGCONT');
  });
});
