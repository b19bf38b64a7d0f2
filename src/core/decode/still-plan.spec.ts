import { describe, expect, it } from 'vitest';
import { AccessUnit } from './segment/index.js';
import { planStills } from './still-plan.js';

const FPS = 25;
const TICKS = 90_000;

/** A stretch of frames in decode order, given by their display indices. */
const units = (order: readonly number[], keyframes: readonly number[], start = 0): AccessUnit[] =>
  order.map(
    (index) => new AccessUnit(Buffer.alloc(0), [], start + (index * TICKS) / FPS, start + (index * TICKS) / FPS, keyframes.includes(index)),
  );
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const segmentOf = (frames: number, startTicks = 0) => ({
  ptsStartUs: Math.round(startTicks / 0.09),
  ptsEndUs: Math.round((startTicks + (frames * TICKS) / FPS) / 0.09),
  frameCount: frames,
});
const shownAt = (plan: ReturnType<typeof planStills>): number[] => [...plan.wanted.values()].map(({ ptsUs }) => ptsUs / 1000);

describe(planStills.name, () => {
  it('takes the frame on show at each multiple of 1/fps, and decodes no further than the last', () => {
    const plan = planStills(units(range(50), [0, 25]), segmentOf(50), { fps: 1, maxPictures: 10 });
    expect(shownAt(plan)).toEqual([0, 1000]);
    expect(plan.send).toEqual([0, 25]);
    expect(plan.expected).toBe(2);
  });

  it('takes the frame that began before the moment where none begins at it', () => {
    // 3 a second at 25 frames a second: 0, 0.333, 0.667 s show the frames of 0, 0.32 and 0.64 s.
    expect(shownAt(planStills(units(range(25), [0]), segmentOf(25), { fps: 3, maxPictures: 10 }))).toEqual([0, 320, 640]);
  });

  it('counts from the epoch, not from the segment, so that a slow rate leaves segments out', () => {
    const plan = (startS: number) =>
      planStills(units(range(50), [0], startS * TICKS), segmentOf(50, startS * TICKS), { fps: 0.2, maxPictures: 10 });
    expect([2, 4, 6].map((startS) => [shownAt(plan(startS)), plan(startS).expected])).toEqual([
      [[], 0],
      [[5000], 1],
      [[], 0],
    ]);
    expect(plan(2).send).toEqual([]);
  });

  it('takes no frame twice where more are asked for than there are', () => {
    const plan = planStills(units(range(5), [0]), segmentOf(5), { fps: 100, maxPictures: 50 });
    expect(plan.wanted.size).toBe(5);
    expect(plan.expected).toBe(5);
  });

  it('spreads the most that may be taken evenly', () => {
    expect(shownAt(planStills(units(range(50), [0]), segmentOf(50), { fps: 25, maxPictures: 2 }))).toEqual([480, 1480]);
  });

  it('decodes what a wanted picture refers to: its group up to it, and the group before where it leads', () => {
    // Display order 0 3 1 2 | 6 4 5: pictures 4 and 5 lead the keyframe 6.
    const order = [0, 3, 1, 2, 6, 4, 5];
    const at = (plan: ReturnType<typeof planStills>) => [...plan.wanted.keys()];
    const late = planStills(units(order, [0, 6], 10 * TICKS - (6 * TICKS) / FPS), segmentOf(7, 10 * TICKS - (6 * TICKS) / FPS), {
      fps: 1,
      maxPictures: 5,
    });
    expect([at(late), late.send]).toEqual([[4], [4]]);
    const leading = planStills(units(order, [0, 6], 10 * TICKS - (5 * TICKS) / FPS), segmentOf(7, 10 * TICKS - (5 * TICKS) / FPS), {
      fps: 1,
      maxPictures: 5,
    });
    expect([at(leading), leading.send]).toEqual([[6], [0, 1, 2, 3, 4, 5, 6]]);
  });

  it('expects what the whole file would have given', () => {
    expect(planStills(units(range(10), [0]), segmentOf(50), { fps: 1, maxPictures: 10 })).toMatchObject({ expected: 2 });
  });
});
