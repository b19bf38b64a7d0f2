import { describe, expect, it } from 'vitest';
import type { AnalysisResult, EventResult, Frame, MetricResult, StreamInfo } from 'vedette/plugin';
import { activeArea } from './active-area.js';
import { BlockGrid } from './blockiness.js';
import { captionCells } from './caption-cells.js';
import { combing } from './combing.js';
import { structureConfig } from './config.js';
import { EdgeWidths } from './edge-width.js';
import type { LumaPlane, PixelArea } from './luma-plane.js';
import { noiseLevel } from './noise-level.js';
import { structureAnalysis } from './structure-analysis.js';

const [WIDTH, HEIGHT] = [320, 180];
const WHOLE: PixelArea = { left: 0, top: 0, right: WIDTH, bottom: HEIGHT };

function plane(at: (x: number, y: number) => number): LumaPlane {
  const luma = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) luma[y * WIDTH + x] = Math.max(0, Math.min(255, Math.round(at(x, y))));
  return { luma, widthPx: WIDTH, heightPx: HEIGHT };
}

/** Noise of standard deviation `sigma`, the same every time: twelve even random numbers make a normal one. */
function noise(sigma: number): () => number {
  let state = 1;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => (Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, 0) - 6) * sigma;
}

describe(activeArea.name, () => {
  const boxed = (x: number, y: number): number => (x >= 40 && x < 280 && y >= 20 && y < 150 ? 120 : 2);

  it('takes black bars off every side, to the pixel', () => {
    expect(activeArea(plane(boxed), 10)).toEqual({ left: 40, top: 20, right: 280, bottom: 150 });
  });

  it('leaves a picture without bars whole, and knows nothing of a black one', () => {
    expect(
      activeArea(
        plane(() => 100),
        10,
      ),
    ).toEqual(WHOLE);
    expect(
      activeArea(
        plane(() => 1),
        10,
      ),
    ).toBeNull();
  });

  it('does not take a dark row with something bright in it for a bar', () => {
    expect(
      activeArea(
        plane((x, y) => (y < 20 ? (x % 20 < 2 ? 60 : 0) : 120)),
        10,
      )?.top,
    ).toBe(0);
  });
});

describe(EdgeWidths.name, () => {
  const edges = new EdgeWidths();
  const ramp = (x: number, width: number): number => 40 + 160 * Math.max(0, Math.min(1, ((x % 64) - 8) / width, (56 - (x % 64)) / width));

  it.each([1, 2, 4, 8])('measures a ramp of %i px as that wide', (width) => {
    expect(
      edges.measure(
        plane((x) => ramp(x, width)),
        WHOLE,
        0,
      ),
    ).toBeCloseTo(width, 0);
  });

  it('goes by the sharper edges, so that a blurred ground does no harm', () => {
    const half = plane((x, y) => ramp(x, y % 8 < 4 ? 1 : 12));
    expect(edges.measure(half, WHOLE, 0)).toBeLessThan(2);
  });

  it('knows nothing where there are no edges', () => {
    expect(
      edges.measure(
        plane((x) => x / 8),
        WHOLE,
        0,
      ),
    ).toBeNull();
  });
});

describe(combing.name, () => {
  const bar =
    (shift: number) =>
    (x: number, y: number): number =>
      (x + (y % 2) * shift) % 64 < 32 ? 200 : 50;

  it('finds two fields that lie apart, and none where they do not', () => {
    expect(combing(plane(bar(8)), WHOLE, 0)).toBeGreaterThan(0.1);
    expect(combing(plane(bar(0)), WHOLE, 0)).toBe(0);
  });

  it('takes neither noise nor fine texture for fields', () => {
    const rough = noise(10);
    const sigma = noiseLevel(
      plane(() => 120 + rough()),
      WHOLE,
    );
    expect(
      combing(
        plane(() => 120 + rough()),
        WHOLE,
        sigma,
      ),
    ).toBeLessThan(0.0005);
    expect(
      combing(
        plane((x, y) => ((x + y) % 2 ? 200 : 50)),
        WHOLE,
        0,
      ),
    ).toBe(0);
  });
});

describe(BlockGrid.name, () => {
  const grid = new BlockGrid();
  const blocks = (size: number, offset: number) =>
    plane((x, y) => 100 + ((Math.floor((x + offset) / size) * 7 + Math.floor((y + offset) / size) * 5) % 4) * 6);

  it.each([
    [8, 0],
    [8, 3],
    [16, 5],
  ])('finds a grid of %i px, wherever it begins (%i)', (size, offset) => {
    expect(grid.measure(blocks(size, offset), WHOLE)).toBeGreaterThan(0.5);
  });

  it('finds none in a slope, in noise, or in blocks of another size', () => {
    const rough = noise(6);
    expect(
      grid.measure(
        plane((x, y) => x / 2 + y / 3),
        WHOLE,
      ),
    ).toBeLessThan(0.05);
    expect(
      grid.measure(
        plane(() => 120 + rough()),
        WHOLE,
      ),
    ).toBeLessThan(0.05);
    expect(grid.measure(blocks(11, 0), WHOLE)).toBeLessThan(0.12);
  });
});

describe(noiseLevel.name, () => {
  it.each([2, 5, 10])('finds a standard deviation of %i, over a slope too', (sigma) => {
    const rough = noise(sigma);
    const level = noiseLevel(
      plane((x) => 60 + x / 3 + rough()),
      WHOLE,
    );
    expect(level / sigma).toBeGreaterThan(0.8);
    expect(level / sigma).toBeLessThan(1.2);
  });
});

describe(captionCells.name, () => {
  const text = (top: number, left = 40, right = 280) =>
    plane((x, y) => (y >= top && y < top + 16 && x >= left && x < right && x % 8 < 4 ? 240 : 30));

  it('sees a line of strokes, and how much of it lies outside the safe area', () => {
    const inside = captionCells(text(90), 0.9);
    expect(inside.inLines).toBeGreaterThan(3);
    expect(inside.outside).toBe(0);
    expect(captionCells(text(162), 0.8).outside).toBeGreaterThan(3);
  });

  it('takes neither a plain picture nor a field of texture for text', () => {
    expect(
      captionCells(
        plane(() => 90),
        0.9,
      ).inLines,
    ).toBe(0);
    expect(
      captionCells(
        plane((x) => (x % 8 < 4 ? 240 : 30)),
        0.9,
      ).inLines,
    ).toBe(0);
  });
});

describe(structureAnalysis.name, () => {
  const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: WIDTH, heightPx: HEIGHT, codec: 'h264' };
  const seconds = 1_000_000;

  function watch(pictures: readonly LumaPlane[], info = stream): AnalysisResult[] {
    const results: AnalysisResult[] = [];
    const analyzer = structureAnalysis(structureConfig.parse({}));
    void analyzer.openStream(info);
    const frames = pictures.map(
      ({ luma, widthPx, heightPx }, i) =>
        ({ ptsUs: i * seconds, widthPx, heightPx, data: luma, index: i, keyframe: false, format: 'gray8' }) as Frame,
    );
    void analyzer.process(frames, (result) => results.push(result), new AbortController().signal, info);
    void analyzer.closeStream(info, (result) => results.push(result));
    return results;
  }
  const said = (results: readonly AnalysisResult[], name: string): string[] =>
    results.filter((r): r is EventResult => r.type === 'event' && r.name === name).map(({ phase, ptsUs }) => `${phase} ${ptsUs / seconds}`);

  const full = plane((x, y) => 60 + ((x * 3 + y * 5) % 100));
  const boxed = plane((x, y) => (y < 24 || y >= 156 ? 0 : 60 + ((x * 3 + y * 5) % 100)));
  const black = plane(() => 0);
  const darker = plane((x, y) => (y < 60 || y >= 130 ? 0 : 90 + (x % 30)));
  const times = (count: number, picture: LumaPlane): LumaPlane[] => Array.from({ length: count }, () => picture);

  it('reports bars from the first picture that has them to the first that has not, with the box between', () => {
    const results = watch([...times(3, full), ...times(6, boxed), ...times(3, full)]);
    expect(said(results, 'letterbox')).toEqual(['start 3', 'end 9']);
    const start = results.find((r) => r.type === 'event' && r.name === 'letterbox' && r.phase === 'start') as EventResult;
    expect(start.data).toEqual({ box: { x: 0, y: 24 / HEIGHT, width: 1, height: 132 / HEIGHT } });
    expect(said(results, 'pillarbox')).toEqual([]);
  });

  it('takes neither black pictures nor dark scenes for the end of bars', () => {
    const results = watch([...times(2, full), ...times(5, boxed), ...times(3, black), ...times(3, darker), ...times(4, boxed), full]);
    expect(said(results, 'letterbox')).toEqual(['start 2', 'end 17']);
  });

  it('does not judge blocks and fields on pictures that were shrunk', () => {
    const names = (info: StreamInfo): Set<string> =>
      new Set(
        watch(times(3, full), info)
          .filter((r): r is MetricResult => r.type === 'metric')
          .map((r) => r.name),
      );
    expect([...names(stream)]).toEqual(expect.arrayContaining(['blockiness', 'interlacing']));
    const shrunk = names({ ...stream, widthPx: 2 * WIDTH, heightPx: 2 * HEIGHT });
    expect([...shrunk]).toEqual(expect.arrayContaining(['noise', 'active-area']));
    expect([...shrunk]).not.toEqual(expect.arrayContaining(['blockiness']));
    expect([...shrunk]).not.toEqual(expect.arrayContaining(['interlacing']));
  });

  it('keeps saying interlaced while nothing moves, and stops when what moves has no combs', () => {
    const moved = (shift: number, comb: number) => plane((x, y) => ((x + shift + (y % 2) * comb) % 64 < 32 ? 200 : 50));
    const combed = [0, 10, 20, 30].map((shift) => moved(shift, 8));
    const still = times(4, moved(40, 0));
    const clean = [50, 60, 5, 15, 25, 35, 45, 55].map((shift) => moved(shift, 0));
    expect(said(watch([...combed, ...still, ...clean]), 'interlaced')).toEqual(['start 0', 'end 4']);
  });
});
