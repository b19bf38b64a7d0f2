import { Injectable } from '@nestjs/common';
import { merged } from '../../persistence/read/merged.js';
import type { ResultFilter } from '../../persistence/read/timeline-filter.js';
import { TimelineReads } from '../../persistence/read/timeline-reads.js';
import { RESULT_KINDS, type LineKind } from '../../wire/exports.wire.js';
import type { DetectionWire, EventWire, MetricWire, ObservationWire, Page } from '../../wire/wire.js';

type ResultWire = EventWire | DetectionWire | MetricWire | ObservationWire;
/** A line: what the lists under /api/streams/<id> have, with its kind, and its moment under one name. */
export type ResultLine = { readonly kind: LineKind; readonly ptsUs: number; readonly at: string } & ResultWire;

/** So many rows of each kind are in memory at once. */
const PAGE_ROWS = 1_000;

/** Results of a range in the order of their moments, a few at a time. What is packed is among them. */
@Injectable()
export class ResultLines {
  constructor(private readonly timeline: TimelineReads) {}

  /** @throws VD_API_QUERY_TIMEOUT */
  read(
    range: Omit<ResultFilter, 'limit' | 'descending' | 'after'>,
    kinds: readonly LineKind[] = RESULT_KINDS,
  ): AsyncIterable<ResultLine[]> {
    const lists = kinds.map((kind) => this.list(kind, { ...range, limit: PAGE_ROWS, descending: false }));
    return lists.reduce((all, list) => merged(all, list, order), nothing());
  }

  private async *list(kind: LineKind, filter: ResultFilter): AsyncGenerator<ResultLine[], void, void> {
    let after: string | undefined;
    do {
      const page = await this.page(kind, { ...filter, after });
      yield page.items.map((item) => lineOf(kind, item));
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  private page(kind: LineKind, filter: ResultFilter): Promise<Page<ResultWire>> {
    switch (kind) {
      case 'event':
        return this.timeline.events(filter);
      case 'detection':
        return this.timeline.detections(filter);
      case 'metric':
        return this.timeline.metrics(filter);
      case 'observation':
        return this.timeline.observations(filter);
    }
  }
}

async function* nothing(): AsyncGenerator<ResultLine[], void, void> {}

function lineOf(kind: LineKind, item: ResultWire): ResultLine {
  if ('startAt' in item) return { kind, ptsUs: item.startPtsUs, at: item.startAt, ...item };
  return { kind, ...item };
}

/** Texts of one form and length are in the order of what they say. */
const order = (a: ResultLine, b: ResultLine): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
