import { Injectable } from '@nestjs/common';
import { EventGroups } from '../../persistence/events/event-groups.js';
import { LabelReads } from '../../persistence/read/label-reads.js';
import type { StreamView } from '../../persistence/read/stream-reads.js';
import { TextReads } from '../../persistence/read/text-reads.js';
import { TimelineReads } from '../../persistence/read/timeline-reads.js';
import { BrandStore } from '../../persistence/references/brand-store.js';
import type { ListedEventWire } from '../../wire/events.wire.js';
import type { SearchHitWire, SearchKind, SearchMomentWire } from '../../wire/search.wire.js';

export interface SearchAsked {
  readonly query: string;
  /** Streams that whoever asks may see. */
  readonly views: readonly StreamView[];
  readonly userId: string;
  /** In µs since 1970; `toUs` is exclusive. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
}

/** So many of the newest readings are looked at for texts that differ. */
const TEXTS_LOOKED_AT = 500;

/** One more than `limit` says that there are more. */
type Find = (asked: SearchAsked, most: number) => Promise<SearchHitWire[]>;
type Placed = Pick<SearchMomentWire, 'streamId' | 'at' | 'epochId' | 'ptsUs'>;

const NOTHING = { analyzerId: null, moment: null, eventId: null, name: null, brandId: null, count: null, evidence: null } as const;

/** Looks for words in what was found, of whichever kind, and says when it was to be seen last. */
@Injectable()
export class Search {
  private readonly finders: Readonly<Record<SearchKind, Find>> = {
    brand: (asked, most) => this.brandsLike(asked, most),
    event: (asked, most) => this.eventsOf(asked, most),
    text: (asked, most) => this.textsLike(asked, most),
    label: (asked, most) => this.labelsLike(asked, most),
  };

  constructor(
    private readonly brands: BrandStore,
    private readonly events: EventGroups,
    private readonly texts: TextReads,
    private readonly labels: LabelReads,
    private readonly timeline: TimelineReads,
  ) {}

  /** @throws VD_API_QUERY_TIMEOUT */
  async of(kind: SearchKind, asked: SearchAsked): Promise<{ hits: SearchHitWire[]; hasMore: boolean }> {
    const found = await this.finders[kind](asked, asked.limit + 1);
    return { hits: found.slice(0, asked.limit), hasMore: found.length > asked.limit };
  }

  /** Of the library, seen or not. */
  private async brandsLike(asked: SearchAsked, most: number): Promise<SearchHitWire[]> {
    const wanted = asked.query.toLowerCase();
    const named = (await this.brands.list()).filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, most);
    const hits: SearchHitWire[] = [];
    for (const { id, name } of named) {
      const [seen] = await this.eventList(asked, { subjects: [name], limit: 1, repeatsWithinS: 0 });
      hits.push({ ...NOTHING, ...(seen === undefined ? {} : hitOf(seen)), title: name, brandId: id });
    }
    return hits;
  }

  private async eventsOf(asked: SearchAsked, most: number): Promise<SearchHitWire[]> {
    return (await this.eventList(asked, { query: asked.query, limit: most, repeatsWithinS: 3_600 })).map(hitOf);
  }

  private async eventList(
    { views, userId, fromUs, toUs }: SearchAsked,
    filter: { query?: string; subjects?: string[]; limit: number; repeatsWithinS: number },
  ): Promise<ListedEventWire[]> {
    const streamIds = views.map(({ wire }) => wire.id);
    return (await this.events.list({ streamIds, userId, fromUs, toUs, ...filter })).items.map(({ event }) => event);
  }

  /** A line of text comes again and again: each is told once for a stream, as it was read last. */
  private async textsLike({ views, query, fromUs, toUs }: SearchAsked, most: number): Promise<SearchHitWire[]> {
    const streamIds = views.map(({ wire }) => wire.id);
    const asked = { streamIds, query, fromUs, toUs, atBeginning: false, limit: TEXTS_LOOKED_AT, descending: true };
    const hits = new Map<string, SearchHitWire>();
    for (const text of (await this.texts.search(asked)).items) {
      const key = `${text.streamId} ${text.text.toLowerCase()}`;
      if (!hits.has(key)) hits.set(key, { ...NOTHING, title: text.text, analyzerId: text.analyzerId, moment: momentOf(text, views) });
    }
    return [...hits.values()].slice(0, most);
  }

  private async labelsLike({ views, query, fromUs, toUs }: SearchAsked, most: number): Promise<SearchHitWire[]> {
    const streamIds = views.map(({ wire }) => wire.id);
    const hits: SearchHitWire[] = [];
    for (const { streamId, analyzerId, label, count, lastUs } of await this.labels.seen({ streamIds, query, fromUs, toUs, limit: most })) {
      const range = { streamId, analyzerId, names: [label], fromUs, toUs: Math.min(toUs, lastUs + 1) };
      const [last] = (await this.timeline.detections({ ...range, limit: 1, descending: true })).items;
      if (last !== undefined) hits.push({ ...NOTHING, title: label, analyzerId, count, moment: momentOf(last, views) });
    }
    return hits;
  }
}

function hitOf(event: ListedEventWire): SearchHitWire {
  const { streamId, streamName, streamTitle, epochId, startAt, startPtsUs, evidence } = event;
  const moment = { streamId, streamName, streamTitle, at: startAt, epochId, ptsUs: startPtsUs };
  const { subject, name, analyzerId, id } = event;
  return { ...NOTHING, title: subject ?? name, analyzerId, moment, eventId: id, name, evidence };
}

function momentOf({ streamId, at, epochId, ptsUs }: Placed, views: readonly StreamView[]): SearchMomentWire {
  const stream = views.find(({ wire }) => wire.id === streamId)!.wire;
  return { streamId, streamName: stream.name, streamTitle: stream.title, at, epochId, ptsUs };
}
