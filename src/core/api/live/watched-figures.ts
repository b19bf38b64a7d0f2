import { Logger } from '@nestjs/common';
import { errorText } from '../../plugin-api/error.js';
import type { Role } from '../../wire/wire.js';

/** What is sent to whom: UTF-8 JSON. */
export type FrameByRole = Readonly<Record<Role, Buffer>>;

/** Figures that are read again and again while somebody watches, and sent only when they changed; not part of the feed. */
export abstract class WatchedFigures {
  protected abstract readonly what: string;
  protected abstract readonly periodMs: number;
  private readonly logger = new Logger(this.constructor.name);
  private timer: NodeJS.Timeout | null = null;
  private latest: { readonly frames: FrameByRole; readonly key: string } | null = null;
  private failing = false;
  private watching: { watchers: () => number; send: (frames: FrameByRole) => void } | null = null;

  /** @returns the message, and a text that changes when it is to be sent */
  protected abstract read(): Promise<{ readonly frames: FrameByRole; readonly key: string }>;

  /** @param watchers how many clients there are now; at none the figures rest */
  serve(watchers: () => number, send: (frames: FrameByRole) => void): void {
    this.watching = { watchers, send };
  }

  /** Call when a client begins to watch. @returns the latest figures, if any are fresh */
  wake(): FrameByRole | null {
    if (this.timer !== null) return this.latest?.frames ?? null;
    this.latest = null;
    this.schedule(0);
    return null;
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.watching = null;
  }

  private schedule(delayMs: number): void {
    this.timer = setTimeout(() => void this.tick(), delayMs);
    this.timer.unref();
  }

  private async tick(): Promise<void> {
    const watching = this.watching;
    if (watching === null || watching.watchers() === 0) {
      this.timer = null;
      return;
    }
    try {
      const news = await this.read();
      const isNews = this.latest?.key !== news.key;
      this.latest = news;
      if (isNews) watching.send(news.frames);
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn(`${this.what} cannot be read: ${errorText(error)}`);
      this.failing = true;
    }
    if (this.watching !== null) this.schedule(this.periodMs);
  }
}
