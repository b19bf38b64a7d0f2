import { Injectable } from '@nestjs/common';
import { QueueFiguresSource } from '../../queue/queue-figures-source.js';
import { toFrame } from '../feed/feed-hydrator.js';
import { WatchedFigures } from './watched-figures.js';

/** Queue figures, once a second. */
@Injectable()
export class QueueTicker extends WatchedFigures {
  protected readonly what = 'Queue figures';
  protected readonly periodMs = 1_000;

  constructor(private readonly figures: QueueFiguresSource) {
    super();
  }

  protected async read() {
    const frame = toFrame({ type: 'queues', queues: await this.figures.figures() });
    return { frames: { admin: frame, viewer: frame }, key: frame.toString() };
  }
}
