import { Injectable } from '@nestjs/common';
import type { Page } from '../../wire/wire.js';
import { pagesOf } from '../read/page-of-rows.js';
import type { ResultFilter } from '../read/timeline-filter.js';
import { TimelineReads } from '../read/timeline-reads.js';
import type { ComparedRun, HeldBackfill } from './backfill-work.js';

const PAGE = 5_000;

/** What is known of a stretch of a stream, of the analyzer of a backfill: from rows and from what is packed. */
@Injectable()
export class KnownRange {
  constructor(private readonly timeline: TimelineReads) {}

  async read({ streamId, analyzerId }: HeldBackfill, runs: readonly ComparedRun[]) {
    const range = {
      ...{ streamId, analyzerId, limit: PAGE, descending: false },
      fromUs: Math.min(...runs.map(({ atUs }) => atUs)),
      toUs: Math.max(...runs.map(({ atUs, ptsStartUs, ptsEndUs }) => atUs + ptsEndUs - ptsStartUs)),
    };
    return {
      detections: await all(range, (filter) => this.timeline.detections(filter)),
      metrics: await all(range, (filter) => this.timeline.metrics(filter)),
      observations: await all(range, (filter) => this.timeline.observations(filter)),
    };
  }
}

async function all<T>(range: ResultFilter, read: (filter: ResultFilter) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  for await (const items of pagesOf((after) => read({ ...range, after }))) found.push(...items);
  return found;
}
