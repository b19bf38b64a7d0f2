import { describe, expect, it } from 'vitest';
import { levels } from './feasibility.js';

const used = (classes: Parameters<typeof levels>[0], supplies: readonly number[]): Record<string, number> =>
  Object.fromEntries([...levels(classes, supplies).byClass].map(([key, { utilisation }]) => [key, utilisation]));

describe('levels', () => {
  it('lets work go to whatever pool is free', () => {
    expect(
      used(
        [
          { key: 'a', demand: 3, pools: [0, 1] },
          { key: 'b', demand: 1, pools: [0, 1] },
        ],
        [4, 4],
      ),
    ).toEqual({ a: 0.5, b: 0.5 });
  });

  it("finds by Hall's condition what single queues do not show: two queues that only one worker takes", () => {
    // Each alone has 4 for 3; together they have 4 for 6. The other worker's 4 are of no use to them.
    const classes = [
      { key: 'logo', demand: 3, pools: [0] },
      { key: 'visual', demand: 3, pools: [0] },
      { key: 'default', demand: 1, pools: [0, 1] },
    ];
    expect(used(classes, [4, 4])).toEqual({ logo: 1.5, visual: 1.5, default: 0.25 });
  });

  it('finds a union that no single queue shows, over different pools', () => {
    // a has 0,1; b has 1,2; c has 0,2: each 2 of 2, all three 6 of 3.
    expect(
      used(
        [
          { key: 'a', demand: 2, pools: [0, 1] },
          { key: 'b', demand: 2, pools: [1, 2] },
          { key: 'c', demand: 2, pools: [0, 2] },
        ],
        [1, 1, 1],
      ),
    ).toEqual({ a: 2, b: 2, c: 2 });
  });

  it('does not blame a queue with hosts of its own for another one', () => {
    expect(
      used(
        [
          { key: 'full', demand: 9, pools: [0] },
          { key: 'idle', demand: 1, pools: [1] },
        ],
        [10, 10],
      ),
    ).toEqual({ full: 0.9, idle: 0.1 });
  });

  it('says that nobody is there, and nothing where nothing is asked', () => {
    expect(
      used(
        [
          { key: 'orphan', demand: 1, pools: [] },
          { key: 'calm', demand: 0, pools: [] },
        ],
        [],
      ),
    ).toEqual({ orphan: Infinity, calm: Infinity });
    expect(used([{ key: 'calm', demand: 0, pools: [] }], [])).toEqual({ calm: 0 });
    expect(used([], [1])).toEqual({});
  });

  it('says so where there are too many different classes to look at every union', () => {
    const classes = Array.from({ length: 17 }, (_, index) => ({ key: `q${index}`, demand: 1, pools: [index, 17] }));
    const { isExact, byClass } = levels(classes, Array<number>(18).fill(1));
    expect(isExact).toBe(false);
    expect(byClass.size).toBe(17);
    expect(levels(classes.slice(0, 16), Array<number>(18).fill(1)).isExact).toBe(true);
  });
});
