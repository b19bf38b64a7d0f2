import { describe, expect, it } from 'vitest';
import {
  type AnalysisResult,
  type EventResult,
  type Frame,
  type JsonValue,
  type MetricResult,
  type PerStreamAnalyzer,
  type StreamInfo,
} from 'vedette/plugin';
import { visualAnalysisConfig } from './config.js';
import { visualAnalysis } from './visual-analysis.js';

const perFrame = { metricsEvery: '1ms' };
const never = new AbortController().signal;
const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 64, heightPx: 36, codec: 'h264' };
const STEP_US = 200_000;

type Scene = (x: number, y: number, at: number) => number;
const black: Scene = () => 2;
const still: Scene = (x, y) => (x * 3 + y * 5) % 200;
const busy: Scene = (x, y, at) => 60 + ((x * 3 + y * 5 + at * 11) % 100);
const otherStill: Scene = (x) => 250 - x * 3;

function frame(scene: Scene, at: number): Frame {
  const data = new Uint8Array(64 * 36 * 3);
  for (let y = 0; y < 36; y++) for (let x = 0; x < 64; x++) data.fill(scene(x, y, at), (y * 64 + x) * 3, (y * 64 + x) * 3 + 3);
  return { ptsUs: at * STEP_US, index: at, keyframe: false, widthPx: 64, heightPx: 36, format: 'rgb24', data } as Frame;
}

/** Scenes one after another, as `[scene, frames]`, at five frames a second. */
const film = (...parts: readonly (readonly [Scene, number])[]): Frame[] =>
  parts.flatMap(([scene, count]) => Array.from({ length: count }, () => scene)).map(frame);

class Viewing {
  readonly results: AnalysisResult[] = [];
  readonly analyzer: PerStreamAnalyzer;
  constructor(config: Record<string, unknown> = {}, checkpoint?: JsonValue) {
    this.analyzer = visualAnalysis(visualAnalysisConfig.parse(config));
    void this.analyzer.openStream(stream, checkpoint);
  }
  show(frames: readonly Frame[]): this {
    void this.analyzer.process(frames, this.emit, never, stream);
    return this;
  }
  readonly emit = (result: AnalysisResult): void => void this.results.push(result);
  events(name: string): [string, number][] {
    return this.results.filter((r): r is EventResult => r.type === 'event' && r.name === name).map((r) => [r.phase, r.ptsUs / STEP_US]);
  }
  metrics(name: string): MetricResult[] {
    return this.results.filter((r): r is MetricResult => r.type === 'metric' && r.name === name);
  }
}

describe(visualAnalysis.name, () => {
  it('measures every frame where it is told to; motion from the second on', () => {
    const viewing = new Viewing(perFrame).show(film([busy, 5]));
    void viewing.analyzer.closeStream(stream, viewing.emit);
    for (const name of ['brightness', 'contrast', 'sharpness'])
      expect(viewing.metrics(name).map((m) => m.ptsUs / STEP_US)).toEqual([0, 1, 2, 3, 4]);
    expect(viewing.metrics('motion').map((m) => m.ptsUs / STEP_US)).toEqual([1, 2, 3, 4]);
    expect(viewing.metrics('motion').every((m) => m.value > 0 && m.value <= 1 && m.unit === '0..1')).toBe(true);
  });

  it("has one value of each metric per second: the mean, at the second's first frame", () => {
    const each = new Viewing(perFrame).show(film([busy, 12])).metrics('brightness');
    const viewing = new Viewing().show(film([busy, 12]));
    const whole = viewing.metrics('brightness');
    expect(whole.map((m) => m.ptsUs / STEP_US)).toEqual([0, 5]);
    const mean = (from: number): number => each.slice(from, from + 5).reduce((sum, m) => sum + m.value, 0) / 5;
    expect(whole.map((m) => m.value)).toEqual([expect.closeTo(mean(0), 10), expect.closeTo(mean(5), 10)]);
    // The third second is known to be over as soon as its segment is.
    void viewing.analyzer.endSegment(
      { streamId: 's', epochId: 'e', sequence: 0, ptsStartUs: 0, ptsEndUs: 3_000_000 },
      viewing.emit,
      stream,
    );
    expect(viewing.metrics('brightness').map((m) => m.ptsUs / STEP_US)).toEqual([0, 5, 10]);
  });

  it('names the dominant colours once a second', () => {
    const viewing = new Viewing().show(film([busy, 11]));
    expect(viewing.results.filter((r) => r.type === 'classification').map((r) => r.ptsUs)).toEqual([0, 1_000_000, 2_000_000]);
  });

  describe('black', () => {
    it('starts where the picture went black, once it has lasted, and ends with the first picture', () => {
      expect(new Viewing().show(film([busy, 4], [black, 6], [busy, 3])).events('black')).toEqual([
        ['start', 4],
        ['end', 10],
      ]);
    });

    it('is not reported when it is short', () => {
      expect(new Viewing().show(film([busy, 4], [black, 2], [busy, 3])).events('black')).toEqual([]);
    });

    it('does not flicker at the threshold', () => {
      const nearly =
        (share: number): Scene =>
        (x, y) =>
          (y * 64 + x) / (64 * 36) < share ? 2 : 200;
      const frames = film([nearly(0.985), 4], [nearly(0.965), 2], [nearly(0.985), 3], [nearly(0.9), 1]);
      expect(new Viewing().show(frames).events('black')).toEqual([
        ['start', 0],
        ['end', 9],
      ]);
    });

    it('is not reported as frozen too', () => {
      expect(new Viewing().show(film([black, 30])).events('frozen')).toEqual([]);
    });
  });

  describe('frozen', () => {
    it('starts with the picture that stayed, and ends when it moves', () => {
      expect(new Viewing().show(film([busy, 4], [still, 20], [busy, 3])).events('frozen')).toEqual([
        ['start', 4],
        ['end', 24],
      ]);
    });

    it('does not take slow drift for standing still', () => {
      const drift: Scene = (x, y, at) => 50 + ((x * 3 + y * 5) % 100) + at * 2;
      expect(new Viewing().show(film([drift, 40])).events('frozen')).toEqual([]);
    });

    it('bears the noise of an encoder', () => {
      const noisy: Scene = (x, y, at) => 50 + ((x * 3 + y * 5) % 100) + ((x + y + at) % 3);
      expect(new Viewing().show(film([noisy, 15])).events('frozen')).toEqual([['start', 0]]);
    });

    it('sees a small thing move', () => {
      const clock: Scene = (x, y, at) => (x < 2 && y < 2 ? (at % 2) * 200 : still(x, y, 0));
      expect(new Viewing().show(film([clock, 30])).events('frozen')).toEqual([]);
    });

    it('ends at a cut from one still to another, and starts anew', () => {
      expect(new Viewing().show(film([still, 15], [otherStill, 15])).events('frozen')).toEqual([
        ['start', 0],
        ['end', 15],
        ['start', 15],
      ]);
    });
  });

  describe('scene-change', () => {
    it('marks the first picture of the new scene', () => {
      const viewing = new Viewing().show(film([still, 6], [otherStill, 6]));
      expect(viewing.events('scene-change')).toEqual([
        ['start', 6],
        ['end', 6],
      ]);
    });

    it('is not seen in ongoing motion', () => {
      const wild: Scene = (x, y, at) => ((x + at * 17) * 37 + y * 91) % 255;
      const starts = new Viewing()
        .show(film([wild, 40]))
        .events('scene-change')
        .filter(([phase]) => phase === 'start');
      expect(starts.length).toBeLessThanOrEqual(1);
    });

    it('is not a flash', () => {
      const viewing = new Viewing({ sceneChange: { overUsualMotion: 1 } });
      expect(viewing.show(film([still, 5], [otherStill, 1], [still, 5])).events('scene-change')).toEqual([]);
    });

    it('is seen soon after a flash', () => {
      const viewing = new Viewing().show(film([still, 5], [() => 255, 1], [still, 2], [(x, y, at) => still(x, y, at) * 0.6, 4]));
      expect(viewing.events('scene-change')).toEqual([
        ['start', 8],
        ['end', 8],
      ]);
    });

    it('is reported when nothing follows that could take it back', () => {
      const viewing = new Viewing().show(film([still, 6], [otherStill, 1]));
      expect(viewing.events('scene-change')).toEqual([]);
      void viewing.analyzer.closeStream(stream, viewing.emit);
      expect(viewing.events('scene-change')).toEqual([
        ['start', 6],
        ['end', 6],
      ]);
    });

    it('comes at most every half second', () => {
      expect(
        new Viewing({ sceneChange: { overUsualMotion: 1 } }).show(film([still, 5], [otherStill, 2], [still, 5])).events('scene-change'),
      ).toEqual([
        ['start', 5],
        ['end', 5],
      ]);
    });
  });

  it('carries events across segments by its checkpoint', () => {
    const frames = film([busy, 4], [black, 20], [busy, 4]);
    const first = new Viewing().show(frames.slice(0, 10));
    const checkpoint = JSON.parse(JSON.stringify(first.analyzer.checkpoint(stream))) as JsonValue;
    const second = new Viewing({}, checkpoint).show(frames.slice(10));
    const events = [...first.results, ...second.results].filter((r): r is EventResult => r.type === 'event' && r.name === 'black');
    expect(events.map((event) => [event.phase, event.ptsUs / STEP_US])).toEqual([
      ['start', 4],
      ['end', 24],
    ]);
    expect(new Set(events.map((event) => event.key)).size).toBe(1);
  });

  it('ends what lasted at a gap, and compares nothing across it', () => {
    const viewing = new Viewing(perFrame).show(film([black, 6]));
    void viewing.analyzer.gap(6 * STEP_US, 60 * STEP_US, viewing.emit, stream);
    viewing.show([frame(black, 60), frame(black, 61), frame(black, 62)]);
    expect(viewing.events('black')).toEqual([
      ['start', 0],
      ['end', 5],
    ]);
    expect(viewing.metrics('motion').map((m) => m.ptsUs / STEP_US)).toEqual([1, 2, 3, 4, 5, 61]);
  });

  it('ends what lasts when the stream is closed, and forgets it', () => {
    const viewing = new Viewing().show(film([black, 6]));
    void viewing.analyzer.closeStream(stream, viewing.emit);
    expect(viewing.events('black')).toEqual([
      ['start', 0],
      ['end', 5],
    ]);
    expect(() => viewing.show(film([black, 1]))).toThrow('not opened');
  });

  it('keeps its state small', () => {
    const viewing = new Viewing().show(film([still, 20]));
    expect(JSON.stringify(viewing.analyzer.checkpoint(stream)).length).toBeLessThan(16_000);
  });
});
