import type { ModelFiles } from './inference.js';
import type { ZodType } from 'zod';
import type { AudioBlock } from './audio.js';
import type { AnalyzerInput, Frame } from './frame.js';
import type { GateVerdict, SegmentGlance } from './gate.js';
import type { Injections } from './injection.js';
import type { JsonObject, JsonValue } from './json.js';
import type { Logger } from './plugin-logger.js';
import type { ReferenceSet } from './references.js';
import type { Emit } from './result.js';
import type { SegmentInfo, StreamInfo } from './segment.js';
import type { PtsUs } from './time.js';
import type { TrackingSpec } from './tracker/tracking-spec.js';

export interface AnalyzerContext {
  readonly analyzerId: string;
  readonly logger: Logger;
  /** Folder for the analyzer's own files (models it built, caches). Core creates it. */
  readonly dataDir: string;
}

/**
 * **Extension point: analyzer.** Looks at frames and emits results. The execution strategy decides where it runs (an analysis host
 * of the worker, another machine), so an analyzer must not assume a process, a database or a clock.
 *
 * Core calls, per instance: `init` once; per stream `openStream` (again after a move, with the checkpoint), then for each
 * segment in order `processAudio` and `process` (one or more batches of what its input asks for), `endSegment`, `checkpoint`;
 * `gap` when a segment is missing; `closeStream` at the end of an epoch; `dispose` once. Calls for one stream never overlap. An
 * instance works on one segment at a time, of whatever stream, unless its manifest says `concurrent`. A stateless analyzer
 * (`state: 'none'`) gets neither `openStream` guarantees nor `checkpoint`.
 *
 * A throw fails the segment's run (it is retried, then `failed`); it never stops the stream.
 */
export interface Analyzer {
  init?(context: AnalyzerContext): Promise<void> | void;
  openStream?(stream: StreamInfo, checkpoint?: JsonValue): Promise<void> | void;
  /** Frames of one segment in pts order. May be called several times per segment. */
  process(frames: readonly Frame[], emit: Emit, signal: AbortSignal, stream: StreamInfo): Promise<void> | void;
  /** Sound of one segment in pts order, before the segment's frames. May be called several times per segment. */
  processAudio?(blocks: readonly AudioBlock[], emit: Emit, signal: AbortSignal, stream: StreamInfo): Promise<void> | void;
  /** Core passes the reference set that the manifest asks for: before the first segment, and between segments after each change. */
  useReferences?(set: ReferenceSet): Promise<void> | void;
  /** For an analyzer that is a gate: whether the segment is worth a full decode. Called in order, before anything is decoded. */
  judge?(glance: SegmentGlance, stream: StreamInfo): Promise<GateVerdict> | GateVerdict;
  endSegment?(segment: SegmentInfo, emit: Emit, stream: StreamInfo): Promise<void> | void;
  /**
   * Media between two pts is missing or was skipped, and will not come any more. Core calls this before the media after the gap,
   * whether the gap lasts a second or an hour. The analyzer ends here what it holds open: events at or before `fromPtsUs`, metrics at
   * the time of their last sample. Later calls must not emit results of the media before the gap.
   */
  gap?(fromPtsUs: PtsUs, toPtsUs: PtsUs, emit: Emit, stream: StreamInfo): Promise<void> | void;
  /** State to carry to the next segment, wherever it runs. JSON, a few kB; at most `RESULT_LIMITS.checkpointBytes`. */
  checkpoint?(stream: StreamInfo): JsonValue;
  closeStream?(stream: StreamInfo, emit: Emit): Promise<void> | void;
  dispose?(): Promise<void> | void;
}

/**
 * The manifest of an analyzer.
 * @example
 * defineAnalyzer({
 *   id: 'acme.door.watch', version: '1.0.0', title: 'Door watch', queue: 'default', solves: ['door'],
 *   config: z.object({ minScore: z.number().min(0).max(1).default(0.5) }),
 *   input: { sampling: { fps: 2 }, frame: { widthPx: 640, heightPx: 360, fit: 'letterbox', format: 'rgb24' } },
 *   create: (config) => new DoorWatch(config.minScore),
 * })
 */
export interface AnalyzerDefinition<Config = any> {
  /** Globally unique, dotted, begins with the plugin's id. */
  readonly id: string;
  /** Goes into the run's config hash: raise it when the same frames would give other results. */
  readonly version: string;
  readonly title: string;
  /** Named queue its jobs run on. Declared by being named. */
  readonly queue: string;
  /** Tasks it solves, so that a cloud strategy can stand in: 'logo', 'object', 'visual-quality', … */
  readonly solves: readonly string[];
  readonly config: ZodType<Config>;
  readonly input: AnalyzerInput | ((config: Config) => AnalyzerInput);
  /** `stream`: segments arrive in order, one at a time, state is checkpointed. Default `none`. */
  readonly state?: 'none' | 'stream';
  /**
   * One instance may have segments of several streams under way at once: what it keeps is by stream, and what it writes to is not
   * in use across an `await`. Then its runs of a model that several streams ask for at the same time go together
   * (`analysis.jobsPerHost`). `useReferences` may come while segments are under way. Default false.
   */
  readonly concurrent?: boolean;
  /** Tokens resolved from the plugin's own modules and core's public providers, passed to `create` after the config. */
  readonly inject?: Injections;
  /**
   * How core links the analyzer's detections over frames and segments. Core sets their `trackId`, so the analyzer itself may stay
   * stateless. Absent, or a function that returns undefined: core stores the detections without tracks.
   */
  readonly tracking?: TrackingSpec | ((config: Config) => TrackingSpec | undefined);
  /**
   * The labels that the analyzer's detections can have, if config and model determine them; else undefined. Core asks when a user makes
   * a rule, and refuses a rule for a label that can never occur, naming the nearest label.
   */
  readonly labels?: (config: Config, models: ModelFiles) => Promise<readonly string[] | undefined>;
  /** Kind of the reference images that the analyzer works with, for example 'logo'; core passes them to `useReferences`. */
  readonly references?: string;
  /** While there is no reference image, core decodes no segment for the analyzer and records `skipped(no-references)`. Default false. */
  readonly needsReferences?: boolean;
  /** Name by which other analyzers wait for this one's verdict (`when: motion` in their config); the analyzer must have `judge`. */
  readonly gate?: string;
  /**
   * The analyzer has no code: only strategies that do its task themselves can run it. It is off unless the config places it, strategies
   * that run analyzers refuse it, and core never calls `create`. Default false.
   */
  readonly needsStandIn?: boolean;
  create(config: Config, ...injected: any[]): Analyzer | Promise<Analyzer>;
  /** Extra facts for docs and dashboard. */
  readonly meta?: JsonObject;
}

/** Types an analyzer's manifest; returns it unchanged. */
export function defineAnalyzer<Config>(definition: AnalyzerDefinition<Config>): AnalyzerDefinition<Config> {
  return definition;
}
