import { Module } from '@nestjs/common';
import { BrandStore } from '../references/brand-store.js';
import { FrameSegments } from '../references/frame-segments.js';
import { JudgedMedia } from '../../rules/judged-media.js';
import { RuleEvents } from '../../rules/rule-events.js';
import { CapacityReads } from './capacity-reads.js';
import { EpochNodes } from './epoch-nodes.js';
import { EvidenceReads } from './evidence-reads.js';
import { EventReads } from './event-reads.js';
import { ExposureReads } from './exposure-reads.js';
import { FailureReads } from './failure-reads.js';
import { FeedReads } from './feed-reads.js';
import { FinishedRuns } from './finished-runs.js';
import { StreamHealthReads } from './health-reads.js';
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
import { ThumbnailReads } from '../thumbnails/thumbnail-reads.js';
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
  SystemReads,
  DatabaseWriteCheck,
  FailureReads,
  StreamHealthReads,
  StrategyReads,
  CapacityReads,
  PlaylistReads,
  RangeReads,
  EventReads,
  EpochNodes,
  PageDoors,
  BrandStore,
  FrameSegments,
];

const judging = [
  { provide: JudgedMedia, useClass: PgJudgedMedia },
  { provide: RuleEvents, useClass: PgRuleEvents },
];

/** What the API reads (and its own small table: tokens of people). Needs a `DataSource`. */
@Module({ providers: [...stores, ...judging], exports: [...stores, JudgedMedia, RuleEvents] })
export class ReadModule {}
