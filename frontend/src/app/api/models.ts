/**
 * The shapes of REST and WebSocket, under the names the dashboard uses. Everything else imports them from here; they are
 * made from the API's own document in `schema.ts`.
 */
import type { Detection, Epoch, Event as EventOfSchema, Metric, Observation, Run, Segment, ServerMessage } from './schema';

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
  Health as HealthWire,
  ListedStream as ListedStreamWire,
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
  Status as StatusWire,
  StatusCause as StatusCauseWire,
  Strategy as StrategyWire,
  Stream as StreamWire,
  StreamDetail as StreamDetailWire,
  StreamHealth as StreamHealthWire,
  StreamVerdict as StreamVerdictWire,
  System as SystemWire,
  WallTile as WallTileWire,
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
