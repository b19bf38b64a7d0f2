import { Inject, Injectable, Logger } from '@nestjs/common';
import { DATABASE_URL } from '../database-url.js';
import { ChannelListener } from './channel-listener.js';
import { FEED_CHANNEL } from './feed-bell.js';

/** Hears the feed's bell, on a connection of its own that comes back by itself. */
@Injectable()
export class FeedRings {
  private readonly logger = new Logger(FeedRings.name);
  private channel: ChannelListener | undefined;

  constructor(@Inject(DATABASE_URL) private readonly databaseUrl: string) {}

  /** @param onRing called when the feed may have grown, and after every (re)connection: rings from before it went unheard */
  async listen(onRing: () => void): Promise<void> {
    this.channel = new ChannelListener({
      databaseUrl: this.databaseUrl,
      channel: FEED_CHANNEL,
      onRing: () => onRing(),
      onLost: (error) => this.logger.warn(`The connection that listens for news was lost and is being made again: ${error.message}`),
    });
    await this.channel.start();
  }

  async stop(): Promise<void> {
    await this.channel?.stop();
  }
}
