// node scripts/screenshot.mjs URL TOKEN [FOLDER] [STREAM]: every page of the running dashboard, at desktop and phone width, dark and light, for
// a critical eye; those named FOR_THE_DOCS also lie in docs/images. URL and TOKEN are what the start banner shows (`vedette token` gives
// another token); STREAM is `demo`, or one with something in its picture.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const [url, token, folder = 'screenshots', stream = 'demo'] = process.argv.slice(2);
if (url === undefined || token === undefined) {
  process.stderr.write('Usage: node scripts/screenshot.mjs http://127.0.0.1:8080 SIGN-IN-TOKEN [FOLDER] [STREAM]\n');
  process.exit(2);
}
const PAGES = {
  wall: '/',
  stream: `/streams/${stream}`,
  events: '/events',
  search: '/search?q=red',
  exposure: '/exposure',
  logos: '/logos',
  jobs: '/jobs',
  work: '/work',
  plugins: '/plugins',
  settings: '/settings',
  people: '/settings/people',
  system: '/system',
};
const WIDTHS = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const FOR_THE_DOCS = {
  'wall-desktop-dark': 'wall',
  'stream-desktop-dark': 'dashboard',
  'stream-phone-dark': 'dashboard-phone',
  'events-desktop-light': 'events',
  'work-desktop-dark': 'work',
};
/** Pictures, charts and tiles come after the page. */
const SETTLE_MS = 4_000;
/** The demo's rectangles are of three colours; of another stream one thing that was found will do. */
const LABELS = stream === 'demo' ? 3 : 1;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
});
mkdirSync(folder, { recursive: true });
try {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && process.stderr.write(`${page.url()}: ${message.text()}\n`));
  await page.goto(`${url}/sign-in`);
  await page.locator('input[name=token]').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((at) => !at.pathname.includes('sign-in'));
  for (const [width, viewport] of Object.entries(WIDTHS))
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${url}${path}`);
        await page.waitForTimeout(SETTLE_MS);
        if (name === 'stream') await standStill(page);
        const shot = `${name}-${width}-${colorScheme}`;
        const file = resolve(join(folder, `${shot}.png`));
        await page.screenshot({ path: file });
        if (FOR_THE_DOCS[shot] !== undefined) copyFileSync(file, join('docs/images', `${FOR_THE_DOCS[shot]}.png`));
        process.stdout.write(`${file}\n`);
      }
    }
} finally {
  await browser.close();
}

/** A moment with something in the picture, and the picture still: picture and overlay are otherwise photographed a frame apart. */
async function standStill(page) {
  await page.waitForFunction(
    (least) => (document.querySelector('[data-testid=overlay]')?.dataset.drawnLabels ?? '').split(',').filter(Boolean).length >= least,
    LABELS,
    { timeout: 60_000 },
  );
  await page.keyboard.press('k');
  await page.waitForTimeout(1_000);
}
