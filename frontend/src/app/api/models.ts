/**
 * The shapes of REST and WebSocket, under the names the dashboard uses. Everything else imports them from here; they are
 * made from the API's own document in `schema.ts`.
 */
import type { Detection, Epoch, Event as EventOfSchema, Metric, Observation, operations, Run, Segment, ServerMessage } from './schema';

export type {
  Brand as BrandWire,
  BrandIcon as BrandIconWire,
  Capacity as CapacityWire,
  ClientMessage,
  CurrentSession as CurrentSessionWire,
  Detection as DetectionWire,
  Epoch as EpochWire,
  Event as EventWire,
  Evidence as EvidenceWire,
  ListedStream as ListedStreamWire,
  JudgedEvent as JudgedEventWire,
  Judgement as JudgementWire,
  Metric as MetricWire,
  NewStream as NewStreamWire,
  NewStreamKey as NewStreamKeyWire,
  Observation as ObservationWire,
  Plugin as PluginWire,
  Problem as ProblemWire,
  Queue as QueueWire,
  Reference as ReferenceWire,
  Run as RunWire,
  Segment as SegmentWire,
  ServerMessage,
  Session as SessionWire,
  Shadow as ShadowWire,
  Strategy as StrategyWire,
  Stream as StreamWire,
  StreamDetail as StreamDetailWire,
  StreamHealth as StreamHealthWire,
  StreamVerdict as StreamVerdictWire,
  System as SystemWire,
} from './schema';

export type BoxWire = Detection['box'];
export type RunState = Run['state'];
export type RunFinished = Extract<ServerMessage, { type: 'run.finished' }>;

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** What `GET /api/streams/:id/<collection>` pages through. */
export interface StreamCollections {
  epochs: Epoch;
  segments: Segment;
  runs: Run;
  detections: Detection;
  metrics: Metric;
  events: EventOfSchema;
  observations: Observation;
}

/** What an operation answers with, where the document has no name for it. */
type AnswerOf<Operation extends keyof operations, Status extends number = 200> =
  operations[Operation]['responses'] extends Record<Status, { content: { 'application/json': infer Answer } }> ? Answer : never;
type QueryOf<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;

export type TimelineWire = AnswerOf<'readTimeline'>;
export type TimelineQueryWire = QueryOf<'readTimeline'>;
export type ThumbnailsWire = AnswerOf<'listThumbnails'>;
export type ThumbnailWire = ThumbnailsWire['items'][number];
export type ClipWire = AnswerOf<'getClip'>;
export type NewShareWire = AnswerOf<'createShare', 201>;
/** Points are pairs; the client gives them as lists. */
export type RuleWire = Omit<AnswerOf<'getRule'>, 'points'> & { points: number[][] };
export type BackfillWire = AnswerOf<'getBackfill'>;
export type BackfillQuoteWire = AnswerOf<'quoteBackfill'>;
