import { Inject, Injectable } from '@nestjs/common';
import { DATABASE_URL } from '../database-url.js';
import { Database } from '../database.js';
import { ChannelListener } from './channel-listener.js';
import { PARTS_CHANNEL, PARTS_WANTED_CHANNEL, partsToText, type SegmentParts } from './segment-parts.js';

/** An epoch that nobody asked for again for so long is followed by nobody. */
const FOLLOWED_MS = 8_000;

/** Hears what is written of one epoch's open segment. */
export interface PartsListener {
  /** Whether it wants to: asked as each segment begins. */
  isFollowed(): boolean;
  /** What was told can be read by now. */
  told(parts: SegmentParts): void;
}

interface Sending {
  /** Takes the place of what has not been sent: it says all that that said. */
  next: string | undefined;
}

/** Tells other processes of what is written of segments that are open, as long as they ask for it. One per process that packages. */
@Injectable()
export class PartsAnnouncer {
  private readonly followedUntilMs = new Map<string, number>();
  private readonly sending = new Map<string, Sending>();
  private readonly channel: ChannelListener;

  constructor(
    private readonly sql: Database,
    @Inject(DATABASE_URL) databaseUrl: string,
  ) {
    this.channel = new ChannelListener({
      databaseUrl,
      channel: PARTS_WANTED_CHANNEL,
      onRing: (epochId) => {
        if (epochId !== undefined) this.wanted(epochId);
      },
    });
  }

  /** From the first call on a connection listens for who asks. */
  of(streamId: string, epochId: string): PartsListener {
    void this.channel.start();
    return {
      isFollowed: () => (this.followedUntilMs.get(epochId) ?? 0) > performance.now(),
      told: (parts) => {
        const text = partsToText({ streamId, epochId, ...parts });
        if (text !== null) this.send(epochId, text);
      },
    };
  }

  async close(): Promise<void> {
    await this.channel.stop();
  }

  private wanted(epochId: string): void {
    const nowMs = performance.now();
    for (const [known, untilMs] of this.followedUntilMs) if (untilMs <= nowMs) this.followedUntilMs.delete(known);
    this.followedUntilMs.set(epochId, nowMs + FOLLOWED_MS);
  }

  /** One at a time for each epoch, so that a database that is slow is not asked more and more. */
  private send(epochId: string, text: string): void {
    const underWay = this.sending.get(epochId);
    if (underWay !== undefined) {
      underWay.next = text;
      return;
    }
    const sending: Sending = { next: undefined };
    this.sending.set(epochId, sending);
    // Nothing is written: there is nothing that the disk would have to have. What is lost is told again with the next part.
    void this.sql
      .rows({ name: 'live_parts', text: `SELECT pg_notify('${PARTS_CHANNEL}', $1), set_config('synchronous_commit', 'off', true)` }, [text])
      .catch(() => undefined)
      .finally(() => {
        this.sending.delete(epochId);
        if (sending.next !== undefined) this.send(epochId, sending.next);
      });
  }
}
