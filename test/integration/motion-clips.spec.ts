import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filmMotion, framesOf, randomObjects, type Light, type MotionClipOptions } from '../support/motion/motion-clip.js';
import { eventsOf, judgeRegions, judgeSegments, watch } from '../support/motion/motion-figures.js';

const SECONDS = 60;
const PICTURE = { widthPx: 320, heightPx: 180 };
const VBR = ['-b:v', '600k', '-maxrate', '600k', '-bufsize', '1200k'];

/** Seeds that no threshold was chosen on. */
function clipOf(seed: number, noiseSigma: number, rate: readonly string[], light: Light): MotionClipOptions {
  return { seed, seconds: SECONDS, noiseSigma, rate, light, fps: 10, objects: randomObjects(seed, SECONDS) };
}

describe('motion in films with known movements', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vedette-motion-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    [101, 1, ['-crf', '28'], 'steady', 0.25],
    [102, 2, ['-crf', '30'], 'ramp', 0.25],
    [103, 3, ['-crf', '28'], 'flicker', 0],
    [104, 2, VBR, 'switch', 0],
  ] as const)('is found and judged: seed %i, noise %d, %j, light %s', async (seed, noise, rate, light, leastSkipped) => {
    const clip = clipOf(seed, noise, rate, light);
    const file = join(folder, `${seed}.ts`);
    await filmMotion(file, clip);
    const frames = await framesOf(file, PICTURE, { fps: 5 });
    const results = await watch(frames);
    const figures = judgeRegions(frames, results, clip);
    expect(figures.found / figures.truths, 'objects found').toBeGreaterThan(0.85);
    expect(figures.right / figures.regions, 'regions right').toBeGreaterThan(0.75);
    expect(figures.stillRight / figures.stillFrames, 'still frames without a region').toBeGreaterThan(0.97);
    expect(eventsOf(results).filter(({ phase }) => phase === 'start').length, 'events').toBeGreaterThanOrEqual(clip.objects.length - 1);

    const judged = await judgeSegments(file, clip);
    expect(judged.filter(({ hasMotion, verdict }) => hasMotion && verdict.gate === 'closed')).toEqual([]);
    const still = judged.filter(({ hasMotion }) => !hasMotion);
    const skipped = still.filter(({ verdict }) => verdict.gate === 'closed').length / still.length;
    expect(skipped, 'still segments skipped').toBeGreaterThanOrEqual(leastSkipped);
  });
});
