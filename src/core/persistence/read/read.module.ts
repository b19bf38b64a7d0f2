import { Module } from '@nestjs/common';
import { BrandStore } from '../references/brand-store.js';
import { EventGroups } from '../events/event-groups.js';
import { EventReviews } from '../events/event-reviews.js';
import { NewestEvents } from '../events/newest-events.js';
import { FrameSegments } from '../references/frame-segments.js';
import { JudgedMedia } from '../../rules/judged-media.js';
import { RuleEvents } from '../../rules/rule-events.js';
import { AnalyzerReads } from './analyzer-reads.js';
import { BrandSightings } from './brand-sightings.js';
import { CapacityReads } from './capacity-reads.js';
import { DatabaseFacts } from './database-facts.js';
import { EpochNodes } from './epoch-nodes.js';
import { EvidenceReads } from './evidence-reads.js';
import { EventReads } from './event-reads.js';
import { ExposureReads } from './exposure-reads.js';
import { FailureReads } from './failure-reads.js';
import { FeedReads } from './feed-reads.js';
import { FinishedRuns } from './finished-runs.js';
import { StreamHealthReads } from './health-reads.js';
import { LabelReads } from './label-reads.js';
import { PageDoors } from './page-doors.js';
import { PlaylistReads } from './playlist-reads.js';
import { RangeReads } from './range-reads.js';
import { PgJudgedMedia } from '../rules/pg-judged-media.js';
import { PgRuleEvents } from '../rules/pg-rule-events.js';
import { StrategyReads } from './strategy-reads.js';
import { StreamReads } from './stream-reads.js';
import { SystemReads } from './system-reads.js';
import { DatabaseWriteCheck } from './write-check.js';
import { WallReads } from './wall-reads.js';
import { TextReads } from './text-reads.js';
import { TimelineReads } from './timeline-reads.js';
import { TimelineSums } from '../timeline/timeline-sums.js';
import { TrialSegments } from './trial-segments.js';
import { ThumbnailReads } from '../thumbnails/thumbnail-reads.js';
import { PasswordStore } from '../access/password-store.js';
import { PeopleStore } from '../access/people-store.js';
import { SessionStore } from '../access/session-store.js';
import { TokenStore } from '../access/token-store.js';

const stores = [
  StreamReads,
  TimelineReads,
  TimelineSums,
  TextReads,
  WallReads,
  EvidenceReads,
  ThumbnailReads,
  ExposureReads,
  FeedReads,
  FinishedRuns,
  TokenStore,
  SessionStore,
  PeopleStore,
  PasswordStore,
  SystemReads,
  DatabaseWriteCheck,
  FailureReads,
  StreamHealthReads,
  StrategyReads,
  CapacityReads,
  AnalyzerReads,
  PlaylistReads,
  RangeReads,
  EventReads,
  EventGroups,
  EventReviews,
  NewestEvents,
  LabelReads,
  EpochNodes,
  PageDoors,
  BrandStore,
  BrandSightings,
  DatabaseFacts,
  TrialSegments,
  FrameSegments,
];

const judging = [
  { provide: JudgedMedia, useClass: PgJudgedMedia },
  { provide: RuleEvents, useClass: PgRuleEvents },
];

/** What the API reads (and its own small table: tokens of people). Needs a `DataSource`. */
@Module({ providers: [...stores, ...judging], exports: [...stores, JudgedMedia, RuleEvents] })
export class ReadModule {}
