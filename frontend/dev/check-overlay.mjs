#!/usr/bin/env node
/**
 * Holds the drawn overlay against the picture: plays the mock's clip in Chromium, reads the frame number out of the
 * barcode of each displayed frame, and compares it with what the player says it drew. Prints one line of figures and
 * fails when a frame disagrees.
 *
 *   node dev/check-overlay.mjs [--sampling-fps 30] [--chromium /usr/bin/chromium]
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { chromium } from 'playwright-core';
import { BARCODE, FPS, HEIGHT, WIDTH, moodOf, prepareClip, thingsIn } from './clip.mjs';

const { values: options } = parseArgs({
  options: {
    'sampling-fps': { type: 'string', default: '30' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    dir: { type: 'string', default: join(tmpdir(), 'vedette-mock-clip') },
  },
});
const clip = await prepareClip(options.dir);
const originUs = Math.round((clip[0].firstTick * 100) / 9);
const mock = spawn(
  process.execPath,
  [join(import.meta.dirname, 'mock-server.mjs'), '--port', '0', '--dir', options.dir, '--sampling-fps', options['sampling-fps']],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const base = await new Promise((resolve) =>
  mock.stdout.on('data', (text) => /http:\S+(?=,)/.exec(text) && resolve(/http:\S+(?=,)/.exec(text)[0])),
);
const browser = await chromium.launch({ executablePath: options.chromium, args: ['--no-sandbox', '--headless=new'] });
let failed = true;
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(base);
  await page.fill('input[name=token]', 'mock');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('[data-testid=overlay]')?.dataset.drawnLabels, null, { timeout: 30_000 });
  await page.evaluate(installReader, { ...BARCODE, pictureWidth: WIDTH, pictureHeight: HEIGHT });

  const playing = await page.evaluate((count) => window.readPlaying(count), 150);
  await page.keyboard.press('ArrowLeft');
  const afterSeek = await page.evaluate((count) => window.readPlaying(count), 60);
  await page.keyboard.press('k');
  const stepped = [];
  for (let i = 0; i < 40; i++) stepped.push(await page.evaluate(() => window.readStep('.')));
  const report = {};
  let bad = 0;
  let compared = 0;
  for (const [name, frames] of Object.entries({ playing, afterSeek, stepped })) {
    const counts = { frames: frames.length, agree: 0, disagree: 0, movedOn: 0, exact: 0, held: 0, boxes: 0, boxesOff: 0 };
    for (const frame of frames) {
      // The browser was late: the element shows a newer picture than the one it told of. Nothing can be compared.
      if (frame.movedOn) {
        counts.movedOn++;
        continue;
      }
      const said = Math.round(((frame.framePtsUs - originUs) * FPS) / 1e6);
      if (said === frame.barcode) counts.agree++;
      else counts.disagree++;
      if (frame.mode === 'exact' || frame.mode === 'held') counts[frame.mode]++;
      for (const drawn of frame.boxes) {
        // A box between two samples belongs to the picture itself, as well as a straight line follows the motion.
        // Where the clip freezes or goes on, its things jump: no line leads there.
        const sampled = Math.round(((drawn.ptsUs - originUs) * FPS) / 1e6);
        if (drawn.between && moodOf(sampled).frozen !== moodOf(sampled + Math.ceil(FPS / Number(options['sampling-fps']))).frozen) continue;
        const n = drawn.between ? frame.barcode : sampled;
        const thing = thingsIn(moodOf(n).frozen ? 40 * FPS : n).find((candidate) => candidate.label === drawn.label);
        counts.boxes++;
        if (!thing || Math.abs(thing.x - drawn.box.x) > (drawn.between ? 0.01 : 0.002) || (frame.mode === 'exact' && n !== frame.barcode))
          counts.boxesOff++;
      }
    }
    compared += counts.agree + counts.disagree;
    bad += counts.disagree + counts.boxesOff;
    report[name] = counts;
  }
  console.log(JSON.stringify(report));
  for (const frame of [...playing, ...afterSeek, ...stepped]
    .filter((f) => !f.movedOn && Math.round(((f.framePtsUs - originUs) * FPS) / 1e6) !== f.barcode)
    .slice(0, 5))
    console.log('disagrees', {
      barcode: frame.barcode,
      said: ((frame.framePtsUs - originUs) * FPS) / 1e6,
      mediaTime: frame.mediaTime,
      sequence: frame.sequence,
    });
  failed = bad > 0 || compared < 120;
} finally {
  await browser.close();
  mock.kill();
}
process.exitCode = failed ? 1 : 0;

/** Runs in the page. The reader's frame callback and the player's run in the same rendering step; a rAF follows both. */
function installReader({ blocks, blockWidth, height, pictureWidth, pictureHeight }) {
  const video = document.querySelector('video');
  const overlay = document.querySelector('[data-testid=overlay]');
  const canvas = new OffscreenCanvas(blocks, 1);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  // A frame object holds still and knows its own time, where the element may move on to its next picture at any moment.
  const readBarcode = () => {
    const picture = new VideoFrame(video);
    const timestampUs = picture.timestamp;
    context.imageSmoothingEnabled = false;
    let n = 0;
    for (let block = 0; block < blocks; block++)
      context.drawImage(picture, block * blockWidth + blockWidth / 2 - 4, pictureHeight - height / 2 - 4, 8, 8, block, 0, 1, 1);
    const { data } = context.getImageData(0, 0, blocks, 1);
    for (let block = 2; block < blocks; block++) n = n * 2 + (data[block * 4] > 128 ? 1 : 0);
    picture.close();
    return { barcode: n, timestampUs };
  };
  const describe = ({ barcode, timestampUs }, mediaTime) => ({
    barcode,
    movedOn: Math.abs(timestampUs / 1e6 - mediaTime) > 0.002,
    mediaTime,
    framePtsUs: Number(overlay.dataset.framePtsUs),
    sequence: overlay.dataset.frameSequence,
    mode: overlay.dataset.drawnMode,
    boxes: JSON.parse(overlay.dataset.drawnBoxes),
  });
  const nextFrame = (act) =>
    new Promise((resolve) => {
      video.requestVideoFrameCallback((_, { mediaTime }) => {
        const read = readBarcode();
        requestAnimationFrame(() => resolve(describe(read, mediaTime)));
      });
      act?.();
    });
  window.readPlaying = async (count) => {
    const frames = [];
    while (frames.length < count) frames.push(await nextFrame());
    return frames;
  };
  window.readStep = (key) => nextFrame(() => document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })));
  void pictureWidth;
}
