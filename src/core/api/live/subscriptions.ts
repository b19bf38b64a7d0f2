import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { apiErrors } from '../../errors/api.errors.js';
import { comparePositions, type FeedPosition } from '../../persistence/read/feed-reads.js';
import type { TokenOwner } from '../../persistence/access/token-store.js';
import { decodeCursor, encodeCursor } from '../feed/cursor.js';
import { topicsOf, type FeedEntry } from '../feed/feed-hydrator.js';
import { FeedHub } from '../feed/feed-hub.js';
import { StreamDirectory } from '../feed/stream-directory.js';
import type { LiveClient } from './live-client.js';
import { EventTicker } from './event-ticker.js';
import { HealthTicker } from './health-ticker.js';
import { QueueTicker } from './queue-ticker.js';
import { StatusTicker } from './status-ticker.js';
import type { WatchedFigures } from './watched-figures.js';

const COMMON_TOPICS = new Set(['streams', 'queues', 'runs', 'health', 'status', 'events']);
const ADMIN_TOPICS = new Set(['refusals']);
const STREAM_TOPIC = /^stream:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Who gets what. A client is in the index only while it is live; one that catches up reads on its own until it stands where the
 * hub stands, and is put into the index in the same turn of the event loop: no hole, no duplicate.
 */
@Injectable()
export class Subscriptions implements OnModuleInit, OnApplicationShutdown {
  private readonly byTopic = new Map<string, Set<LiveClient>>();
  /** Sent to those who have the topic, besides the feed. */
  private readonly figures: ReadonlyMap<string, WatchedFigures>;
  private unlisten: () => void = () => undefined;

  constructor(
    private readonly hub: FeedHub,
    private readonly directory: StreamDirectory,
    queues: QueueTicker,
    health: HealthTicker,
    status: StatusTicker,
    events: EventTicker,
  ) {
    this.figures = new Map<string, WatchedFigures>([
      ['queues', queues],
      ['health', health],
      ['status', status],
      ['events', events],
    ]);
  }

  onModuleInit(): void {
    this.unlisten = this.hub.listen((entries) => this.broadcast(entries));
    for (const [topic, figures] of this.figures) {
      figures.serve(
        () => this.byTopic.get(topic)?.size ?? 0,
        (frames) => {
          for (const client of this.byTopic.get(topic) ?? []) client.sendFigures(frames);
        },
      );
    }
  }

  onApplicationShutdown(): void {
    this.unlisten();
    for (const figures of this.figures.values()) figures.stop();
  }

  /** Replaces the client's topics; with a cursor, what it missed is sent before anything new. */
  async subscribe(client: LiveClient, owner: TokenOwner, topics: readonly string[], cursor: string | undefined): Promise<void> {
    this.leave(client);
    const turn = ++client.subscription;
    const allowed = await this.authorised(client, owner, topics);
    const from = cursor === undefined ? null : await this.resumeFrom(client, cursor);
    if (client.subscription !== turn || !client.open) return;
    client.topics = new Set(allowed);
    client.send({ type: 'subscribed', topics: allowed, cursor: encodeCursor(from ?? this.hub.position) });
    if (from === null) this.join(client);
    // Not awaited: the client may change its mind, or ask for a pong, while it catches up.
    else void this.catchUp(client, from, turn).catch(() => client.close(1011, 'Try again'));
  }

  leave(client: LiveClient): void {
    client.live = false;
    for (const topic of client.topics) {
      const members = this.byTopic.get(topic);
      members?.delete(client);
      if (members?.size === 0) this.byTopic.delete(topic);
    }
  }

  private async authorised(client: LiveClient, owner: TokenOwner, topics: readonly string[]): Promise<string[]> {
    const wanted = [...new Set(topics)];
    const cards = await this.directory.getMany(wanted.flatMap((topic) => STREAM_TOPIC.exec(topic)?.[1] ?? []));
    return wanted.filter((topic) => {
      const card = cards.get(STREAM_TOPIC.exec(topic)?.[1] ?? '');
      const isAdmin = owner.role === 'admin';
      const isOpen = COMMON_TOPICS.has(topic) || (isAdmin && ADMIN_TOPICS.has(topic));
      const allowed = isOpen || (card !== undefined && !card.deleted && (isAdmin || !card.private));
      if (!allowed) {
        const { title, fix } = apiErrors.VD_API_TOPIC_REFUSED;
        client.send({ type: 'error', code: 'VD_API_TOPIC_REFUSED', message: `${title}: ${topic}`, fix });
      }
      return allowed;
    });
  }

  /** Where to go on from; null, after telling the client, when it must fetch afresh. */
  private async resumeFrom(client: LiveClient, cursor: string): Promise<FeedPosition | null> {
    const position = decodeCursor(cursor);
    if (position !== null && (await this.hub.covers(position))) return position;
    const reason = position === null ? 'The cursor is not one of ours' : 'The feed no longer reaches back to the cursor';
    client.send({ type: 'reset', cursor: encodeCursor(this.hub.position), reason });
    return null;
  }

  private async catchUp(client: LiveClient, from: FeedPosition, turn: number): Promise<void> {
    let position = from;
    const current = (): boolean => client.open && client.subscription === turn;
    while (current()) {
      const recent = this.hub.after(position);
      if (recent === null) {
        const older = await this.hub.older(position, (row) => client.wants(topicsOf(row)));
        for (const entry of older.entries) {
          if (!(await client.room()) || !current()) return;
          client.deliver(entry);
        }
        position = older.position;
        continue;
      }
      for (const entry of recent) {
        if (client.congested) break;
        if (client.wants(entry.topics)) client.deliver(entry);
        position = entry.position;
      }
      if (recent.length === 0 || position === recent.at(-1)?.position) {
        client.skipUntil = comparePositions(position, this.hub.position) > 0 ? position : null;
        this.join(client);
        return;
      }
      if (!(await client.room())) return;
    }
  }

  private join(client: LiveClient): void {
    client.live = true;
    for (const topic of client.topics) {
      const members = this.byTopic.get(topic);
      if (members === undefined) this.byTopic.set(topic, new Set([client]));
      else members.add(client);
    }
    for (const [topic, figures] of this.figures) {
      const latest = client.topics.has(topic) ? figures.wake() : null;
      if (latest !== null) client.sendFigures(latest);
    }
  }

  private broadcast(entries: readonly FeedEntry[]): void {
    for (const entry of entries) {
      for (const topic of entry.topics) {
        for (const client of this.byTopic.get(topic) ?? []) {
          if (client.skipUntil !== null) {
            if (comparePositions(entry.position, client.skipUntil) <= 0) continue;
            client.skipUntil = null;
          }
          client.deliver(entry);
        }
      }
    }
  }
}
