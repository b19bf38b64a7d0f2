import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { EventReads } from '../../persistence/read/event-reads.js';
import { atMsOf, type PlaylistEpoch, type RangeEvent } from '../../persistence/read/playlist-media.js';
import { RangeReads, type MediaRange } from '../../persistence/read/range-reads.js';
import { FeedHub } from '../feed/feed-hub.js';
import { TextBody } from '../http/text-body.js';
import { DvrEntries } from './dvr-entries.js';
import { Playlists, type LiveSnapshot } from './playlists.js';

/** What the feed does not report is seen after so long. */
const FRESH_MS = 60_000;
/** A playlist that grows is read anew as often: what comes to an earlier epoch late is told as what comes to the newest. */
const READ_AGAIN_MS = 600_000;
const CACHE_BYTES = 64 * 1024 * 1024;
const STREAMS = 10_000;
/** Of the events that touch a range; the rest is under /api. */
export const MOST_EVENTS = 2_000;

interface DvrView {
  readonly body: TextBody;
  readonly entries: DvrEntries;
  readonly events: Map<string, RangeEvent>;
  readonly isGrowing: boolean;
  /** The clock of changes when it was begun to be made. */
  readonly madeAt: number;
  /** It was asked for more than there is yet: what comes may belong to it. */
  readonly isAhead: boolean;
  /** When all of it was read, on the monotonic clock. */
  readonly readMs: number;
}

/**
 * Playlists of stretches of the past. One that is over is made once for all who ask for it; one that grows goes on from the stream's live
 * playlist, so that neither its length nor the number of its viewers is asked of the database.
 */
@Injectable()
export class DvrPlaylists implements OnModuleInit, OnApplicationShutdown {
  private readonly views = new LRUCache<string, DvrView, MediaRange>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ body, entries }) => body.sizeBytes + entries.sizeBytes + 1,
    ttl: FRESH_MS,
    // Whoever waits gets what was made, though others took its place.
    ignoreFetchAbort: true,
    fetchMethod: async (_key, before, { context }) => this.make(context, before),
  });
  /** When a stream got more, and when something of it changed that was there, on a clock of changes. */
  private readonly grown = new LRUCache<string, number>({ max: STREAMS });
  private readonly changed = new LRUCache<string, number>({ max: STREAMS });
  private clock = 0;
  private unlisten: () => void = () => undefined;

  constructor(
    private readonly reads: RangeReads,
    private readonly events: EventReads,
    private readonly playlists: Playlists,
    private readonly hub: FeedHub,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  onModuleInit(): void {
    this.unlisten = this.hub.listen((entries) => {
      for (const { kind, streamId } of entries) {
        if (streamId === null || kind === 'run.finished') continue;
        (kind.startsWith('stream.') ? this.changed : this.grown).set(streamId, ++this.clock);
      }
    });
  }

  onApplicationShutdown(): void {
    this.unlisten();
  }

  /**
   * @throws VD_API_NOTHING_RECORDED, VD_API_MEDIA_GONE, VD_API_RANGE_TOO_WIDE, VD_API_QUERY_TIMEOUT
   */
  async playlist(range: MediaRange): Promise<TextBody> {
    const key = `${range.streamId}/${range.fromMs}/${range.toMs}`;
    const known = this.views.get(key);
    const forceRefresh = known !== undefined && !this.isFresh(range.streamId, known);
    const view = await this.views.fetch(key, { context: range, forceRefresh });
    return view!.body;
  }

  private isFresh(streamId: string, { madeAt, isAhead }: DvrView): boolean {
    return (this.changed.get(streamId) ?? 0) <= madeAt && (!isAhead || (this.grown.get(streamId) ?? 0) <= madeAt);
  }

  private async make(range: MediaRange, before: DvrView | undefined): Promise<DvrView> {
    const madeAt = this.clock;
    const readMs = performance.now();
    const isSame = before?.isGrowing === true && (this.changed.get(range.streamId) ?? 0) <= before.madeAt;
    if (isSame && readMs - before.readMs < READ_AGAIN_MS && (await this.goOn(range, before)))
      return this.view(range, { ...before, madeAt });
    const { epochs, isGrowing } = await this.reads.media(range);
    const entries = new DvrEntries();
    for (const epoch of epochs) entries.add(epoch);
    const [fromTold, toTold] = [new Date(range.fromMs).toISOString(), new Date(range.toMs).toISOString()];
    if (entries.end === undefined) throw apiError('VD_API_NOTHING_RECORDED', `Nothing of ${range.streamId} from ${fromTold} to ${toTold}.`);
    if (!entries.isPlayable)
      throw apiError('VD_API_MEDIA_GONE', `All segments of ${range.streamId} from ${fromTold} to ${toTold} are deleted or lost.`);
    const events = await this.events.touching({ ...range, most: MOST_EVENTS });
    const isAhead = isGrowing || range.toMs > Date.now();
    const byId = new Map(events.map((event) => [event.id, event]));
    return this.view(range, { entries, isGrowing, isAhead, madeAt, readMs, events: byId });
  }

  /** Adds what the live playlist has beyond its end. @returns false where that does not follow, or more than that changed */
  private async goOn({ streamId, toMs }: MediaRange, { entries, events }: DvrView): Promise<boolean> {
    const live = await this.playlists.liveSnapshot(streamId);
    const more = following(live, entries);
    if (more === null || more.some((epoch) => epoch.segments.some((segment) => atMsOf(epoch, segment) >= toMs))) return false;
    for (const epoch of more) entries.add(epoch);
    for (const event of live.window.events ?? []) if (event.startMs < toMs) events.set(event.id, event);
    return true;
  }

  private view({ fromMs }: MediaRange, view: Omit<DvrView, 'body'>): DvrView {
    const { entries, events, isGrowing } = view;
    const leastTargetSeconds = Math.round(this.config.packaging.segmentDuration / 1000);
    return { ...view, body: new TextBody(entries.playlist({ fromMs, isGrowing, leastTargetSeconds, events: events.values() })) };
  }
}

/** What comes after the end of the entries; null where the live playlist does not know, or the stream is not recorded now. */
function following({ window }: LiveSnapshot, { end }: DvrEntries): PlaylistEpoch[] | null {
  const from = window.epochs.findIndex(({ epochId }) => epochId === end?.epochId);
  const [last, ...later] = window.epochs.slice(from);
  if (from < 0 || end === undefined || last === undefined || window.epochs.at(-1)?.open !== true) return null;
  if ((last.segments[0]?.sequence ?? 0) > end.sequence + 1) return null;
  return [{ ...last, segments: last.segments.filter(({ sequence }) => sequence > end.sequence) }, ...later];
}
