import assert from 'node:assert/strict';
import { flawOfEmitted, flawOfJson, RESULT_LIMITS, wantsPictures } from '../plugin-api/index.js';
import type {
  AnalysisResult,
  AnalyzerDefinition,
  AnalyzerInput,
  AudioBlock,
  Frame,
  GateVerdict,
  JsonValue,
  ReferenceSet,
  SegmentGlance,
} from '../plugin-api/index.js';
import { AnalyzerSessions, endOf, type Shown, streamNamed } from './analyzer-sessions.js';
import { assertEventsPair } from './event-pairs.js';
import { describeEvidence } from './evidence-contract.js';
import { describeGaps } from './gap-contract.js';
import { syntheticAudio } from './synthetic-audio.js';
import { syntheticFrames } from './synthetic-frames.js';
import type { TestRunner } from './test-runner.js';

export interface AnalyzerContractOptions {
  /** Config as an operator would write it; the schema's defaults when absent. */
  readonly config?: unknown;
  /** What the manifest's `inject` tokens stand for, in order. */
  readonly inject?: readonly unknown[];
  /** Frames to look at instead of synthetic ones, at least six, in the shape of the analyzer's input. */
  readonly frames?: (input: AnalyzerInput) => readonly Frame[];
  /** Sound to listen to instead of synthetic one, at least six blocks, in the shape of the analyzer's input. */
  readonly audio?: (input: AnalyzerInput) => readonly AudioBlock[];
  /** The reference images it works with; none when absent. */
  readonly references?: ReferenceSet;
}

const MAX_SIDE_PX = 8192;
/** Wide, upright, a strip, and a stream of which no size is known. */
const SHAPES_PX = [
  [1920, 1080],
  [1080, 1920],
  [4000, 16],
  [0, 0],
] as const;

/**
 * What core relies on in every analyzer: valid results, the same for the same media however it is batched, no frame or block
 * kept beyond the call, streams kept apart, and for stateful ones a checkpoint that carries everything.
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
  const blocks = options.audio?.(input) ?? syntheticAudio(input, { count: 8 });
  const all: Shown = { blocks, frames };
  const sessions = new AnalyzerSessions(definition, config, options.inject ?? [], options.references);

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

    it('has the methods that its manifest speaks of', () =>
      sessions.use(({ analyzer }) => {
        const has = (method: unknown): boolean => typeof method === 'function';
        assert.ok(input.audio === undefined || has(analyzer.processAudio), 'input.audio: processAudio()');
        assert.ok(definition.references === undefined || has(analyzer.useReferences), 'references: useReferences()');
        assert.ok(definition.gate === undefined || has(analyzer.judge), 'gate: judge()');
        assert.ok(definition.gate === undefined || wantsPictures(input), 'gate: pictures');
        return Promise.resolve();
      }));

    it('asks for sizes that pictures can have, whatever the stream’s', () =>
      sessions.use(({ analyzer }) => {
        for (const [widthPx, heightPx] of SHAPES_PX) {
          const size = analyzer.frameSize?.({ ...streamNamed('a'), widthPx, heightPx });
          const isSide = (side: number): boolean => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE_PX;
          assert.ok(size === undefined || (isSide(size.widthPx) && isSide(size.heightPx)), `frameSize() for ${widthPx}x${heightPx}`);
        }
        return Promise.resolve();
      }));

    it('emits results that can be stored, at times that it was shown', () =>
      sessions.use(async (session) => {
        const results = await session.watch(streamNamed('a'), [[all]]);
        results.forEach((result) => {
          assert.equal(flawOfEmitted(result), undefined, JSON.stringify(result));
          assert.ok(wasShown(result.ptsUs, all), `ptsUs ${result.ptsUs} is no frame's, and no sound's`);
        });
        assertEventsPair(results);
      }));

    it('says the same of the same media, however it is batched', async () => {
      const whole = await sessions.use((session) => session.watch(streamNamed('a'), [[all]]));
      const single = await sessions.use((session) => session.watch(streamNamed('a'), [one(all)]));
      assert.deepEqual(single, whole);
    });

    it('keeps no frame beyond process(), and no block beyond processAudio()', async () => {
      const [start, rest] = [first(all, 3), after(all, 3)];
      const undisturbed = await sessions.use((session) => session.watch(streamNamed('a'), [[start, rest]]));
      const overwritten = await sessions.use(async (session) => {
        const lent: Shown = {
          blocks: start.blocks.map((block) => ({ ...block, data: block.data.slice() })),
          frames: start.frames.map((frame) => ({ ...frame, data: frame.data.slice() })),
        };
        return session.watch(streamNamed('a'), [[lent, rest]], () => {
          for (const { data } of [...lent.blocks, ...lent.frames]) data.fill(0);
        });
      });
      assert.deepEqual(overwritten, undisturbed);
    });

    it('keeps streams apart', async () => {
      const alone = await sessions.use((session) => session.watch(streamNamed('a'), [one(all)]));
      const among = await sessions.use(async (session) => {
        const results: AnalysisResult[] = [];
        await session.open(streamNamed('a'));
        await session.open(streamNamed('b'));
        const [ours, theirs] = [one(all), one(backwards(all))];
        for (const [i, shown] of ours.entries()) {
          await session.show(streamNamed('a'), shown, results);
          const other = theirs[i];
          if (other) await session.show(streamNamed('b'), other, []);
        }
        await session.endSegment(streamNamed('a'), ours, 0, results);
        await session.close(streamNamed('a'), results);
        return results;
      });
      assert.deepEqual(among, alone);
    });

    if (definition.concurrent === true) {
      it('keeps streams apart that are under way at once', async () => {
        const alone = await sessions.use((session) => session.watch(streamNamed('a'), [one(all)]));
        const among = await sessions.use(async (session) => {
          const results: AnalysisResult[] = [];
          await Promise.all([session.open(streamNamed('a')), session.open(streamNamed('b'))]);
          const [ours, theirs] = [one(all), one(backwards(all))];
          for (const [i, shown] of ours.entries()) {
            await Promise.all([session.show(streamNamed('b'), theirs[i] ?? shown, []), session.show(streamNamed('a'), shown, results)]);
          }
          await Promise.all([session.endSegment(streamNamed('b'), theirs, 0, []), session.endSegment(streamNamed('a'), ours, 0, results)]);
          await Promise.all([session.close(streamNamed('b'), []), session.close(streamNamed('a'), results)]);
          return results;
        });
        assert.deepEqual(among, alone);
      });
    }

    if (definition.gate !== undefined) {
      it('gives verdicts as a gate, and is open where there is nothing to judge by', () =>
        sessions.use(async ({ analyzer }) => {
          for (const sequence of [0, 1, 2]) assertVerdict(await analyzer.judge?.(glance(sequence, 2), streamNamed('a')));
          assert.deepEqual(await analyzer.judge?.(glance(3, 0), streamNamed('a')), { gate: 'open' });
        }));
    }

    describeGaps(it, sessions, all, definition.state === 'stream');
    const segments = [
      [first(all, all.frames.length >> 1, all.blocks.length >> 1)],
      [after(all, all.frames.length >> 1, all.blocks.length >> 1)],
    ];
    describeEvidence(it, sessions, input, segments);
    if (definition.state !== 'stream') return;

    it('goes on from a checkpoint elsewhere as if nothing had been', async () => {
      const uninterrupted = await sessions.use((session) => session.watch(streamNamed('a'), segments));
      const results: AnalysisResult[] = [];
      const checkpoint = await sessions.use(async (session) => {
        await session.open(streamNamed('a'));
        await session.segment(streamNamed('a'), segments[0]!, 0, results);
        return JSON.parse(JSON.stringify(session.analyzer.checkpoint?.(streamNamed('a')) ?? null)) as JsonValue;
      });
      await sessions.use(async (session) => {
        await session.open(streamNamed('a'), checkpoint ?? undefined);
        await session.segment(streamNamed('a'), segments[1]!, 1, results);
        await session.close(streamNamed('a'), results);
      });
      assert.deepEqual(results, uninterrupted);
    });

    it('has checkpoints of JSON, small enough to store after each segment', () =>
      sessions.use(async (session) => {
        await session.open(streamNamed('a'));
        await session.segment(streamNamed('a'), [all], 0, []);
        const checkpoint = session.analyzer.checkpoint?.(streamNamed('a')) ?? null;
        assert.deepEqual(JSON.parse(JSON.stringify(checkpoint)), checkpoint);
        assert.equal(flawOfJson(checkpoint, RESULT_LIMITS.checkpointBytes), undefined);
      }));
  });
}

const first = (shown: Shown, frameCount: number, blockCount = frameCount): Shown => ({
  blocks: shown.blocks.slice(0, blockCount),
  frames: shown.frames.slice(0, frameCount),
});
const after = (shown: Shown, frameCount: number, blockCount = frameCount): Shown => ({
  blocks: shown.blocks.slice(blockCount),
  frames: shown.frames.slice(frameCount),
});
/** One block or frame at a time, sound first, as core gives it. */
const one = ({ blocks, frames }: Shown): Shown[] => [
  ...blocks.map((block) => ({ blocks: [block], frames: [] })),
  ...frames.map((frame) => ({ blocks: [], frames: [frame] })),
];
/** The same times, and what was last comes first. */
const backwards = ({ blocks, frames }: Shown): Shown => ({
  blocks: blocks.map((block, i) => ({ ...blocks[blocks.length - 1 - i]!, ptsUs: block.ptsUs })),
  frames: frames.map((frame, i) => ({ ...frames[frames.length - 1 - i]!, ptsUs: frame.ptsUs })),
});

function wasShown(ptsUs: number, shown: Shown): boolean {
  return (
    shown.frames.some((frame) => frame.ptsUs === ptsUs) ||
    shown.blocks.some((block) => ptsUs >= block.ptsUs && ptsUs <= endOf({ blocks: [block], frames: [] }))
  );
}

/** A segment with a keyframe each second and four other pictures after each; or with none at all. */
function glance(sequence: number, keyframeCount: number): SegmentGlance {
  const [ptsStartUs, ptsEndUs] = [sequence * 2_000_000, (sequence + 1) * 2_000_000];
  const pictures = Array.from({ length: keyframeCount * 5 }, (_, i) => ({
    ptsUs: ptsStartUs + i * 200_000,
    sizeBytes: i % 5 === 0 ? 20_000 : 900,
    keyframe: i % 5 === 0,
  }));
  return {
    segment: { streamId: 'a', epochId: 'a-epoch', sequence, ptsStartUs, ptsEndUs },
    pictures,
    keyframes: (spec) =>
      Promise.resolve(
        syntheticFrames(spec, { count: keyframeCount, from: sequence * keyframeCount, fps: 1 }).map((frame) => ({
          ...frame,
          keyframe: true,
        })),
      ),
  };
}

function assertVerdict(verdict: GateVerdict | undefined): void {
  const isOpen = verdict?.gate === 'open';
  const isClosed = verdict?.gate === 'closed' && /^[a-z0-9-]{1,64}$/.test(verdict.reason);
  assert.ok(isOpen || isClosed, `a verdict is open, or closed with a reason of a-z, 0-9 and -: ${JSON.stringify(verdict)}`);
}
