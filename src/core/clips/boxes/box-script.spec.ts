import { describe, expect, it } from 'vitest';
import type { DetectionWire } from '../../wire/wire.js';
import type { TimelineReads } from '../../persistence/read/timeline-reads.js';
import { BoxScript, shownBoxes } from './box-script.js';

const seen = (ptsUs: number, analyzerId = 'a', label = 'x'): DetectionWire =>
  ({ ptsUs, analyzerId, label, score: 0.5, trackId: null, box: { x: 0, y: 0, width: 1, height: 1 } }) as DetectionWire;
const FRAMES = Array.from({ length: 100 }, (_, i) => 1_000_000 + i * 40_000);
const times = (detections: DetectionWire[], range = { fromPtsUs: 1_000_000, toPtsUs: 4_960_000 }) =>
  shownBoxes(detections, FRAMES, range).map(({ fromUs, untilUs }) => [fromUs, untilUs]);

describe(shownBoxes.name, () => {
  it('shows a box from its frame to the next that its analyzer saw', () => {
    expect(times([seen(1_080_000), seen(1_160_000), seen(1_160_000)])).toEqual([
      [80_000, 160_000],
      [160_000, 680_000],
      [160_000, 680_000],
    ]);
  });

  it('takes analyzers each for themselves', () => {
    expect(times([seen(1_080_000, 'a'), seen(1_120_000, 'b'), seen(1_160_000, 'a')]).slice(0, 2)).toEqual([
      [80_000, 160_000],
      [120_000, 640_000],
    ]);
  });

  it('shows what was seen shortly before the first frame, and nothing that is over or to come', () => {
    const range = { fromPtsUs: 2_000_000, toPtsUs: 2_400_000 };
    expect(times([seen(1_200_000, 'old'), seen(1_960_000, 'a'), seen(2_440_000, 'late')], range)).toEqual([[0, 480_000]]);
  });

  it('has one colour for each label', () => {
    const boxes = shownBoxes([seen(1_080_000, 'a', 'x'), seen(1_080_000, 'a', 'y'), seen(1_120_000, 'a', 'x')], FRAMES, {
      ...{ fromPtsUs: 1_000_000, toPtsUs: 2_000_000 },
    });
    expect(boxes.map(({ colour, label }) => [colour, label])).toEqual([
      [0, 'x 50%'],
      [1, 'y 50%'],
      [0, 'x 50%'],
    ]);
  });
});

describe(BoxScript.name, () => {
  const epoch = { epochId: 'e', startedAtMs: 0, ptsOriginUs: 0 };
  const reading = (pages: DetectionWire[][]): BoxScript => {
    const detections = async () => ({ items: pages.shift() ?? [], next: pages.length > 0 ? '1' : null });
    return new BoxScript({ detections } as unknown as TimelineReads);
  };

  it('gives what each analyzer saw last by a moment', async () => {
    const found = await reading([[seen(900_000, 'a', 'old'), seen(990_000, 'a', 'new')], [seen(950_000, 'b')]]).at('s', epoch, 1_000_000);
    expect(found.map(({ analyzerId, label }) => [analyzerId, label])).toEqual([
      ['a', 'new'],
      ['b', 'x'],
    ]);
  });

  it('refuses to draw without end', async () => {
    const pages = Array.from({ length: 50 }, () => new Array<DetectionWire>(5_000).fill(seen(1)));
    await expect(reading(pages).at('s', epoch, 1_000_000)).rejects.toMatchObject({ code: 'VD_CLIP_TOO_MANY_BOXES' });
  });
});
