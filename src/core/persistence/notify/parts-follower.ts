import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DATABASE_URL } from '../database-url.js';
import { Database } from '../database.js';
import { ChannelListener } from './channel-listener.js';
import { PARTS_CHANNEL, PARTS_WANTED_CHANNEL, partsFromText, type EpochParts, type SegmentParts } from './segment-parts.js';

/** How often an epoch is asked for again. */
const RENEW_MS = 2_000;
const EPOCHS = 256;
/** Of each epoch the parts of its newest segments are known: what a playlist names for three target durations, and more. */
const SEGMENTS = 8;

interface Followed {
  renewAtMs: number;
  readonly segments: Map<number, SegmentParts>;
  newestSequence: number | undefined;
  longestUs: number;
}

/** Knows what is written of segments that are open, of the epochs that it is told to follow. Costs nothing where it follows none. */
@Injectable()
export class PartsFollower {
  private readonly epochs = new LRUCache<string, Followed>({ max: EPOCHS });
  private readonly listeners = new Set<(streamId: string) => void>();
  private readonly channel: ChannelListener;

  constructor(
    private readonly sql: Database,
    @Inject(DATABASE_URL) databaseUrl: string,
  ) {
    this.channel = new ChannelListener({
      databaseUrl,
      channel: PARTS_CHANNEL,
      onRing: (text) => {
        const told = text === undefined ? null : partsFromText(text);
        if (told !== null) this.heard(told);
      },
    });
  }

  /** Somebody wants the epoch's parts now, and for the next seconds. They are there from the next segment on. */
  follow(epochId: string): void {
    void this.channel.start();
    const nowMs = performance.now();
    const followed = this.epochs.get(epochId) ?? { renewAtMs: 0, segments: new Map(), newestSequence: undefined, longestUs: 0 };
    if (nowMs < followed.renewAtMs) return;
    followed.renewAtMs = nowMs + RENEW_MS;
    this.epochs.set(epochId, followed);
    this.sql
      .rows({ name: 'parts_wanted', text: `SELECT pg_notify('${PARTS_WANTED_CHANNEL}', $1)` }, [epochId])
      .catch(() => (followed.renewAtMs = 0));
  }

  of(epochId: string, sequence: number): SegmentParts | undefined {
    return this.epochs.get(epochId)?.segments.get(sequence);
  }

  /** The segment that was heard of last. */
  newestSequence(epochId: string): number | undefined {
    return this.epochs.get(epochId)?.newestSequence;
  }

  /** The longest part that was heard of in the epoch; 0: none was. */
  longestUs(epochId: string): number {
    return this.epochs.get(epochId)?.longestUs ?? 0;
  }

  /** @param listener gets the stream of which more is known */
  listen(listener: (streamId: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.listeners.clear();
    await this.channel.stop();
  }

  /** Others follow other epochs: those are nothing to this process. */
  private heard(told: EpochParts): void {
    const followed = this.epochs.peek(told.epochId);
    if (followed === undefined) return;
    const { segments } = followed;
    if (told.parts.length < (segments.get(told.sequence)?.parts.length ?? 0)) return;
    segments.set(told.sequence, told);
    followed.newestSequence = Math.max(followed.newestSequence ?? 0, told.sequence);
    for (const { durationUs } of told.parts) followed.longestUs = Math.max(followed.longestUs, durationUs);
    for (const sequence of segments.keys()) if (sequence <= told.sequence - SEGMENTS) segments.delete(sequence);
    for (const listener of this.listeners) listener(told.streamId);
  }
}
