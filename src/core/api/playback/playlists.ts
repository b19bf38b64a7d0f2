import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { errorText } from '../../plugin-api/error.js';
import { DAY_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import { EventReads } from '../../persistence/read/event-reads.js';
import { atMsOf, type LiveWindow, type PlaylistEpoch, type RangeEvent } from '../../persistence/read/playlist-media.js';
import { PlaylistReads } from '../../persistence/read/playlist-reads.js';
import { FeedHub } from '../feed/feed-hub.js';
import { epochPlaylist, livePlaylist, targetSeconds } from './playlist.js';

/** The feed invalidates at once; this is for what it does not report. */
const FRESH_MS = 2_000;
const ENTRIES = 512;
/** Of the events that touch a live playlist. */
const MOST_EVENTS = 100;

/** A live playlist, and what it was made of. */
export interface LiveSnapshot {
  readonly text: string;
  readonly window: LiveWindow;
  readonly targetSeconds: number;
}

interface Cached<T> {
  readonly made: Promise<T>;
  readonly streamId: string;
}

/** Playlists as text. A thousand players of one stream cost one set of queries per new segment. */
@Injectable()
export class Playlists implements OnModuleInit, OnApplicationShutdown {
  private readonly lives = new LRUCache<string, Cached<LiveSnapshot>>({ max: ENTRIES, ttl: FRESH_MS });
  private readonly epochs = new LRUCache<string, Cached<string>>({ max: ENTRIES, ttl: FRESH_MS });
  private readonly listeners = new Set<(streamId: string) => void>();
  /** Target durations that were told, by stream or epoch: players may take one for good. */
  private readonly targets = new LRUCache<string, number>({ max: ENTRIES });
  private readonly logger = new Logger(Playlists.name);
  private unlisten: () => void = () => undefined;

  constructor(
    private readonly reads: PlaylistReads,
    private readonly events: EventReads,
    private readonly hub: FeedHub,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  onModuleInit(): void {
    this.unlisten = this.hub.listen((entries) => {
      const changed = new Set(entries.filter((entry) => entry.kind !== 'run.finished').map((entry) => entry.streamId));
      for (const cache of [this.lives, this.epochs]) for (const [key, cached] of cache) if (changed.has(cached.streamId)) cache.delete(key);
      for (const streamId of changed) if (streamId !== null) for (const listener of this.listeners) listener(streamId);
    });
  }

  onApplicationShutdown(): void {
    this.unlisten();
  }

  /** @param listener gets the stream whose playlists are to be asked for again */
  listen(listener: (streamId: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @throws VD_API_NOT_FOUND, VD_API_NO_MEDIA */
  async live(streamId: string): Promise<string> {
    return (await this.liveSnapshot(streamId)).text;
  }

  /** @throws VD_API_NOT_FOUND, VD_API_NO_MEDIA */
  liveSnapshot(streamId: string): Promise<LiveSnapshot> {
    return cached(this.lives, streamId, streamId, async () => {
      const size = this.config.packaging.liveWindowSegments;
      let window = await this.window(streamId, size, 0);
      let targetSeconds = this.targetOf(streamId, window.epochs);
      // What is left when a segment goes must last three target durations (RFC 8216, 6.2.2); older ones may be longer still.
      for (let leastUs = 0; leastUs < windowUs(targetSeconds); targetSeconds = this.targetOf(streamId, window.epochs)) {
        leastUs = windowUs(targetSeconds);
        window = await this.window(streamId, size, leastUs);
      }
      window = { ...window, events: await this.eventsOf(streamId, window) };
      return { text: livePlaylist(window, targetSeconds), window, targetSeconds };
    });
  }

  /** @throws VD_API_NOT_FOUND, VD_API_NO_MEDIA */
  epoch(streamId: string, epochId: string): Promise<string> {
    return cached(this.epochs, `${streamId}/${epochId}`, streamId, async () => {
      const epoch = await this.reads.epoch(streamId, epochId);
      if (epoch === null) throw apiError('VD_API_NOT_FOUND', `Stream ${streamId} has no epoch ${epochId}.`);
      if (epoch.segments.length === 0) throw apiError('VD_API_NO_MEDIA', `Epoch ${epochId} has no finished segment yet.`);
      return epochPlaylist(epoch, this.targetOf(epochId, [epoch]));
    });
  }

  /** Media is played without them where they cannot be read in time. */
  private async eventsOf(streamId: string, { epochs }: LiveWindow): Promise<RangeEvent[]> {
    const first = epochs[0]?.segments[0];
    if (epochs[0] === undefined || first === undefined) return [];
    const fromMs = atMsOf(epochs[0], first);
    try {
      return await this.events.touching({ streamId, fromMs, toMs: fromMs + DAY_MS, most: MOST_EVENTS });
    } catch (error) {
      this.logger.warn(`The live playlist of stream ${streamId} is without its events: ${errorText(error)}`);
      return [];
    }
  }

  private async window(streamId: string, size: number, leastUs: number): Promise<LiveWindow> {
    const window = await this.reads.liveWindow(streamId, size, leastUs);
    if (window === null) throw apiError('VD_API_NOT_FOUND', `No stream ${streamId}.`);
    if (window.epochs.length === 0) throw apiError('VD_API_NO_MEDIA', `Stream ${streamId} has no finished segment yet.`);
    return window;
  }

  private targetOf(key: string, epochs: readonly PlaylistEpoch[]): number {
    const segmentSeconds = Math.round(this.config.packaging.segmentDuration / 1000);
    const target = Math.max(this.targets.get(key) ?? segmentSeconds, targetSeconds(epochs));
    this.targets.set(key, target);
    return target;
  }
}

function cached<T>(cache: LRUCache<string, Cached<T>>, key: string, streamId: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return known.made;
  const made = make();
  const fresh: Cached<T> = { made, streamId };
  cache.set(key, fresh);
  // A failure is for those who already wait for it, not for those who ask next.
  made.catch(() => cache.peek(key) === fresh && cache.delete(key));
  return made;
}

const windowUs = (targetSeconds: number): number => 3 * targetSeconds * 1_000_000;
