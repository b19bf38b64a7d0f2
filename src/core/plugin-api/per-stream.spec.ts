import { describe, expect, it } from 'vitest';
import type { Frame } from './frame.js';
import { perStream, type StreamCourse } from './per-stream.js';
import type { AnalysisResult } from './result.js';
import type { StreamInfo } from './segment.js';

const stream = (streamId: string): StreamInfo => ({
  streamId,
  streamName: streamId,
  epochId: `${streamId}-epoch`,
  widthPx: 64,
  heightPx: 36,
  codec: 'h264',
});
const frames = (...ptsUs: number[]): Frame[] => ptsUs.map((pts) => ({ ptsUs: pts }) as Frame);
const never = new AbortController().signal;

/** Counts pictures: one metric per picture, and one more when it is interrupted. */
function counting(checkpoint?: unknown): StreamCourse {
  let count = Number(checkpoint ?? 0);
  const said = (name: string, ptsUs: number): AnalysisResult => ({ type: 'metric', ptsUs, name, value: count, unit: 'count' });
  return {
    frame: ({ ptsUs }, emit) => {
      count += 1;
      emit(said('seen', ptsUs));
    },
    interrupt: (emit) => emit(said('interrupted', 0)),
    checkpoint: () => count,
  };
}

function setUp(open = (_: StreamInfo, checkpoint?: unknown): StreamCourse => counting(checkpoint)) {
  const results: AnalysisResult[] = [];
  const emit = (result: AnalysisResult): void => void results.push(result);
  return { analyzer: perStream(open), emit, values: () => results.map((result) => (result.type === 'metric' ? result.value : result)) };
}

describe(perStream.name, () => {
  it('keeps streams apart, and goes on from a checkpoint', async () => {
    const { analyzer, emit, values } = setUp();
    await analyzer.openStream(stream('a'));
    await analyzer.openStream(stream('b'), 10);
    await analyzer.process(frames(1, 2), emit, never, stream('a'));
    await analyzer.process(frames(1), emit, never, stream('b'));
    expect(values()).toEqual([1, 2, 11]);
    expect([analyzer.checkpoint(stream('a')), analyzer.checkpoint(stream('b'))]).toEqual([2, 11]);
  });

  it('interrupts a course at a gap and at its end, and knows it no more after that', async () => {
    const { analyzer, emit, values } = setUp();
    await analyzer.openStream(stream('a'), 3);
    await analyzer.gap(0, 1, emit, stream('a'));
    await analyzer.closeStream(stream('a'), emit);
    await analyzer.closeStream(stream('a'), emit);
    expect(values()).toEqual([3, 3]);
    expect(() => analyzer.process(frames(1), emit, never, stream('a'))).toThrow('Stream a was not opened');
  });

  it('answers at once where the course does', () => {
    const { analyzer, emit, values } = setUp();
    void analyzer.openStream(stream('a'));
    expect(analyzer.process(frames(1, 2, 3), emit, never, stream('a'))).toBeUndefined();
    expect(values()).toEqual([1, 2, 3]);
  });

  it('shows an asynchronous course one picture at a time, and none after it was called off', async () => {
    const calledOff = new AbortController();
    const seen: string[] = [];
    const { analyzer, emit } = setUp(() => ({
      frame: async ({ ptsUs }) => {
        seen.push(`${ptsUs} begins`);
        await Promise.resolve();
        seen.push(`${ptsUs} ends`);
        if (ptsUs === 2) calledOff.abort(new Error('called off'));
      },
      checkpoint: () => null,
    }));
    await analyzer.openStream(stream('a'));
    await expect(analyzer.process(frames(1, 2, 3), emit, calledOff.signal, stream('a'))).rejects.toThrow('called off');
    expect(seen).toEqual(['1 begins', '1 ends', '2 begins', '2 ends']);
  });

  it('says what a course lacks for what its analyzer asks for', async () => {
    const { analyzer, emit } = setUp(() => ({ checkpoint: () => null }));
    await analyzer.openStream(stream('a'));
    expect(() => analyzer.process(frames(1), emit, never, stream('a'))).toThrow('no frame()');
    expect(() => analyzer.processAudio([{} as never], emit, never, stream('a'))).toThrow('no sound()');
    expect(analyzer.process([], emit, never, stream('a'))).toBeUndefined();
  });
});
