import { describe, expect, it } from 'vitest';
import type { AnalysisResult, EventResult, Frame, JsonValue, MetricResult, StreamInfo } from 'vedette/plugin';
import { flashesConfig } from './config.js';
import { flashAnalysis } from './flash-analysis.js';

const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 640, heightPx: 360, codec: 'h264' };
const STEP_US = 40_000;
const never = new AbortController().signal;

/** Luma of a picture at place x (0..63), frame n. */
type Light = (x: number, n: number) => number;

function frames(light: Light, count: number, from = 0): Frame[] {
  return Array.from({ length: count }, (_, i) => {
    const data = Uint8Array.from({ length: 64 * 36 }, (__, at) => Math.round(light(at % 64, from + i)));
    return { ptsUs: (from + i) * STEP_US, index: i, keyframe: false, widthPx: 64, heightPx: 36, format: 'gray8', data } as Frame;
  });
}

class Watch {
  readonly results: AnalysisResult[] = [];
  readonly analyzer = flashAnalysis(flashesConfig.parse({}));
  constructor(checkpoint?: JsonValue) {
    void this.analyzer.openStream(stream, checkpoint);
  }
  show(shown: readonly Frame[]): this {
    void this.analyzer.process(shown, (result) => this.results.push(result), never, stream);
    return this;
  }
  close(): this {
    void this.analyzer.closeStream(stream, (result) => this.results.push(result));
    return this;
  }
  events(name: string): string[] {
    return this.results
      .filter((r): r is EventResult => r.type === 'event' && r.name === name)
      .map(({ phase, ptsUs }) => `${phase} ${ptsUs / STEP_US}`);
  }
  largest(name: string): number {
    return Math.max(...this.results.filter((r): r is MetricResult => r.type === 'metric' && r.name === name).map(({ value }) => value));
  }
}

/** `perSecond` flashes of white on `share` of the picture between frames 50 and 100, over grey. */
const flashing =
  (perSecond: number, share = 1, dark = 60, bright = 255): Light =>
  (x, n) =>
    n >= 50 && n < 100 && x < 64 * share && ((n - 50) * perSecond) % 25 < 12.5 ? bright : dark;

describe(flashAnalysis.name, () => {
  it('reports more than three flashes a second, from the first change to the last', () => {
    const watch = new Watch().show(frames(flashing(5), 150)).close();
    expect(watch.events('flashing')).toEqual(['start 50', 'end 98']);
    expect(watch.largest('flashes')).toBeCloseTo(5, 0);
  });

  it.each([
    ['two a second', flashing(2)],
    ['a fifth of the screen', flashing(5, 0.2)],
    ['a change of less than a tenth of white', flashing(5, 1, 60, 85)],
    ['changes among bright pictures only', flashing(5, 1, 235, 255)],
  ])('leaves %s alone', (_, light) => {
    expect(new Watch().show(frames(light, 150)).close().events('flashing')).toEqual([]);
  });

  it('does not take things that move for flashes', () => {
    const stripes: Light = (x, n) => ((x + n * 2) % 16 < 8 ? 230 : 20);
    expect(new Watch().show(frames(stripes, 150)).close().events('flashing')).toEqual([]);
  });

  it('counts a cut as half a flash, and no more', () => {
    const watch = new Watch().show(frames((_, n) => (n < 60 ? 30 : 200), 120)).close();
    expect(watch.largest('flashes')).toBe(0.5);
  });

  it('sees weak light swing, where it begins and ends, and calls a slow fade steady', () => {
    const lamp: Light = (_, n) => 120 + (n >= 50 && n < 125 ? 8 * Math.sin((2 * Math.PI * 4 * (n - 50)) / 25) : 0);
    const watch = new Watch().show(frames(lamp, 200)).close();
    const [start, end] = watch.events('flicker').map((said) => Number(said.split(' ')[1]));
    expect(Math.abs(start! - 50)).toBeLessThanOrEqual(7);
    expect(Math.abs(end! - 125)).toBeLessThanOrEqual(7);
    expect(watch.events('flashing')).toEqual([]);
    expect(
      new Watch()
        .show(frames((_, n) => 40 + n, 150))
        .close()
        .events('flicker'),
    ).toEqual([]);
  });

  it('goes on from any frame as if nothing had been', () => {
    const film = frames(flashing(5), 150);
    const whole = new Watch().show(film).close().results;
    for (const cut of [49, 51, 63, 80, 110]) {
      const first = new Watch().show(film.slice(0, cut));
      const checkpoint = JSON.parse(JSON.stringify(first.analyzer.checkpoint(stream))) as JsonValue;
      expect(JSON.stringify(checkpoint).length).toBeLessThan(16_000);
      const second = new Watch(checkpoint).show(film.slice(cut)).close();
      expect([...first.results, ...second.results]).toEqual(whole);
    }
  });
});
