import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkResult } from '../analysis/host/result-check.js';
import { wantsPictures } from '../plugin-api/index.js';
import type {
  AnalysisResult,
  Analyzer,
  AnalyzerDefinition,
  AnalyzerInput,
  Emit,
  Frame,
  JsonValue,
  StreamInfo,
} from '../plugin-api/index.js';
import { syntheticFrames } from './synthetic-frames.js';
import type { TestRunner } from './test-runner.js';

export interface AnalyzerContractOptions {
  /** Config as an operator would write it; the schema's defaults when absent. */
  readonly config?: unknown;
  /** What the manifest's `inject` tokens stand for, in order. */
  readonly inject?: readonly unknown[];
  /** Frames to look at instead of synthetic ones, at least six, in the shape of the analyzer's input. */
  readonly frames?: (input: AnalyzerInput) => readonly Frame[];
}

const MAX_CHECKPOINT_BYTES = 64 * 1024;
const never = new AbortController().signal;
const streamNamed = (name: string): StreamInfo => ({
  streamId: name,
  streamName: name,
  epochId: `${name}-epoch`,
  widthPx: 1280,
  heightPx: 720,
  codec: 'h264',
});

/**
 * What core relies on in every analyzer: valid results, the same for the same frames however they are batched, no frame kept
 * beyond `process`, streams kept apart, and for stateful ones a checkpoint that carries everything.
 * @example
 * import { describe, it } from 'vitest';
 * describeAnalyzerContract({ describe, it }, doorWatch, { config: { minScore: 0.3 } });
 */
export function describeAnalyzerContract(
  { describe, it }: TestRunner,
  definition: AnalyzerDefinition,
  options: AnalyzerContractOptions = {},
): void {
  const config: unknown = definition.config.parse(options.config ?? {});
  const input = typeof definition.input === 'function' ? definition.input(config) : definition.input;
  const frames = options.frames?.(input) ?? syntheticFrames(input, { count: 8 });
  const sessions = new Sessions(definition, config, options.inject ?? []);

  describe(`${definition.id} keeps the analyzer contract`, () => {
    it('has a complete manifest', () => {
      assert.match(definition.id, /^[a-z0-9]+([.-][a-z0-9]+)*$/, 'id: lower case, digits, dots and dashes');
      assert.match(definition.version, /^\d+\.\d+\.\d+/, 'version: semver');
      assert.match(definition.queue, /^[a-z0-9][a-z0-9_-]*$/, 'queue: lower case, digits, _ and -');
      assert.ok(definition.title.length > 0, 'title');
      assert.ok(wantsPictures(input) || input.audio !== undefined, 'input: pictures, sound or both');
      if (!wantsPictures(input)) return;
      assert.ok(input.frame.widthPx > 0 && input.frame.heightPx > 0, 'frame size');
      assert.ok(!('fps' in input.sampling) || input.sampling.fps > 0, 'fps');
    });

    it('emits results that can be stored, at times that it was shown', () =>
      sessions.use(async (session) => {
        const results = await session.watch(streamNamed('a'), [frames]);
        const shown = new Set(frames.map((frame) => frame.ptsUs));
        results.forEach((result, i) => {
          checkResult(result, i);
          assert.ok(shown.has(result.ptsUs), `ptsUs ${result.ptsUs} is no frame's`);
        });
        assertEventsPair(results);
      }));

    it('says the same of the same frames, however they are batched', async () => {
      const whole = await sessions.use((session) => session.watch(streamNamed('a'), [frames]));
      const single = await sessions.use((session) =>
        session.watch(
          streamNamed('a'),
          frames.map((frame) => [frame]),
        ),
      );
      assert.deepEqual(single, whole);
    });

    it('keeps no frame beyond process()', async () => {
      const undisturbed = await sessions.use((session) => session.watch(streamNamed('a'), [frames.slice(0, 3), frames.slice(3)]));
      const overwritten = await sessions.use(async (session) => {
        const lent = frames.slice(0, 3).map((frame) => ({ ...frame, data: frame.data.slice() }));
        return session.watch(streamNamed('a'), [lent, frames.slice(3)], () => lent.forEach((frame) => frame.data.fill(0)));
      });
      assert.deepEqual(overwritten, undisturbed);
    });

    it('keeps streams apart', async () => {
      const alone = await sessions.use((session) => session.watch(streamNamed('a'), [frames]));
      const among = await sessions.use(async (session) => {
        const results: AnalysisResult[] = [];
        await session.open(streamNamed('a'));
        await session.open(streamNamed('b'));
        for (const [i, frame] of frames.entries()) {
          await session.process(streamNamed('a'), [frame], results);
          const other = frames[frames.length - 1 - i];
          if (other) await session.process(streamNamed('b'), [{ ...other, ptsUs: frame.ptsUs }], []);
        }
        await session.close(streamNamed('a'), results);
        return results;
      });
      assert.deepEqual(among, alone);
    });

    if (definition.state !== 'stream') return;

    it('goes on from a checkpoint elsewhere as if nothing had been', async () => {
      const half = Math.floor(frames.length / 2);
      const uninterrupted = await sessions.use((session) => session.watch(streamNamed('a'), [frames]));
      const results: AnalysisResult[] = [];
      const checkpoint = await sessions.use(async (session) => {
        await session.open(streamNamed('a'));
        await session.process(streamNamed('a'), frames.slice(0, half), results);
        return JSON.parse(JSON.stringify(session.analyzer.checkpoint?.(streamNamed('a')) ?? null)) as JsonValue;
      });
      await sessions.use(async (session) => {
        await session.open(streamNamed('a'), checkpoint ?? undefined);
        await session.process(streamNamed('a'), frames.slice(half), results);
        await session.close(streamNamed('a'), results);
      });
      assert.deepEqual(results, uninterrupted);
    });

    it('has checkpoints of JSON, small enough to store after each segment', () =>
      sessions.use(async (session) => {
        await session.open(streamNamed('a'));
        await session.process(streamNamed('a'), frames, []);
        const checkpoint = session.analyzer.checkpoint?.(streamNamed('a')) ?? null;
        const text = JSON.stringify(checkpoint);
        assert.deepEqual(JSON.parse(text), checkpoint);
        assert.ok(text.length <= MAX_CHECKPOINT_BYTES, `${text.length} bytes, at most ${MAX_CHECKPOINT_BYTES}`);
      }));

    it('ends at a gap what cannot be known to have lasted', () =>
      sessions.use(async (session) => {
        const results: AnalysisResult[] = [];
        await session.open(streamNamed('a'));
        await session.process(streamNamed('a'), frames, results);
        const last = frames.at(-1)?.ptsUs ?? 0;
        await session.analyzer.gap?.(last, last + 10_000_000, (result) => results.push(result), streamNamed('a'));
        await session.process(
          streamNamed('a'),
          frames.map((frame) => ({ ...frame, ptsUs: frame.ptsUs + last + 10_000_000 })),
          results,
        );
        await session.close(streamNamed('a'), results);
        results.forEach(checkResult);
        assertEventsPair(results);
      }));
  });
}

/** Makes an analyzer as core would, and lets it go. */
class Sessions {
  constructor(
    private readonly definition: AnalyzerDefinition,
    private readonly config: unknown,
    private readonly injected: readonly unknown[],
  ) {}

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const dataDir = await mkdtemp(join(tmpdir(), 'vedette-analyzer-'));
    const analyzer = await this.definition.create(this.config, ...this.injected);
    const quiet = (): void => undefined;
    try {
      await analyzer.init?.({ analyzerId: this.definition.id, dataDir, logger: { debug: quiet, info: quiet, warn: quiet, error: quiet } });
      return await work(new Session(analyzer));
    } finally {
      await analyzer.dispose?.();
      await rm(dataDir, { recursive: true, force: true });
    }
  }
}

class Session {
  constructor(readonly analyzer: Analyzer) {}

  async watch(
    stream: StreamInfo,
    batches: readonly (readonly Frame[])[],
    between: () => void = () => undefined,
  ): Promise<AnalysisResult[]> {
    const results: AnalysisResult[] = [];
    await this.open(stream);
    for (const batch of batches) {
      await this.process(stream, batch, results);
      between();
    }
    await this.close(stream, results);
    return results;
  }

  async open(stream: StreamInfo, checkpoint?: JsonValue): Promise<void> {
    await this.analyzer.openStream?.(stream, checkpoint);
  }
  async process(stream: StreamInfo, frames: readonly Frame[], results: AnalysisResult[]): Promise<void> {
    const emit: Emit = (result) => void results.push(result);
    await this.analyzer.process(frames, emit, never, stream);
  }
  async close(stream: StreamInfo, results: AnalysisResult[]): Promise<void> {
    await this.analyzer.closeStream?.(stream, (result) => void results.push(result));
  }
}

/** Each occurrence starts once, ends at most once, and not before it started. */
function assertEventsPair(results: readonly AnalysisResult[]): void {
  const open = new Map<string, number>();
  const ended = new Set<string>();
  for (const event of results.filter((result) => result.type === 'event')) {
    if (event.phase === 'start') {
      assert.ok(!open.has(event.key) && !ended.has(event.key), `event ${event.key} starts twice`);
      open.set(event.key, event.ptsUs);
    } else {
      const since = open.get(event.key);
      assert.ok(since !== undefined, `event ${event.key} has a ${event.phase} without a start`);
      assert.ok(event.ptsUs >= since, `event ${event.key} has its ${event.phase} before its start`);
      if (event.phase === 'end') {
        open.delete(event.key);
        ended.add(event.key);
      }
    }
  }
}
