/**
 * The shapes of REST and WebSocket, under the names the dashboard uses. Everything else imports them from here; they are
 * made from the API's own document in `schema.ts`.
 */
import type {
  Detection,
  Epoch,
  Event as EventOfSchema,
  Metric,
  Observation,
  operations,
  PluginDetail as PluginDetailWire,
  Run,
  Segment,
  ServerMessage,
} from './schema';

export type {
  Account as AccountWire,
  About as AboutWire,
  AuditEntry as AuditEntryWire,
  Brand as BrandWire,
  BrandIcon as BrandIconWire,
  BrandSighting as BrandSightingWire,
  BrandTrial as BrandTrialWire,
  Capacity as CapacityWire,
  Case as CaseWire,
  ClientMessage,
  CurrentSession as CurrentSessionWire,
  Detection as DetectionWire,
  Epoch as EpochWire,
  Event as EventWire,
  EventGroup as EventGroupWire,
  Evidence as EvidenceWire,
  Import as ImportWire,
  Invitation as InvitationWire,
  Invited as InvitedWire,
  Licence as LicenceWire,
  ListedEvent as ListedEventWire,
  Health as HealthWire,
  ListedStream as ListedStreamWire,
  LogEntry as LogEntryWire,
  JudgedEvent as JudgedEventWire,
  Judgement as JudgementWire,
  Metric as MetricWire,
  NewStream as NewStreamWire,
  NewStreamKey as NewStreamKeyWire,
  NewToken as NewTokenWire,
  Observation as ObservationWire,
  InstalledPlugin as InstalledPluginWire,
  OpenSession as OpenSessionWire,
  Person as PersonWire,
  Plugin as PluginWire,
  PluginDetail as PluginDetailWire,
  PluginSettingsChange as PluginSettingsChangeWire,
  Problem as ProblemWire,
  PublishRefusal as PublishRefusalWire,
  Queue as QueueWire,
  QueueReport as QueueReportWire,
  QueueRun as QueueRunWire,
  RetriedRuns as RetriedRunsWire,
  Reference as ReferenceWire,
  Retention as RetentionWire,
  RotatedKey as RotatedKeyWire,
  RoleLogs as RoleLogsWire,
  Run as RunWire,
  Segment as SegmentWire,
  SearchHit as SearchHitWire,
  SearchResult as SearchWire,
  ServerMessage,
  Session as SessionWire,
  Shadow as ShadowWire,
  SourceAdapter as SourceAdapterWire,
  StoragePlace as StoragePlaceWire,
  Status as StatusWire,
  StatusCause as StatusCauseWire,
  Strategy as StrategyWire,
  Stream as StreamWire,
  StreamDetail as StreamDetailWire,
  StreamHealth as StreamHealthWire,
  StreamKey as StreamKeyWire,
  StreamRetention as StreamRetentionWire,
  StreamVerdict as StreamVerdictWire,
  StreamsExposure as StreamsExposureWire,
  System as SystemWire,
  Token as TokenWire,
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
export type BackfillDiffWire = AnswerOf<'diffBackfill'>;
/** What people set of a plugin. */
export type PluginSettings = PluginDetailWire['settings'];
export type ContributionWire = PluginDetailWire['contributions'][number];
