import { describe, expect, it } from 'vitest';
import type { AnalysisResult, EventResult, Frame, StreamInfo } from 'vedette/plugin';
import { castOf } from './colour-cast.js';
import { visualAnalysisConfig } from './config.js';
import { showsColourBars } from './test-bars.js';
import { visualAnalysis } from './visual-analysis.js';

type Rgb = readonly [number, number, number];
type Scene = (x: number, y: number) => Rgb;
const [WIDTH, HEIGHT] = [112, 64];
const STEP_US = 200_000;
const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: WIDTH, heightPx: HEIGHT, codec: 'h264' };

function frame(scene: Scene, at = 0): Frame {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++)
      data.set(
        scene(x, y).map((level) => Math.max(0, Math.min(255, Math.round(level)))),
        (y * WIDTH + x) * 3,
      );
  return { ptsUs: at * STEP_US, index: at, keyframe: false, widthPx: WIDTH, heightPx: HEIGHT, format: 'rgb24', data } as Frame;
}

function watch(parts: readonly (readonly [Scene, number])[], config: Record<string, unknown> = {}): (name: string) => string[] {
  const results: AnalysisResult[] = [];
  const analyzer = visualAnalysis(visualAnalysisConfig.parse(config));
  void analyzer.openStream(stream);
  const frames = parts.flatMap(([scene, count]) => Array.from({ length: count }, () => scene)).map(frame);
  void analyzer.process(frames, (result) => results.push(result), new AbortController().signal, stream);
  void analyzer.closeStream(stream, (result) => results.push(result));
  return (name) =>
    results.filter((r): r is EventResult => r.type === 'event' && r.name === name).map(({ phase, ptsUs }) => `${phase} ${ptsUs / STEP_US}`);
}

const ORDER: readonly Rgb[] = [
  [1, 1, 1],
  [1, 1, 0],
  [0, 1, 1],
  [0, 1, 0],
  [1, 0, 1],
  [1, 0, 0],
  [0, 0, 1],
];
const bars =
  (level: number, order = ORDER): Scene =>
  (x) =>
    order[Math.min(order.length - 1, Math.floor((x * order.length) / WIDTH))]!.map((on) => on * level) as unknown as Rgb;
const grey: Scene = (x, y) => [((x * 5 + y * 3) % 200) + 20, ((x * 5 + y * 3) % 200) + 20, ((x * 5 + y * 3) % 200) + 20];
const blocksOf =
  (seed: number, tint: Rgb = [1, 1, 1]): Scene =>
  (x, y) => {
    const level = 40 + ((Math.floor(x / 14) * 67 + Math.floor(y / 16) * 41 + seed * 53) % 170);
    return [level * tint[0], level * tint[1], level * tint[2]];
  };

describe(showsColourBars.name, () => {
  it.each([
    ['100 %', bars(255)],
    ['75 %', bars(191)],
    ['EBU with black', bars(191, [...ORDER, [0, 0, 0]])],
    ['with noise', (x: number, y: number) => bars(191)(x, y).map((level) => level + ((x * 7 + y * 13) % 9)) as unknown as Rgb],
  ] as const)('knows bars %s', (_, scene) => {
    expect(showsColourBars(frame(scene))).toBe(true);
  });

  it.each([
    ['a grey scene', grey],
    ['stripes in another order', bars(191, [...ORDER].reverse())],
    ['six of seven stripes', bars(191, ORDER.slice(0, 6))],
    ['black', (() => [0, 0, 0]) as Scene],
  ] as const)('does not take %s for bars', (_, scene) => {
    expect(showsColourBars(frame(scene))).toBe(false);
  });
});

describe(visualAnalysis.name, () => {
  it('reports bars and fields of one colour, blue ones too, which are no blackness', () => {
    const said = watch([
      [grey, 5],
      [bars(191), 10],
      [grey, 5],
      [() => [0, 0, 255], 15],
      [grey, 5],
    ]);
    expect(said('test-bars')).toEqual(['start 5', 'end 15']);
    expect(said('plain-field')).toEqual(['start 20', 'end 35']);
    expect(said('black')).toEqual([]);
  });

  it('reports too much and too little light', () => {
    const over: Scene = (x, y) => (x < 40 ? [255, 255, 255] : grey(x, y));
    const under: Scene = (x, y) => grey(x, y).map((level) => level * 0.16) as unknown as Rgb;
    const said = watch([
      [grey, 5],
      [over, 15],
      [grey, 5],
      [under, 15],
      [grey, 5],
    ]);
    expect(said('overexposed')).toEqual(['start 5', 'end 20']);
    expect(said('underexposed')).toEqual(['start 25', 'end 40']);
  });

  it('reports a cast that lies on scene after scene, from the first', () => {
    const warm: Rgb = [1.15, 1, 0.7];
    const scenes = (tints: readonly Rgb[]): (readonly [Scene, number])[] => tints.map((tint, i) => [blocksOf(i + 1, tint), 15]);
    const said = watch([[grey, 10], ...scenes([warm, warm, warm, warm]), [grey, 10]]);
    expect(said('colour-cast')).toEqual(['start 10', 'end 70']);
    // One coloured scene, or several of different colours, are no cast.
    expect(watch([[grey, 10], ...scenes([warm]), [grey, 30]])('colour-cast')).toEqual([]);
    expect(watch(scenes([warm, [0.8, 1, 1.2], [0.8, 1.2, 0.8], warm]))('colour-cast')).toEqual([]);
  });
});

describe(castOf.name, () => {
  it('is nothing for greys, grows with the tint, and is unknown in the dark', () => {
    const tiles = (colour: Rgb): Uint8Array => Uint8Array.from({ length: 576 * 3 }, (_, i) => colour[i % 3]!);
    const distance = (colour: Rgb): number => {
      const cast = castOf(tiles(colour))!;
      return Math.hypot(cast.a, cast.b);
    };
    expect(distance([128, 128, 128])).toBeLessThan(0.5);
    expect(distance([140, 128, 116])).toBeGreaterThan(5);
    expect(distance([160, 128, 100])).toBeGreaterThan(distance([140, 128, 116]));
    expect(castOf(tiles([5, 5, 5]))).toBeNull();
  });

  it('is CIELAB: sRGB red lies at a 80, b 67', () => {
    // Of one colour, so that the least coloured quarter is that colour.
    const cast = castOf(Uint8Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 255 : 0)))!;
    expect(cast.a).toBeCloseTo(80.1, 0);
    expect(cast.b).toBeCloseTo(67.2, 0);
  });
});
