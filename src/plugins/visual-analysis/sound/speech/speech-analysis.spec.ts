import { describe, expect, it } from 'vitest';
import type { AnalysisResult, AudioBlock, Model, ModelOptions, Models, StreamInfo, Tensor } from 'vedette/plugin';
import { speechConfig } from './config.js';
import { speechAnalysis } from './speech-analysis.js';
import { VOICE_SAMPLE_RATE_HZ, WINDOW_SAMPLES } from './voice-activity.js';

const WINDOW_US = (WINDOW_SAMPLES * 1e6) / VOICE_SAMPLE_RATE_HZ;
const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 0, heightPx: 0, codec: 'none' };
const never = new AbortController().signal;

/** Takes the mean of a window for its probability, and counts windows in its state. */
class FakeModel implements Model {
  readonly path = 'fake.onnx';
  readonly sha256 = '';
  readonly metadata = {};
  readonly inputs = [];
  readonly outputs = [];
  readonly provider = 'cpu';
  readonly precision = 'float32';
  readonly contexts: number[] = [];
  readonly states: number[] = [];
  disposed = 0;

  run({ input, state, sr }: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    expect(input).toMatchObject({ type: 'float32', dims: [1, 576] });
    expect(state).toMatchObject({ type: 'float32', dims: [2, 1, 128] });
    expect(sr).toEqual({ type: 'int64', dims: [], data: BigInt64Array.of(16_000n) });
    const samples = input!.data as Float32Array;
    const next = Float32Array.from(state!.data as Float32Array);
    next[0]! += 1;
    this.contexts.push(mean(samples.subarray(0, 64)));
    this.states.push(next[0]!);
    const output: Tensor = { type: 'float32', dims: [1, 1], data: Float32Array.of(mean(samples.subarray(64))) };
    return Promise.resolve({ output, stateN: { type: 'float32', dims: [2, 1, 128], data: next } });
  }
  dispose(): Promise<void> {
    this.disposed++;
    return Promise.resolve();
  }
}

const mean = (samples: Float32Array): number => Math.round((samples.reduce((sum, one) => sum + one, 0) / samples.length) * 1e3) / 1e3;
const modelsOf = (model: Model, opened: [string, ModelOptions?][] = []): Models => ({
  open: (...asked) => (opened.push(asked), Promise.resolve(model)),
  readText: () => Promise.resolve(''),
});

/** Sound whose windows have these probabilities, in blocks of some samples. */
function said(probabilities: readonly number[], { blockSamples = 1_000, fromUs = 0 } = {}): AudioBlock[] {
  const data = Float32Array.from(probabilities.flatMap((probability) => new Array<number>(WINDOW_SAMPLES).fill(probability)));
  return Array.from({ length: Math.ceil(data.length / blockSamples) }, (_, i) => {
    const part = data.slice(i * blockSamples, (i + 1) * blockSamples);
    const ptsUs = Math.round(fromUs + (i * blockSamples * 1e6) / VOICE_SAMPLE_RATE_HZ);
    return { ptsUs, sampleRateHz: VOICE_SAMPLE_RATE_HZ, channelCount: 1, sampleCount: part.length, data: part };
  });
}
const times = (count: number, probability: number): number[] => new Array<number>(count).fill(probability);

async function heard(blocks: readonly AudioBlock[], config: unknown = {}, model = new FakeModel()): Promise<AnalysisResult[]> {
  const analyzer = speechAnalysis(speechConfig.parse(config), modelsOf(model));
  const results: AnalysisResult[] = [];
  const emit = (result: AnalysisResult): void => void results.push(result);
  await analyzer.openStream!(stream);
  await analyzer.processAudio!(blocks, emit, never, stream);
  await analyzer.closeStream!(stream, emit);
  return results;
}

/** Beginnings and ends, in windows. */
const events = (results: readonly AnalysisResult[]): [string, number][] =>
  results.flatMap((one) => (one.type === 'event' ? [[one.phase, Math.round((one.ptsUs / WINDOW_US) * 100) / 100]] : []));
const shares = (results: readonly AnalysisResult[]): number[] => results.flatMap((one) => (one.type === 'metric' ? [one.value] : []));

describe(speechAnalysis.name, () => {
  it('reports speech from the window in which it begins to the one in which it ends', async () => {
    const results = await heard(said([...times(10, 0.1), ...times(12, 0.9), ...times(10, 0)]));
    expect(events(results)).toEqual([
      ['start', 10],
      ['end', 22],
    ]);
    expect(results[0]).toMatchObject({ name: 'speech', key: 'speech:e:320000', ptsUs: 320_000 });
  });

  it('takes speech shorter than 250 ms for none, and a pause shorter than 100 ms for none', async () => {
    expect(events(await heard(said([...times(7, 0.9), ...times(10, 0)])))).toEqual([]);
    expect(events(await heard(said([...times(8, 0.9), ...times(10, 0)])))).toHaveLength(2);
    const paused = (windows: number): number[] => [...times(10, 0.9), ...times(windows, 0), ...times(10, 0.9), ...times(10, 0)];
    expect(events(await heard(said(paused(4))))).toEqual([
      ['start', 0],
      ['end', 24],
    ]);
    expect(events(await heard(said(paused(5)))).map(([phase]) => phase)).toEqual(['start', 'end', 'start', 'end']);
    expect(events(await heard(said(paused(20)), { minSilence: '1s' }))).toEqual([
      ['start', 0],
      ['end', 40],
    ]);
  });

  it('goes on between the two thresholds with what was, be it speech or a pause', async () => {
    expect(events(await heard(said([...times(10, 0.4), ...times(10, 0.5), ...times(10, 0.4), ...times(10, 0)])))).toEqual([
      ['start', 10],
      ['end', 30],
    ]);
    // As the reference: a pause of which only the first window lies below the lower threshold does not end speech.
    expect(events(await heard(said([...times(10, 0.9), 0.1, ...times(10, 0.4), ...times(10, 0.9), ...times(10, 0)])))).toEqual([
      ['start', 0],
      ['end', 31],
    ]);
    expect(events(await heard(said([...times(10, 0.9), 0.1, ...times(10, 0.4), ...times(10, 0.1)])))).toEqual([
      ['start', 0],
      ['end', 10],
    ]);
  });

  it('has the lower threshold where the reference has it, and none above the upper one', async () => {
    const fading = (from: number, to: number): AudioBlock[] => said([...times(10, 0.95), ...times(10, from), ...times(10, to)]);
    expect(events(await heard(fading(0.36, 0.34)))[1]).toEqual(['end', 20]);
    expect(events(await heard(fading(0.76, 0.74), { onset: 0.9 }))[1]).toEqual(['end', 20]);
    expect(events(await heard(fading(0.02, 0), { onset: 0.1 }))[1]).toEqual(['end', 20]);
    expect(events(await heard(fading(0.22, 0.18), { offset: 0.2 }))[1]).toEqual(['end', 20]);
    expect(speechConfig.safeParse({ onset: 0.5, offset: 0.6 }).success).toBe(false);
  });

  it('measures once a second of media which share of it is speech', async () => {
    // 40 windows are 1.28 s, the second one ends 0.24 s before the last of 70.
    const results = await heard(said([...times(40, 0.9), ...times(30, 0)]), { minSpeech: '10s' });
    expect(shares(results)).toEqual([1, 0.28]);
    expect(results).toMatchObject([
      { name: 'speech', unit: '0..1', ptsUs: 999_999 },
      { name: 'speech', unit: '0..1', ptsUs: 1_999_999 },
    ]);
  });

  it('gives the model the last 64 samples again, and its state', async () => {
    const model = new FakeModel();
    await heard(said([0.1, 0.2, 0.3], { blockSamples: 700 }), {}, model);
    expect(model.contexts).toEqual([0, 0.1, 0.2]);
    expect(model.states).toEqual([1, 2, 3]);
  });

  it('ends speech at a break in the sound, and hears what follows as if it were the first', async () => {
    const model = new FakeModel();
    const results = await heard([...said(times(20, 0.9)), ...said(times(20, 0.9), { fromUs: 20 * WINDOW_US + 11_000 })], {}, model);
    expect(events(results)).toEqual([
      ['start', 0],
      ['end', 20],
      ['start', 20.34],
      ['end', 40.34],
    ]);
    expect(model.states.slice(19, 22)).toEqual([20, 1, 2]);
    expect(model.contexts[20]).toBe(0);
  });

  it('keeps what is no number, or out of all measure, from the model', async () => {
    const [block] = said([0.5], { blockSamples: WINDOW_SAMPLES });
    block!.data.fill(Number.NaN, 0, 128).fill(Infinity, 128, 256).fill(1e30, 256, 384).fill(-1e30, 384);
    const model = new FakeModel();
    await heard([block!, ...said([0.5], { fromUs: WINDOW_US })], {}, model);
    expect(model.contexts).toEqual([0, -1]);
  });

  it('goes on from its checkpoint at any sample as if nothing had been', async () => {
    const probabilities = [...times(12, 0.9), ...times(3, 0.2), ...times(30, 0.8), ...times(20, 0.1), ...times(9, 0.7)];
    const blocks = said(probabilities, { blockSamples: 777 });
    const whole = await heard(blocks);
    expect(events(whole)).toHaveLength(4);
    for (const cut of [1, 9, 10, 30, 47]) {
      const results: AnalysisResult[] = [];
      const emit = (result: AnalysisResult): void => void results.push(result);
      const [before, after] = [0, 1].map(() => speechAnalysis(speechConfig.parse({}), modelsOf(new FakeModel())));
      await before!.openStream!(stream);
      await before!.processAudio!(blocks.slice(0, cut), emit, never, stream);
      const checkpoint = JSON.stringify(before!.checkpoint!(stream));
      expect(checkpoint.length).toBeLessThan(6_000);
      await after!.openStream!(stream, JSON.parse(checkpoint) as never);
      await after!.processAudio!(blocks.slice(cut), emit, never, stream);
      await after!.closeStream!(stream, emit);
      expect(results).toEqual(whole);
    }
  });

  it('opens its model with the first sound, once, and again where that failed', async () => {
    const model = new FakeModel();
    const opened: [string, ModelOptions?][] = [];
    const models = modelsOf(model, opened);
    let isThere = false;
    const analyzer = speechAnalysis(speechConfig.parse({}), {
      ...models,
      open: async (...asked) => (isThere ? models.open(...asked) : Promise.reject(new Error('no such file'))),
    });
    await analyzer.openStream!(stream);
    const hear = async (): Promise<void> => analyzer.processAudio!(said([0]), () => undefined, never, stream);
    await expect(hear()).rejects.toThrow('no such file');
    isThere = true;
    await hear();
    await hear();
    expect(opened).toEqual([['silero-vad.onnx', { warmUp: false }]]);
    await analyzer.dispose!();
    expect(model.disposed).toBe(1);
    const unheard = speechAnalysis(speechConfig.parse({}), models);
    await unheard.dispose!();
    expect(opened).toHaveLength(1);
  });
});
