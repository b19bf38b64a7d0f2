import { describe, expect, it } from 'vitest';
import { textRegions, type ProbabilityMap } from './text-regions.js';

function mapOf(rows: readonly string[]): ProbabilityMap {
  const data = Float32Array.from(rows.join(''), (sign) => (sign === '#' ? 0.9 : sign === '+' ? 0.35 : 0.05));
  return { data, widthPx: rows[0]!.length, heightPx: rows.length };
}

describe(textRegions.name, () => {
  it('finds each patch, best first, and moves its sides out by area over perimeter', () => {
    const regions = textRegions(
      mapOf([
        '..............................',
        '..##########..................',
        '..##########.....##########...',
        '..##########.....##########...',
        '..##########.....##########...',
        '.................#+++######...',
        '..............................',
      ]),
      0.6,
      1.5,
    );
    expect(regions).toHaveLength(2);
    const [first, second] = regions;
    // 10 by 4 pixels: 40 / 28 * 1.5 outwards.
    expect(first!.rect.centre).toEqual({ x: 7, y: 3 });
    expect(first!.rect.halfLength).toBeCloseTo(5 + 60 / 28);
    expect(first!.rect.halfHeight).toBeCloseTo(2 + 60 / 28);
    expect(first!.score).toBeCloseTo(0.9);
    expect(second!.score).toBeCloseTo((37 * 0.9 + 3 * 0.35) / 40);
  });

  it('leaves out what is too flat to be read, and what is hardly text', () => {
    const flat = ['..........', '.########.', '.########.', '..........'];
    const faint = ['..........', '.++++++++.', '.++++++++.', '.++++++++.', '.++++++++.'];
    expect(textRegions(mapOf(flat), 0.6, 1.5)).toEqual([]);
    expect(textRegions(mapOf(faint), 0.6, 1.5)).toEqual([]);
    expect(textRegions(mapOf(faint), 0.3, 1.5)).toHaveLength(1);
  });

  it('takes pixels that touch at a corner for one patch', () => {
    const steps = ['####....', '####....', '####....', '....####', '....####', '....####'];
    expect(textRegions(mapOf(steps), 0.3, 0)).toHaveLength(1);
  });
});
