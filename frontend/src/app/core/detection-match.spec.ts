import { describe, expect, it } from 'vitest';
import { aDetection } from '../testing/wire-samples';
import { boxBetween, matchDetections } from './detection-match';

let ordinal = 0;
const seen = (label: string, x: number, y = 0.1, size = 0.1, trackId: string | null = null) =>
  aDetection(0, { ordinal: ordinal++, label, trackId, box: { x, y, width: size, height: size } });

describe(matchDetections.name, () => {
  it('pairs by the greatest overlap, each thing once', () => {
    const [a, b] = [seen('car', 0.1), seen('car', 0.16)];
    const [c, d] = [seen('car', 0.12), seen('car', 0.18)];
    expect([...matchDetections([a, b], [d, c])]).toEqual(
      expect.arrayContaining([
        [a, c],
        [b, d],
      ]),
    );
  });

  it('takes the nearest where something small left its own box', () => {
    const ball = seen('ball', 0.1, 0.1, 0.02);
    const moved = seen('ball', 0.125, 0.1, 0.02);
    const other = seen('ball', 0.8, 0.1, 0.02);
    expect(matchDetections([ball], [other, moved]).get(ball)).toBe(moved);
  });

  it('trusts a track over any place, and never pairs two tracks or two labels', () => {
    const here = seen('car', 0.1, 0.1, 0.1, 't1');
    const there = seen('car', 0.7, 0.1, 0.1, 't1');
    const nearby = seen('car', 0.11, 0.1, 0.1, 't2');
    expect(matchDetections([here], [nearby, there]).get(here)).toBe(there);
    expect(matchDetections([here], [nearby]).size).toBe(0);
    expect(matchDetections([seen('car', 0.1)], [seen('dog', 0.1)]).size).toBe(0);
  });

  it('lets nothing glide across the picture or change its size at a cut', () => {
    expect(matchDetections([seen('person', 0.1)], [seen('person', 0.6)]).size).toBe(0);
    expect(matchDetections([seen('person', 0.1)], [seen('person', 0.1, 0.1, 0.5)]).size).toBe(0);
  });
});

describe(boxBetween.name, () => {
  it('goes from one box to the other', () => {
    const from = { x: 0.1, y: 0.2, width: 0.2, height: 0.2 };
    const to = { x: 0.3, y: 0.4, width: 0.1, height: 0.4 };
    expect(boxBetween(from, to, 0)).toEqual(from);
    const half = boxBetween(from, to, 0.5);
    expect([half.x, half.y, half.width, half.height].map((n) => n.toFixed(3))).toEqual(['0.200', '0.300', '0.150', '0.300']);
  });
});
