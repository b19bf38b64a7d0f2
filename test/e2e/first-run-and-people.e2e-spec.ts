/// <reference lib="dom" />
import type { ChildProcess } from 'node:child_process';
import AxeSource from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { launchBrowser } from './support/browser.js';
import { publishClip, startPublisher } from './support/publisher.js';
import { spawnVedette, type VedetteProcess } from './support/vedette-process.js';
import { HopelessWait, waitFor } from './support/wait-for.js';

const READY_DEADLINE_MS = 90_000;
const PASSWORD = 'correct horse battery';
const WRONG_KEY = `vd_${'a'.repeat(32)}`;

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AxeSource.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> } };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
}

/** What a person sees from the first start until others have come and gone, from the real program and by real RTMP. */
describe('the first run, and the people after it', () => {
  let vedette: VedetteProcess;
  let browser: Browser;
  let ada: Page;
  let publisher: ChildProcess | undefined;

  beforeAll(async () => {
    vedette = await spawnVedette();
    await waitFor(
      'the banner',
      () => {
        if (vedette.hasEnded) throw new HopelessWait('vedette up ended');
        return vedette.output.includes('Dashboard');
      },
      READY_DEADLINE_MS,
    );
    browser = await launchBrowser(chromium);
    ada = await newPage();
  }, 120_000);

  afterAll(async () => {
    publisher?.kill();
    await browser?.close();
    await vedette?.stop();
  }, 60_000);

  /** A browser of its own, with nobody signed in. */
  const newPage = async (): Promise<Page> =>
    (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })).newPage();
  const stage = (of: string, deadlineMs = 30_000): Promise<unknown> => ada.waitForSelector(`[data-stage=${of}]`, { timeout: deadlineMs });

  it('leads from the link in the banner to a name, past a wrong key, to the first picture', { timeout: 120_000 }, async () => {
    const link = /Begin here\s+(\S+)/.exec(vedette.output)?.[1] ?? '';
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#token=vdo_[\w-]+$/);
    await ada.goto(link);
    await ada.locator('input[name=name]').fill('Ada');
    expect(await ada.evaluate(() => location.hash), 'the token is not left in the address').toBe('');
    await ada.getByRole('button', { name: 'Go on' }).click();
    await ada.getByText('Choose a password.').waitFor();
    expect(await violationsOf(ada)).toEqual([]);
    await ada.locator('input[name=password]').fill(PASSWORD);
    await ada.getByRole('button', { name: 'Go on' }).click();

    await ada.getByText('OBS or another encoder').click();
    expect(await violationsOf(ada)).toEqual([]);
    await ada.getByRole('button', { name: 'Go on' }).click();
    await stage('waiting');
    const key = (await ada.locator('.copy__value').nth(1).textContent())?.trim() ?? '';
    const clip = vedette.scratch('first.flv');
    await makeBarcodeClip(clip, { frames: 250, fps: 25, widthPx: 320, heightPx: 180, gop: 25 });
    await expect(publishClip(clip, `${vedette.rtmpUrl}/${WRONG_KEY}`)).rejects.toThrow();
    await stage('refused');
    expect(await ada.getByTestId('connect-state').textContent()).toMatch(/A wrong key was tried from 127\.0\.0\.1, .*\d+ seconds? ago|now/);
    expect(await violationsOf(ada)).toEqual([]);
    publisher = startPublisher(clip, `${vedette.rtmpUrl}/${key}`, { loop: true });
    await stage('picture', 60_000);
    const widthPx = await ada.locator('.connect__picture').evaluate((image) => (image as HTMLImageElement).naturalWidth);
    expect(widthPx).toBe(320);
    expect(await violationsOf(ada)).toEqual([]);

    await ada.getByRole('button', { name: 'Next' }).click();
    await ada.getByText('Picture quality and events').waitFor();
    expect(await violationsOf(ada)).toEqual([]);
    await ada.getByRole('button', { name: 'To the stream' }).click();
    await ada.waitForURL('**/streams/live');
  });

  it('lets an admin invite a person who may only look, whose link no click beside it loses', { timeout: 90_000 }, async () => {
    await ada.goto(`${vedette.apiUrl}/settings`);
    await ada.getByRole('button', { name: 'Invite a person' }).click();
    await ada.locator('input[name=person]').fill('Bob');
    expect(await violationsOf(ada)).toEqual([]);
    await ada.getByRole('button', { name: 'Make the link' }).click();
    const kept = ada.getByRole('button', { name: 'I have kept it' });
    await kept.waitFor();
    await ada.mouse.click(5, 5);
    await ada.keyboard.press('Escape');
    await ada.keyboard.press('Escape');
    expect(await kept.isVisible()).toBe(true);
    expect(await violationsOf(ada)).toEqual([]);
    const link = (await ada.locator('dialog[open] .copy__value').textContent())?.trim() ?? '';
    await kept.click();
    expect(await ada.getByTestId('person').allTextContents()).toEqual([expect.stringContaining('Ada'), expect.stringContaining('Invited')]);

    const bob = await newPage();
    await bob.goto(link);
    await bob.getByText('Welcome, Bob').waitFor();
    expect(await violationsOf(bob)).toEqual([]);
    await bob.locator('input[name=password]').fill(PASSWORD);
    await bob.getByRole('button', { name: 'Set the password and go in' }).click();
    await bob.waitForURL((url) => !url.pathname.includes('setup'));
    await bob.goto(`${vedette.apiUrl}/settings`);
    await bob.waitForURL('**/settings/account');
    expect(await bob.locator('.settings__link').allTextContents()).toEqual(['My account', 'Sessions']);
    await bob.goto(`${vedette.apiUrl}/settings/people`);
    await bob.getByText('Only an admin may see this').waitFor();
    expect(await violationsOf(bob)).toEqual([]);

    await ada.reload();
    await ada.getByRole('button', { name: 'Remove Bob' }).click();
    await ada.getByRole('button', { name: 'Remove', exact: true }).click();
    await bob.waitForURL('**/sign-in', { timeout: 20_000 });
    await bob.goto(link);
    await bob.getByText('This link does not open anything').waitFor();
    await bob.context().close();
  });

  it('shows sessions, tokens, keys and limits, each without a fault that a machine can find', { timeout: 90_000 }, async () => {
    for (const [section, shown] of [
      ['sessions', 'by password'],
      ['tokens', 'No API tokens so far'],
      ['keys', 'from 127.0.0.1'],
      ['retention', 'Limits of'],
      ['account', 'You are signed in as Ada.'],
    ] as const) {
      await ada.goto(`${vedette.apiUrl}/settings/${section}`);
      await ada.getByText(shown).first().waitFor();
      expect([section, await violationsOf(ada)]).toEqual([section, []]);
      await ada.setViewportSize({ width: 390, height: 844 });
      expect(await ada.evaluate(() => document.documentElement.scrollWidth), `${section} on a phone`).toBe(390);
      await ada.setViewportSize({ width: 1440, height: 900 });
    }
  });

  it('signs in by name and password, says when they do not fit, and takes a token as before', { timeout: 60_000 }, async () => {
    const page = await newPage();
    await page.goto(`${vedette.apiUrl}/sign-in`);
    await page.locator('input[name=name]').fill('ada');
    await page.locator('input[name=password]').fill('something else');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Name and password do not belong together.').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.includes('sign-in'));
    await page.context().close();

    const rescued = await newPage();
    await rescued.goto(`${vedette.apiUrl}/sign-in`);
    await rescued.getByRole('button', { name: 'Use a token instead' }).click();
    await rescued.locator('input[name=token]').fill(await vedette.freshToken());
    await rescued.getByRole('button', { name: 'Sign in', exact: true }).click();
    await rescued.waitForURL((url) => !url.pathname.includes('sign-in'));
    await rescued.context().close();
  });
});
