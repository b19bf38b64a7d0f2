import { describe, expect, it } from 'vitest';
import { assScript, type ShownBox } from './ass-script.js';

const box: ShownBox = { fromUs: 0, untilUs: 40_000, x: 0.25, y: 0.5, width: 0.5, height: 0.25, label: 'person', colour: 0 };
const written = (given: Partial<ShownBox>): string[] =>
  assScript([{ ...box, ...given }], { widthPx: 640, heightPx: 360 })
    .split('\n')
    .filter((line) => line.startsWith('Dialogue'));

describe(assScript.name, () => {
  it('draws a frame of four bars in the colour of the label', () => {
    expect(written({})[0]).toBe(
      'Dialogue: 0,0:00:00.00,0:00:00.04,Box,0,0,0,,{\\pos(0,0)\\1c&H00a5ff&\\p1}m 160 180 l 480 180 480 182 160 182 ' +
        'm 160 268 l 480 268 480 270 160 270 m 160 180 l 162 180 162 270 160 270 m 478 180 l 480 180 480 270 478 270{\\p0}',
    );
  });

  it('begins within the last 10 ms before its frame, at any time of the day', () => {
    const start = (fromUs: number): string => written({ fromUs, untilUs: fromUs + 1 })[0]!.split(',')[1]!;
    expect([0, 16_667, 33_333, 59_999_999, 3_600_000_000 * 30 + 10_000].map(start)).toEqual([
      '0:00:00.00',
      '0:00:00.01',
      '0:00:00.03',
      '0:00:59.99',
      '30:00:00.01',
    ]);
  });

  it.each([
    ['{\\p1}m 0 0', 'p1m 0 0'],
    ['a\\Nb', 'aNb'],
    ['two\nlines\r\nDialogue: 0', 'two lines Dialogue: 0'],
    ['x'.repeat(100), 'x'.repeat(60)],
  ])('lets a label say nothing but itself: %j', (label, said) => {
    const lines = written({ label });
    expect(lines).toHaveLength(2);
    expect(lines[1]!.replace(/^.*?\{\\pos\([\d.,]+\)\}/, '')).toBe(said);
  });

  it('writes no label where there is none', () => expect(written({ label: '' })).toHaveLength(1));
});
