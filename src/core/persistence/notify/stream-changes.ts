import { Inject, Injectable } from '@nestjs/common';
import { DATABASE_URL } from '../database-url.js';
import { STREAMS_CHANNEL } from './feed-bell.js';
import { ChannelListener } from './channel-listener.js';
import { Database } from '../database.js';

type Listener = (change: { streamId: string }) => void;

/**
 * Tells this process which streams were changed by any process. Opens its connection with the first subscriber.
 * With every (re)connection each stream counts as changed: what happened before it went unheard.
 */
@Injectable()
export class StreamChanges {
  private readonly listeners = new Set<Listener>();
  private readonly channel: ChannelListener;

  constructor(
    private readonly sql: Database,
    @Inject(DATABASE_URL) databaseUrl: string,
  ) {
    this.channel = new ChannelListener({
      databaseUrl,
      channel: STREAMS_CHANNEL,
      onRing: (payload) => {
        if (payload !== undefined) this.tell(payload);
        else void this.tellAll();
      },
    });
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    void this.channel.start();
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.listeners.clear();
    await this.channel.stop();
  }

  private async tellAll(): Promise<void> {
    const rows = await this.sql.rows<{ id: string }>({ name: 'stream_ids', text: 'SELECT id FROM streams' }).catch(() => []);
    for (const { id } of rows) this.tell(id);
  }

  private tell(streamId: string): void {
    for (const listener of this.listeners) listener({ streamId });
  }
}
