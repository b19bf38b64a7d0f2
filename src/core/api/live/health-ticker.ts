import { Injectable } from '@nestjs/common';
import { statusOnWire } from '../../persistence/read/health-on-wire.js';
import type { StreamStatusWire } from '../../wire/wire.js';
import { toFrame } from '../feed/feed-hydrator.js';
import { StreamDirectory } from '../feed/stream-directory.js';
import { StreamHealth } from '../resources/stream-health.js';
import { WatchedFigures } from './watched-figures.js';

/** How streams are, whenever that changes: figures within a reason that go up and down are no news. */
@Injectable()
export class HealthTicker extends WatchedFigures {
  protected readonly what = "Streams' health";
  protected readonly periodMs = 2_000;

  constructor(
    private readonly health: StreamHealth,
    private readonly directory: StreamDirectory,
  ) {
    super();
  }

  protected async read() {
    const streams = [...(await this.health.now()).values()].map(statusOnWire);
    const cards = await this.directory.getMany(streams.map(({ streamId }) => streamId));
    const open = streams.filter(({ streamId }) => cards.get(streamId)?.private === false);
    const frames = { admin: toFrame({ type: 'health', streams }), viewer: toFrame({ type: 'health', streams: open }) };
    return { frames, key: `${verdictsOf(streams)} ${open.map(({ streamId }) => streamId).join()}` };
  }
}

const verdictsOf = (streams: readonly StreamStatusWire[]): string =>
  JSON.stringify(streams.map(({ streamId, status, issues }) => [streamId, status, issues.map(({ code, severity }) => [code, severity])]));
