// node scripts/screenshot.mjs URL TOKEN [FOLDER] [STREAM]: pictures of the running dashboard at desktop and phone width, for the README
// and for a critical eye; of the demo stream, or of another. URL and TOKEN are what the start banner shows (`vedette token` gives another one).
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const [url, token, folder = 'docs/images', stream = 'demo'] = process.argv.slice(2);
if (url === undefined || token === undefined) {
  process.stderr.write('Usage: node scripts/screenshot.mjs http://127.0.0.1:8080 SIGN-IN-TOKEN [FOLDER] [STREAM]\n');
  process.exit(2);
}
const SHOTS = [
  ['dashboard', { width: 1440, height: 900 }],
  ['dashboard-phone', { width: 390, height: 844 }],
];
/** The demo's rectangles are of three colours; of another stream one thing that was found will do. */
const LABELS = stream === 'demo' ? 3 : 1;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
});
try {
  const context = await browser.newContext({ colorScheme: 'dark' });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && process.stderr.write(`page: ${message.text()}\n`));
  await page.goto(`${url}/sign-in`);
  const byToken = page.getByRole('button', { name: 'Use a token instead' });
  await page.locator('.sign-in form').waitFor();
  if (await byToken.isVisible()) await byToken.click();
  await page.locator('input[name=token]').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((at) => !at.pathname.includes('sign-in'));
  await page.goto(`${url}/streams/${stream}`);
  for (const [name, viewport] of SHOTS) {
    await page.setViewportSize(viewport);
    // Long enough for the charts to have something to show; then a moment with something in the picture.
    await page.waitForTimeout(45_000);
    await page.waitForFunction(
      (least) => (document.querySelector('[data-testid=overlay]')?.dataset.drawnLabels ?? '').split(',').filter(Boolean).length >= least,
      LABELS,
      { timeout: 60_000 },
    );
    // A picture that stands still: picture and overlay are otherwise photographed a frame apart.
    await page.keyboard.press('k');
    await page.waitForTimeout(1_000);
    const path = resolve(join(folder, `${name}.png`));
    await page.screenshot({ path });
    await page.keyboard.press('k');
    process.stdout.write(`${path}\n`);
  }
} finally {
  await browser.close();
}
