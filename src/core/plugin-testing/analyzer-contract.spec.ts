import { describe, expect, it } from 'vitest';
import {
  defineAnalyzer,
  z,
  type Analyzer,
  type AnalyzerDefinition,
  type AudioBlock,
  type Emit,
  type JsonValue,
  type StreamInfo,
} from '../plugin-api/index.js';
import { describeAnalyzerContract } from './analyzer-contract.js';
import { syntheticAudio } from './synthetic-audio.js';

const WINDOW_SECONDS = 0.3;

/** Mean power of each 300 ms, wherever they begin: windows run on over blocks, calls and segments. */
class Meter implements Analyzer {
  private readonly streams = new Map<string, { count: number; sum: number }>();
  openStream(stream: StreamInfo, checkpoint?: JsonValue): void {
    this.streams.set(stream.streamId, (checkpoint as { count: number; sum: number } | undefined) ?? { count: 0, sum: 0 });
  }
  process(): void {}
  processAudio(blocks: readonly AudioBlock[], emit: Emit, _signal: AbortSignal, stream: StreamInfo): Promise<void> | void {
    const state = this.streams.get(stream.streamId)!;
    for (const { ptsUs, sampleRateHz, sampleCount, data } of blocks) {
      for (let i = 0; i < sampleCount; i++) {
        state.sum += data[i]! ** 2;
        if (++state.count < WINDOW_SECONDS * sampleRateHz) continue;
        emit({
          type: 'metric',
          ptsUs: ptsUs + Math.round((i * 1e6) / sampleRateHz),
          name: 'power',
          value: state.sum / state.count,
          unit: '1',
        });
        Object.assign(state, { count: 0, sum: 0 });
      }
    }
  }
  gap(_from: number, _to: number, _emit: Emit, stream: StreamInfo): void {
    this.openStream(stream);
  }
  checkpoint(stream: StreamInfo): JsonValue {
    return { ...this.streams.get(stream.streamId)! };
  }
}

const listener = (create: () => Analyzer, more: Partial<AnalyzerDefinition> = {}): AnalyzerDefinition =>
  defineAnalyzer({
    ...{ id: 'test.meter', version: '1.0.0', title: 'Meter', queue: 'default', solves: [], state: 'stream' as const },
    config: z.strictObject({}),
    input: { audio: { sampleRateHz: 8_000, channels: 'mono' } },
    create,
    ...more,
  });

/** Runs the suite by itself. @returns the tests that fail */
async function failures(definition: AnalyzerDefinition): Promise<string[]> {
  const tests: [string, () => Promise<void> | void][] = [];
  describeAnalyzerContract({ describe: (_, body) => body(), it: (name, body) => tests.push([name, body]) }, definition);
  const failed: string[] = [];
  for (const [name, body] of tests)
    await Promise.resolve()
      .then(body)
      .catch(() => failed.push(name));
  return failed;
}

describe(describeAnalyzerContract.name, () => {
  it('is content with a listener that does as it should', async () => {
    expect(await failures(listener(() => new Meter()))).toEqual([]);
  });

  it.each<[string, string, () => Analyzer]>([
    [
      'counts by call',
      'says the same of the same media, however it is batched',
      () => {
        const meter = new Meter();
        const inner = meter.processAudio.bind(meter);
        meter.processAudio = (blocks, emit, signal, stream) => {
          emit({ type: 'metric', ptsUs: blocks[0]!.ptsUs, name: 'blocks', value: blocks.length, unit: '1' });
          return inner(blocks, emit, signal, stream);
        };
        return meter;
      },
    ],
    [
      'reads a block later',
      'keeps no frame beyond process(), and no block beyond processAudio()',
      () => {
        const meter = new Meter();
        const inner = meter.processAudio.bind(meter);
        let before: readonly AudioBlock[] = [];
        meter.processAudio = (blocks, emit, signal, stream) => {
          const due = before;
          before = blocks;
          return inner(due, emit, signal, stream);
        };
        return meter;
      },
    ],
    ['keeps one state for all streams', 'keeps streams apart', () => Object.assign(new Meter(), oneStream())],
    [
      'forgets what it heard',
      'goes on from a checkpoint elsewhere as if nothing had been',
      () => Object.assign(new Meter(), { checkpoint: () => null }),
    ],
    [
      'tells behind a gap what it heard before it',
      'ends at a gap of 12 s what was open, and goes on behind it',
      () => Object.assign(new Meter(), { gap: () => undefined, ...lastTold() }),
    ],
    [
      'leaves an event open at a gap',
      'ends at a gap of 1 h what was open, and goes on behind it',
      () => {
        const meter = new Meter();
        const inner = meter.processAudio.bind(meter);
        meter.processAudio = (blocks, emit, signal, stream) => {
          if (blocks[0]!.ptsUs === 0) emit({ type: 'event', phase: 'start', key: 'hum', name: 'hum', ptsUs: 0 });
          return inner(blocks, emit, signal, stream);
        };
        return meter;
      },
    ],
    ['does not listen', 'has the methods that its manifest speaks of', () => ({ process: () => undefined })],
    [
      'speaks of another time',
      'emits results that can be stored, at times that it was shown',
      () => ({
        process: () => undefined,
        processAudio: (_, emit) => emit({ type: 'metric', ptsUs: 99_000_000, name: 'x', value: 1, unit: '1' }),
      }),
    ],
  ])('finds out one that %s', async (_, test, create) => {
    expect(await failures(listener(create))).toContain(test);
  });

  it('finds out a gate that stays closed when it knows nothing', async () => {
    const gate = (judge: Analyzer['judge']) =>
      listener(() => ({ process: () => undefined, ...(judge ? { judge } : {}) }), {
        gate: 'test',
        state: 'none',
        input: { sampling: { keyframes: true }, frame: { widthPx: 16, heightPx: 16, fit: 'stretch', format: 'gray8' } },
      });
    const name = 'gives verdicts as a gate, and is open where there is nothing to judge by';
    expect(await failures(gate(({ pictures }) => (pictures.length === 0 ? { gate: 'open' } : { gate: 'closed', reason: 'test' })))).toEqual(
      [],
    );
    expect(await failures(gate(() => ({ gate: 'closed', reason: 'test' })))).toEqual([name]);
    expect(
      await failures(gate(({ pictures }) => (pictures.length === 0 ? { gate: 'open' } : { gate: 'closed', reason: 'No motion!' }))),
    ).toEqual([name]);
    expect(await failures(gate(undefined))).toContain('has the methods that its manifest speaks of');
  });
});

describe(syntheticAudio.name, () => {
  const rms = ({ data }: AudioBlock): number => Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);

  it('is the same for the same numbers, in the shape that is asked for, on the grid', () => {
    const blocks = syntheticAudio({ channels: 'source' }, { count: 3 });
    expect(syntheticAudio({ channels: 'source' }, { count: 2, from: 1 })).toEqual(blocks.slice(1));
    expect(blocks.map(({ ptsUs, sampleCount, channelCount, data }) => [ptsUs, sampleCount, channelCount, data.length])).toEqual([
      [0, 24_000, 2, 48_000],
      [500_000, 24_000, 2, 48_000],
      [1_000_000, 24_000, 2, 48_000],
    ]);
    expect(syntheticAudio({ audio: { channels: 'mono', sampleRateHz: 16_000 } }, { count: 1 })[0]).toMatchObject({
      sampleRateHz: 16_000,
      channelCount: 1,
    });
    expect(syntheticAudio({}, { count: 1 })).toEqual([]);
  });

  it('is as loud as it is told to be', () => {
    const [loud, silent] = syntheticAudio({ channels: 'mono' }, { count: 2, level: (seconds) => (seconds < 0.5 ? 0.5 : 0) });
    expect(rms(loud!)).toBeCloseTo(0.5 / Math.SQRT2, 1);
    expect(rms(silent!)).toBe(0);
  });
});

/** Tells of each block when the next one comes. */
function lastTold(): Partial<Analyzer> {
  let beforeUs: number | null = null;
  return {
    processAudio: (blocks, emit) => {
      for (const { ptsUs } of blocks) {
        if (beforeUs !== null) emit({ type: 'metric', ptsUs: beforeUs, name: 'heard', value: 1, unit: '1' });
        beforeUs = ptsUs;
      }
    },
  };
}

function oneStream(): Partial<Analyzer> {
  const meter = new Meter();
  const only = { streamId: 'all' } as StreamInfo;
  meter.openStream(only);
  return {
    openStream: () => undefined,
    processAudio: (blocks, emit, signal) => meter.processAudio(blocks, emit, signal, only),
  };
}
