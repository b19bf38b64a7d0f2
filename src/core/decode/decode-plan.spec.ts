import { describe, expect, it } from 'vitest';
import { AccessUnit } from './segment/index.js';
import { ptsUsToTicks, type PictureInput, type Sampling } from '../plugin-api/index.js';
import { planDecode } from './decode-plan.js';

const input = (sampling: Sampling): PictureInput => ({ sampling, frame: { widthPx: 64, heightPx: 64, fit: 'stretch', format: 'gray8' } });
/** A closed GOP with B-frames: I0 P3 B1 B2, in ticks of 1/25 s. */
const gop = (firstTicks: number): AccessUnit[] =>
  [0, 3, 1, 2].map(
    (place, i) => new AccessUnit(Buffer.alloc(0), [], (firstTicks + place * 3600) % 2 ** 33, firstTicks + i * 3600, i === 0),
  );
const segment = { ptsStartUs: 1_000_000, ptsEndUs: 1_160_000 };

describe(planDecode.name, () => {
  it('sends only keyframes when nobody wants more', () => {
    const plan = planDecode([...gop(90_000), ...gop(104_400)], segment, [input({ keyframes: true }), input({ keyframes: true })]);
    expect(plan).toMatchObject({ keyframesOnly: true, send: [0, 4] });
  });

  it('sends everything as soon as one wants more than keyframes', () => {
    const plan = planDecode(gop(90_000), segment, [input({ keyframes: true }), input({ fps: 5 })]);
    expect(plan).toMatchObject({ keyframesOnly: false, send: [0, 1, 2, 3] });
  });

  it('numbers pictures in display order and gives each the pts it is stored with', () => {
    const { pictures } = planDecode(gop(90_000), segment, [input({ all: true })]);
    expect(pictures.map(({ index, ptsUs }) => [index, ptsUs])).toEqual([
      [0, 1_000_000],
      [3, 1_120_000],
      [1, 1_040_000],
      [2, 1_080_000],
    ]);
  });

  it('says for each picture who takes it', () => {
    const { pictures } = planDecode(gop(90_000), segment, [input({ keyframes: true }), input({ all: true }), input({ fps: 1 })]);
    expect(pictures.map(({ takers }) => takers)).toEqual([[0, 1, 2], [1], [1], [1]]);
  });

  it('counts on where the 33-bit clock of the file wraps', () => {
    const start = 2 ** 33 - 3600;
    const segmentAtWrap = {
      ptsStartUs: Math.round((start * 1_000_000) / 90_000),
      ptsEndUs: Math.round(((start + 14_400) * 1_000_000) / 90_000),
    };
    const { pictures } = planDecode(gop(start), segmentAtWrap, [input({ all: true })]);
    expect(pictures.map(({ ptsUs }) => ptsUsToTicks(ptsUs) - start)).toEqual([0, 10_800, 3600, 7200]);
  });

  it('counts on after more than one wrap', () => {
    const start = 3 * 2 ** 33 + 90_000;
    const later = { ptsStartUs: Math.round((start * 1_000_000) / 90_000), ptsEndUs: 0 };
    expect(ptsUsToTicks(planDecode(gop(90_000), later, [input({ all: true })]).pictures[0]!.ptsUs)).toBe(start);
  });

  it('plans nothing for a segment without units', () => {
    expect(planDecode([], segment, [input({ all: true })])).toEqual({ keyframesOnly: false, pictures: [], send: [] });
  });
});
