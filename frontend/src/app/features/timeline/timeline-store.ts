import { signal } from '@angular/core';
import type { ProblemWire, TimelineQueryWire, TimelineWire } from '../../api/models';
import { problemFrom } from '../../api/problem';
import { missingRuns, PIECE_BUCKETS, pieceOf, spanOfPieces, stepFor, stepText } from './timeline-step';
import type { TimeSpan } from './timeline-window';

export type RecordedBucket = NonNullable<TimelineWire['recorded']>[number] & At;
export type MotionBucket = NonNullable<TimelineWire['motion']>['buckets'][number] & At;
export type EventBucket = NonNullable<TimelineWire['events']>[number]['buckets'][number] & At;
export type CoverageBucket = NonNullable<TimelineWire['coverage']>[number]['buckets'][number] & At;
interface At {
  /** When the bucket begins. */
  readonly atMs: number;
}

/** Events of one name that one analyzer tells of. */
export interface EventLane {
  readonly key: string;
  readonly analyzerId: string;
  readonly name: string;
  readonly buckets: readonly EventBucket[];
}
export interface CoverageLane {
  readonly analyzerId: string;
  readonly isLoaded: boolean;
  readonly buckets: readonly CoverageBucket[];
}
/** What is known of a span, each part in buckets of its own width. */
export interface TimelineModel {
  readonly stepMs: number;
  readonly coverageStepMs: number;
  readonly recorded: readonly RecordedBucket[];
  readonly motion: readonly MotionBucket[];
  readonly events: readonly EventLane[];
  readonly coverage: readonly CoverageLane[];
  /** Something of the span is on its way. */
  readonly isComplete: boolean;
}

/** Buckets of the parts that are drawn fine, and of coverage, which says much of each. */
const LAYERS = {
  shape: { mostBuckets: 90, parts: 'recorded,motion,events' },
  coverage: { mostBuckets: 20, parts: 'coverage' },
} as const;
type LayerName = keyof typeof LAYERS;

interface Piece {
  readonly answer: TimelineWire;
  readonly fetchedAtMs: number;
}

const PIECES_KEPT = 240;
/** Results of the last minutes still come: what ends there is asked for again. */
const UNSETTLED_MS = 180_000;
/** What is older changes seldom: late results, retention, a range analysed again. */
const SETTLED_FOR_MS = 300_000;
const RENEW_MS: readonly (readonly [stepMs: number, everyMs: number])[] = [
  [10_000, 4_000],
  [60_000, 12_000],
  [Infinity, 45_000],
];

export interface TimelineSource {
  timeline(streamId: string, query: TimelineQueryWire): Promise<TimelineWire>;
}

/** The timeline of one stream, by pieces per zoom level: fetched when looked at, kept, and renewed near the present. */
export class TimelineStore {
  /** Counts up whenever something came. */
  readonly revision = signal(0);
  readonly problem = signal<ProblemWire | null>(null);
  /** The words for codes in coverage. */
  readonly reasons = new Map<string, string>();

  private readonly pieces = new Map<string, Piece>();
  private readonly asking = new Set<string>();
  /** The last step of each layer of which something was there: shown until the wanted one comes. */
  private readonly lastStep = new Map<LayerName, number>();
  private closed = false;

  constructor(
    private readonly streamId: string,
    private readonly source: TimelineSource,
    private readonly nowMs: () => number,
  ) {}

  close(): void {
    this.closed = true;
  }

  /** Fetches what is lacking of a span, or has grown old. */
  ensure(span: TimeSpan): void {
    const until = { fromMs: span.fromMs, toMs: Math.min(span.toMs, this.nowMs()) };
    if (until.toMs <= until.fromMs) return;
    for (const layer of Object.keys(LAYERS) as LayerName[]) {
      const stepMs = stepFor(span.toMs - span.fromMs, LAYERS[layer].mostBuckets);
      for (const run of missingRuns(until, stepMs, (piece) => this.isWanted(layer, stepMs, piece))) void this.fetch(layer, stepMs, run);
    }
  }

  /** Something was changed on purpose (a range analysed again, a rule applied): what is kept of the span is asked for anew. */
  forget(): void {
    this.pieces.clear();
    this.revision.update((n) => n + 1);
  }

  model(span: TimeSpan): TimelineModel {
    const shape = this.layer('shape', span);
    const coverage = this.layer('coverage', span);
    const timed = <T extends { readonly index: number }>(answer: TimelineWire, buckets: readonly T[]): (T & At)[] =>
      buckets.map((bucket) => ({ ...bucket, atMs: Date.parse(answer.from) + bucket.index * answer.bucketMs }));
    return {
      stepMs: shape.stepMs,
      coverageStepMs: coverage.stepMs,
      recorded: shape.answers.flatMap((answer) => timed(answer, answer.recorded ?? [])),
      motion: shape.answers.flatMap((answer) => timed(answer, answer.motion?.buckets ?? [])),
      events: joined(
        shape.answers.flatMap((answer) => (answer.events ?? []).map((lane) => ({ ...lane, buckets: timed(answer, lane.buckets) }))),
        ({ analyzerId, name }) => `${analyzerId}/${name}`,
      ).map((lane) => ({ ...lane, key: `${lane.analyzerId}/${lane.name}` })),
      coverage: joined(
        coverage.answers.flatMap((answer) => (answer.coverage ?? []).map((lane) => ({ ...lane, buckets: timed(answer, lane.buckets) }))),
        ({ analyzerId }) => analyzerId,
      ),
      isComplete: shape.isComplete && coverage.isComplete,
    };
  }

  private layer(layer: LayerName, span: TimeSpan): { stepMs: number; answers: TimelineWire[]; isComplete: boolean } {
    const wantedStep = stepFor(span.toMs - span.fromMs, LAYERS[layer].mostBuckets);
    const wanted = this.kept(layer, wantedStep, span);
    const lastStep = this.lastStep.get(layer);
    if (wanted.length === 0 && lastStep !== undefined && lastStep !== wantedStep) {
      return { stepMs: lastStep, answers: this.kept(layer, lastStep, span), isComplete: false };
    }
    if (wanted.length > 0) this.lastStep.set(layer, wantedStep);
    const lastPiece = pieceOf(Math.min(span.toMs, this.nowMs()), wantedStep);
    return { stepMs: wantedStep, answers: wanted, isComplete: wanted.length > lastPiece - pieceOf(span.fromMs, wantedStep) };
  }

  private kept(layer: LayerName, stepMs: number, span: TimeSpan): TimelineWire[] {
    const answers: TimelineWire[] = [];
    for (let piece = pieceOf(span.fromMs, stepMs); piece <= pieceOf(span.toMs, stepMs); piece++) {
      const kept = this.pieces.get(keyOf(layer, stepMs, piece));
      if (kept) answers.push(kept.answer);
    }
    return answers;
  }

  private isWanted(layer: LayerName, stepMs: number, piece: number): boolean {
    const key = keyOf(layer, stepMs, piece);
    if (this.asking.has(key)) return false;
    const kept = this.pieces.get(key);
    if (!kept) return true;
    const now = this.nowMs();
    const isSettled = spanOfPieces(piece, piece, stepMs).toMs < now - UNSETTLED_MS && kept.answer.pending.length === 0;
    const everyMs = isSettled ? SETTLED_FOR_MS : RENEW_MS.find(([upTo]) => stepMs <= upTo)![1];
    return now - kept.fetchedAtMs >= everyMs;
  }

  private async fetch(layer: LayerName, stepMs: number, { first, last }: { first: number; last: number }): Promise<void> {
    const { fromMs, toMs } = spanOfPieces(first, last, stepMs);
    const keys = Array.from({ length: last - first + 1 }, (_, i) => keyOf(layer, stepMs, first + i));
    for (const key of keys) this.asking.add(key);
    try {
      const answer = await this.source.timeline(this.streamId, {
        from: new Date(fromMs).toISOString(),
        to: new Date(Math.min(toMs, this.nowMs() + stepMs)).toISOString(),
        step: stepText(stepMs),
        parts: LAYERS[layer].parts,
      });
      if (this.closed) return;
      this.problem.set(null);
      for (const { code, text } of answer.reasons ?? []) this.reasons.set(code, text);
      keys.forEach((key, i) => this.keep(key, { answer: cut(answer, i), fetchedAtMs: this.nowMs() }));
    } catch (error) {
      if (this.closed) return;
      this.problem.set(problemFrom(error));
    } finally {
      for (const key of keys) this.asking.delete(key);
      if (!this.closed) this.revision.update((n) => n + 1);
    }
  }

  private keep(key: string, piece: Piece): void {
    this.pieces.delete(key);
    this.pieces.set(key, piece);
    while (this.pieces.size > PIECES_KEPT) this.pieces.delete(this.pieces.keys().next().value!);
  }
}

const keyOf = (layer: LayerName, stepMs: number, piece: number): string => `${layer}/${stepMs}/${piece}`;

/** The part of an answer that is its n-th piece. */
function cut(answer: TimelineWire, n: number): TimelineWire {
  const [first, end] = [n * PIECE_BUCKETS, (n + 1) * PIECE_BUCKETS];
  const within = <T extends { readonly index: number }>(buckets: readonly T[]): T[] =>
    buckets.filter(({ index }) => index >= first && index < end);
  return {
    ...answer,
    ...(answer.recorded && { recorded: within(answer.recorded) }),
    ...(answer.motion && { motion: { ...answer.motion, buckets: within(answer.motion.buckets) } }),
    ...(answer.events && { events: answer.events.map((lane) => ({ ...lane, buckets: within(lane.buckets) })) }),
    ...(answer.coverage && { coverage: answer.coverage.map((lane) => ({ ...lane, buckets: within(lane.buckets) })) }),
  };
}

/** Lanes of neighbouring pieces that are one. */
function joined<L extends { readonly buckets: readonly unknown[] }>(lanes: readonly L[], keyOfLane: (lane: L) => string): L[] {
  const byKey = new Map<string, L>();
  for (const lane of lanes) {
    const before = byKey.get(keyOfLane(lane));
    byKey.set(keyOfLane(lane), before === undefined ? lane : { ...before, buckets: [...before.buckets, ...lane.buckets] });
  }
  return [...byKey.values()].sort((a, b) => keyOfLane(a).localeCompare(keyOfLane(b)));
}
