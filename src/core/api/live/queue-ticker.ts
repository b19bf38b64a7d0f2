import { Injectable, Logger } from '@nestjs/common';
import { toFrame } from '../feed/feed-hydrator.js';
import { QueueFiguresSource } from '../../queue/queue-figures-source.js';
import { errorText } from '../../plugin-api/error.js';

const PERIOD_MS = 1_000;

/** Queue figures once a second, read only while somebody watches and sent only when they changed. */
@Injectable()
export class QueueTicker {
  private readonly logger = new Logger(QueueTicker.name);
  private timer: NodeJS.Timeout | null = null;
  private latest: Buffer | null = null;
  private failing = false;
  private watching: { watchers: () => number; send: (frame: Buffer) => void } | null = null;

  constructor(private readonly figures: QueueFiguresSource) {}

  /** @param watchers how many clients there are now; at none the ticker rests */
  serve(watchers: () => number, send: (frame: Buffer) => void): void {
    this.watching = { watchers, send };
  }

  /** Call when a client begins to watch. @returns the latest figures, if any are fresh */
  wake(): Buffer | null {
    if (this.timer !== null) return this.latest;
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
      const frame = toFrame({ type: 'queues', queues: await this.figures.figures() });
      if (this.latest === null || !frame.equals(this.latest)) {
        this.latest = frame;
        watching.send(frame);
      }
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn(`Queue figures cannot be read: ${errorText(error)}`);
      this.failing = true;
    }
    if (this.watching !== null) this.schedule(PERIOD_MS);
  }
}
