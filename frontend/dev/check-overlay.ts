#!/usr/bin/env node
/**
 * Holds the drawn overlay against the picture: plays the mock's clip in Chromium, reads the frame number out of the
 * barcode of each displayed frame, and compares it with what the player says it drew. Prints one line of figures and
 * fails when a frame disagrees.
 *
 *   node dev/check-overlay.ts [--sampling-fps 30] [--chromium /usr/bin/chromium]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { CLIP_FOLDER, prepareClip, usOfTick } from './clip/clip-files.ts';
import { BARCODE, FPS, HEIGHT } from './clip/clip-scene.ts';
import { installReader, type ReadFrame } from './overlay/frame-reader.ts';
import { OverlayJudge } from './overlay/frame-verdict.ts';

/** With fewer frames compared than this, nothing is proven. */
const LEAST_COMPARED = 120;
const MAX_SHOWN = 5;

const { values: options } = parseArgs({
  options: {
    'sampling-fps': { type: 'string', default: '30' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    dir: { type: 'string', default: CLIP_FOLDER },
  },
});
const clip = await prepareClip(options.dir);
const judge = new OverlayJudge(usOfTick(clip[0]?.firstTick ?? 0), Math.ceil(FPS / Number(options['sampling-fps'])));
const mock = spawn(
  process.execPath,
  [join(import.meta.dirname, 'mock-server.ts'), '--port', '0', '--dir', options.dir, '--sampling-fps', options['sampling-fps']],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const browser = await chromium.launch({ executablePath: options.chromium, args: ['--no-sandbox', '--headless=new'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(await addressOf(mock.stdout));
  await signIn(page);
  await page.evaluate(installReader, { barcode: BARCODE, pictureHeight: HEIGHT });

  const playing = await page.evaluate((count) => window.readPlaying(count), 150);
  await page.keyboard.press('ArrowLeft');
  const afterSeek = await page.evaluate((count) => window.readPlaying(count), 60);
  await page.keyboard.press('k');
  const stepped: ReadFrame[] = [];
  for (let i = 0; i < 40; i++) stepped.push(await page.evaluate(() => window.readStep('.')));

  process.exitCode = isSound({ playing, afterSeek, stepped }) ? 0 : 1;
} finally {
  await browser.close();
  mock.kill();
}

/** Prints what was found; false where a frame or box disagrees, or too few could be compared. */
function isSound(read: Readonly<Record<string, readonly ReadFrame[]>>): boolean {
  const report = Object.fromEntries(Object.entries(read).map(([name, frames]) => [name, judge.count(frames)]));
  console.log(JSON.stringify(report));
  const disagreeing = Object.values(read)
    .flat()
    .filter((frame) => !frame.movedOn && !judge.agrees(frame));
  for (const { barcode, framePtsUs, mediaTime, sequence } of disagreeing.slice(0, MAX_SHOWN)) {
    console.log('disagrees', { barcode, said: judge.frameAt(framePtsUs), mediaTime, sequence });
  }
  const counts = Object.values(report);
  const compared = counts.reduce((sum, { agree, disagree }) => sum + agree + disagree, 0);
  return compared >= LEAST_COMPARED && counts.every(({ disagree, boxesOff }) => disagree + boxesOff === 0);
}

async function signIn(page: Page): Promise<void> {
  await page.fill('input[name=token]', 'mock');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Front gate' }).click();
  const isDrawn = (): boolean => {
    const overlay = document.querySelector<HTMLElement>('[data-testid=overlay]');
    return Boolean(overlay?.dataset['drawnLabels']);
  };
  await page.waitForFunction(isDrawn, null, { timeout: 30_000 });
}

/** Where the mock says that it listens. */
async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /http:\S+(?=,)/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error('The mock server ended before it listened');
}
