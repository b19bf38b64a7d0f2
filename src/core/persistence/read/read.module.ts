import { Module } from '@nestjs/common';
import { BrandStore } from '../references/brand-store.js';
import { FrameSegments } from '../references/frame-segments.js';
import { AuditLog } from './audit-log.js';
import { ExposureReads } from './exposure-reads.js';
import { FeedReads } from './feed-reads.js';
import { FinishedRuns } from './finished-runs.js';
import { PlaylistReads } from './playlist-reads.js';
import { ReadDatabase } from './read-database.js';
import { StreamReads } from './stream-reads.js';
import { SystemReads } from './system-reads.js';
import { TimelineReads } from './timeline-reads.js';
import { TokenStore } from './token-store.js';

const stores = [ReadDatabase, StreamReads, TimelineReads, ExposureReads, FeedReads, FinishedRuns, TokenStore, AuditLog, SystemReads, PlaylistReads, BrandStore, FrameSegments];

/** What the API reads (and its own small tables: people, audit). Needs a `DataSource`. */
@Module({ providers: stores, exports: stores })
export class ReadModule {}
