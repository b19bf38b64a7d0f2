import { Injectable } from '@nestjs/common';
import { NewestEvents } from '../../persistence/events/newest-events.js';
import { toFrame } from '../feed/feed-hydrator.js';
import { WatchedFigures } from './watched-figures.js';

/** That events were told of, whatever they are of: a list of them asks for those that it shows. */
@Injectable()
export class EventTicker extends WatchedFigures {
  protected readonly what = 'The newest event';
  protected readonly periodMs = 1_000;

  constructor(private readonly events: NewestEvents) {
    super();
  }

  protected async read() {
    const { newestId, newestOpenId } = await this.events.ids();
    const frames = { admin: toFrame({ type: 'events', newestId }), viewer: toFrame({ type: 'events', newestId: newestOpenId }) };
    return { frames, key: `${newestId} ${newestOpenId}` };
  }
}
