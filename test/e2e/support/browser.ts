import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserType, Page } from 'playwright-core';
import type { VedetteProcess } from './vedette-process.js';

/** Debian's Chromium, headless, offline, with a profile of its own. */
export function launchBrowser(chromium: BrowserType, more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...more,
    ],
    env: { ...process.env, HOME: mkdtempSync(join(tmpdir(), 'vedette-browser-')) },
  });
}

/** A camera and a microphone that Chromium makes itself, and a person who allows them. */
export const MADE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** Signs in as a person does, with a fresh one-time token, and goes to a page. */
export async function signIn(page: Page, vedette: VedetteProcess, path: string): Promise<void> {
  await page.goto(`${vedette.apiUrl}/sign-in`);
  await page.locator('input[name=token]').fill(await vedette.freshToken());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.includes('sign-in'));
  await page.goto(vedette.apiUrl + path);
}
