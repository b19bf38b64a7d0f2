import { describe, expect, it } from 'vitest';
import { Box } from 'vedette/plugin';
import { evidenceRank, openShare } from './evidence-rank.js';

const frame = { widthPx: 1280, heightPx: 720 };
const pictured = { box: Box.from01(0.4, 0.4, 0.1, 0.1), score: 0.9, clarity: 0.8, open: 1 };

describe(evidenceRank.name, () => {
  it('is the higher the larger, clearer, surer and less covered the logo is', () => {
    const rank = evidenceRank(pictured);
    expect(rank).toBeGreaterThan(0);
    expect(evidenceRank({ ...pictured, box: Box.from01(0.4, 0.4, 0.2, 0.2) })).toBeCloseTo(2 * rank, 9);
    for (const worse of [{ score: 0.6 }, { clarity: 0.5 }, { open: 0.4 }])
      expect(evidenceRank({ ...pictured, ...worse })).toBeLessThan(rank);
    expect(evidenceRank({ box: Box.from01(0, 0, 1, 1), score: 1, clarity: 1, open: 1 })).toBe(1);
  });
});

describe(openShare.name, () => {
  const box = { x0: 100, y0: 100, x1: 200, y1: 200 };
  it('is what lies within the frame, under no other logo', () => {
    expect(openShare(box, [], frame)).toBe(1);
    expect(openShare({ ...box, x0: -100, x1: 100 }, [], frame)).toBe(0.5);
    expect(
      openShare(
        box,
        [
          { ...box, x0: 150, x1: 250 },
          { ...box, y0: 190, y1: 300 },
        ],
        frame,
      ),
    ).toBe(0.5);
    expect(openShare({ ...box, x0: -100, x1: 100 }, [{ ...box, x0: 0, x1: 100 }], frame)).toBe(0.25);
  });
});
