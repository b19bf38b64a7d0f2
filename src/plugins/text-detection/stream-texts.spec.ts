import { describe, expect, it } from 'vitest';
import type { AnalysisResult, Frame, JsonValue } from 'vedette/plugin';
import { textDetectionConfig } from './config.js';
import { LineEvents } from './line-events.js';
import { StreamTexts } from './stream-texts.js';
import type { TurnedRect } from './quad.js';
import { WatchedWords } from './watched-words.js';

const SIZE = { widthPx: 320, heightPx: 180 };
const fit = { frameWidthPx: 320, frameHeightPx: 180, offsetXPx: 0, offsetYPx: 0, contentWidthPx: 320, contentHeightPx: 180 };

interface Shown {
  readonly text: string;
  readonly x?: number;
  readonly score?: number;
}

/** A stand-in for both networks: a frame shows what it is said to show, drawn as stripes that differ from text to text. */
class Stage {
  readonly results: AnalysisResult[] = [];
  readonly searched: number[] = [];
  readonly read: string[] = [];
  private readonly shown = new Map<number, readonly Shown[]>();
  texts: StreamTexts;

  constructor(
    private readonly config: object = {},
    checkpoint?: JsonValue,
  ) {
    this.texts = this.open(checkpoint);
  }

  open(checkpoint?: JsonValue): StreamTexts {
    const config = textDetectionConfig.parse({ watch: ['goal'], ...this.config });
    const shownOn = ({ ptsUs }: Frame): readonly Shown[] => this.shown.get(ptsUs) ?? [];
    const search = {
      find: (frame: Frame) => {
        this.searched.push(frame.ptsUs / 1e6);
        return Promise.resolve(shownOn(frame).map((shown) => ({ rect: rectOf(shown), score: 0.9 })));
      },
    };
    const reader = {
      read: (frame: Frame, rects: readonly TurnedRect[]) =>
        Promise.resolve(
          rects.map((rect) => {
            const { text = '', score = 0.95 } = shownOn(frame).find((shown) => rectOf(shown).centre.x === rect.centre.x) ?? {};
            this.read.push(text);
            return { text, score };
          }),
        ),
    };
    return new StreamTexts({ config, search, reader }, new LineEvents('e', new WatchedWords(config.watch)), checkpoint);
  }

  async show(seconds: number, shown: readonly Shown[], { keyframe = false, scene = 0 } = {}): Promise<void> {
    const ptsUs = seconds * 1e6;
    this.shown.set(ptsUs, shown);
    await this.texts.frame(
      { ptsUs, index: 0, keyframe, ...SIZE, format: 'rgb24', data: drawn(shown, scene), fit },
      (result) => void this.results.push(result),
    );
  }

  get events(): unknown[] {
    return this.results.flatMap((result) =>
      result.type === 'event' ? [[result.name, result.phase, result.ptsUs / 1e6, result.data?.['text']]] : [],
    );
  }
}

const rectOf = ({ x = 60 }: Shown): TurnedRect => ({ centre: { x, y: 40 }, along: { x: 1, y: 0 }, halfLength: 50, halfHeight: 10 });

function drawn(shown: readonly Shown[], scene: number): Uint8Array {
  const data = new Uint8Array(320 * 180 * 3);
  for (let i = 0; i < 320 * 180; i++) {
    const [x, y] = [i % 320, Math.floor(i / 320)];
    const text = shown.find(({ x: centre = 60 }) => Math.abs(x - centre) < 50 && Math.abs(y - 40) < 10);
    const letter = text?.text.charCodeAt(Math.floor((x % 100) / 12) % Math.max(1, text.text.length)) ?? 0;
    const level = text === undefined ? 110 + 100 * Math.sin(scene === 0 ? x / 20 : y / 12) : ((letter >> ((x >> 2) % 5)) & 1) * 200 + 20;
    data.fill(level, i * 3, i * 3 + 3);
  }
  return data;
}

describe(StreamTexts.name, () => {
  it('searches at keyframes, at cuts, where a known line has changed, and at least so often', async () => {
    const stage = new Stage({ searchEvery: '4s', restBetween: '1s' });
    await stage.show(0, [{ text: 'AB' }]);
    await stage.show(0.5, [{ text: 'AB' }], { keyframe: true }); // too soon, and so a little later
    await stage.show(1, [{ text: 'AB' }]);
    await stage.show(2.5, [{ text: 'AB' }], { keyframe: true });
    await stage.show(3, [{ text: 'XY' }]);
    await stage.show(3.5, [{ text: 'XY' }]);
    await stage.show(4, [{ text: 'XY' }], { scene: 5 });
    await stage.show(6, [{ text: 'XY' }], { scene: 5 });
    await stage.show(8, [{ text: 'XY' }], { scene: 5 });
    expect(stage.searched).toEqual([0, 1, 2.5, 3.5, 4, 8]);
    expect(stage.read).toEqual(['AB', 'XY']);
  });

  it('searches where something has come to stand that was not there before', async () => {
    const stage = new Stage({ restBetween: '1s' });
    await stage.show(0, [{ text: 'AB' }]);
    await stage.show(1.5, [{ text: 'AB' }]);
    await stage.show(2, [{ text: 'AB' }, { text: 'NEWS', x: 220 }]);
    await stage.show(2.5, [{ text: 'AB' }, { text: 'NEWS', x: 220 }]);
    expect(stage.searched).toEqual([0, 2]);
    expect(stage.read).toEqual(['AB', 'NEWS']);
  });

  it('says what came, changed in place, was replaced, and went', async () => {
    const stage = new Stage({ restBetween: '0s' });
    await stage.show(0, [{ text: 'HOME 0' }, { text: 'LIVE', x: 220 }], { keyframe: true });
    await stage.show(1, [{ text: 'HOME 1' }, { text: 'LIVE', x: 220 }], { keyframe: true });
    await stage.show(2, [{ text: 'goal by' }, { text: 'LIVE', x: 220 }], { keyframe: true });
    await stage.show(3, [{ text: 'LIVE', x: 220 }], { keyframe: true });
    await stage.show(4, [{ text: 'LIVE', x: 220 }], { keyframe: true });
    await stage.show(5, [{ text: 'LIVE', x: 220 }], { keyframe: true });
    expect(stage.events).toEqual([
      ['text', 'start', 0, 'HOME 0'],
      ['text', 'start', 0, 'LIVE'],
      ['text', 'update', 1, 'HOME 1'],
      ['text', 'end', 2, undefined],
      ['text', 'start', 2, 'goal by'],
      ['watched-text', 'start', 2, 'goal by'],
      ['watched-text', 'end', 3, undefined],
      ['text', 'end', 3, undefined],
    ]);
    expect(stage.results.flatMap((result) => (result.type === 'text' ? [result.data['text']] : []))).toEqual([
      'HOME 0',
      'LIVE',
      'HOME 1',
      'goal by',
    ]);
  });

  it('bridges a line that one search misses, but not over a cut', async () => {
    const stage = new Stage({ restBetween: '0s', maxGap: '2s' });
    await stage.show(0, [{ text: 'LIVE' }], { keyframe: true });
    await stage.show(1, [], { keyframe: true });
    await stage.show(2, [{ text: 'LIVE' }], { keyframe: true });
    await stage.show(3, [], { keyframe: true, scene: 5 });
    expect(stage.events).toEqual([
      ['text', 'start', 0, 'LIVE'],
      ['text', 'end', 3, undefined],
    ]);
  });

  it('ends a line that is missing when media ends where it was first missed', async () => {
    const stage = new Stage({ restBetween: '0s', maxGap: '2s' });
    await stage.show(0, [{ text: 'LIVE' }], { keyframe: true });
    await stage.show(1, [], { keyframe: true });
    await stage.show(2, [], { keyframe: false });
    stage.texts.interrupt((result) => void stage.results.push(result));
    expect(stage.events).toEqual([
      ['text', 'start', 0, 'LIVE'],
      ['text', 'end', 1, undefined],
    ]);
  });

  it('says nothing of what it cannot read, and reads it again only where it has changed', async () => {
    const stage = new Stage({ restBetween: '0s', minScore: 0.7 });
    await stage.show(0, [{ text: 'B1UR', score: 0.4 }], { keyframe: true });
    await stage.show(1, [{ text: 'B1UR', score: 0.4 }], { keyframe: true });
    await stage.show(5, [{ text: 'B1UR', score: 0.4 }], { keyframe: true });
    expect(stage.read).toEqual(['B1UR']);
    await stage.show(6, [{ text: 'CLEAR' }], { keyframe: true });
    expect(stage.events).toEqual([['text', 'start', 6, 'CLEAR']]);
  });

  it('ends a line whose place has come to show what cannot be read', async () => {
    const stage = new Stage({ restBetween: '0s', maxGap: '2s' });
    await stage.show(0, [{ text: 'LIVE' }], { keyframe: true });
    for (const seconds of [1, 2, 3, 4]) await stage.show(seconds, [{ text: 'B1UR', score: 0.4 }], { keyframe: true });
    expect(stage.events).toEqual([
      ['text', 'start', 0, 'LIVE'],
      ['text', 'end', 1, undefined],
    ]);
    expect(stage.read).toEqual(['LIVE', 'B1UR']);
  });

  it('ends at a gap what was there, and goes on elsewhere from its checkpoint', async () => {
    const stage = new Stage({ restBetween: '0s' });
    await stage.show(0, [{ text: 'goal by' }], { keyframe: true });
    stage.texts = stage.open(JSON.parse(JSON.stringify(stage.texts.checkpoint())) as JsonValue);
    await stage.show(1, [{ text: 'goal by' }], { keyframe: true });
    expect(stage.read).toEqual(['goal by']);
    stage.texts.interrupt((result) => void stage.results.push(result));
    stage.texts.interrupt((result) => void stage.results.push(result));
    expect(stage.events).toEqual([
      ['text', 'start', 0, 'goal by'],
      ['watched-text', 'start', 0, 'goal by'],
      ['watched-text', 'end', 1, undefined],
      ['text', 'end', 1, undefined],
    ]);
    expect(stage.texts.checkpoint()).toMatchObject({ lines: [], tracker: null });
  });
});
