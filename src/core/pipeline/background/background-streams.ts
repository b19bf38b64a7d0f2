import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type LanesOf, RunLedger } from '../../persistence/ledger/run-ledger.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';

/** Streams whose analysis is background work: those of adapters of the pace `file`. A stream keeps its adapter. */
@Injectable()
export class BackgroundStreams {
  readonly adapters: readonly string[];
  private readonly known = new LRUCache<string, boolean>({ max: 10_000 });

  constructor(
    registry: PluginRegistry,
    private readonly ledger: RunLedger,
  ) {
    this.adapters = registry.sources.filter(({ definition }) => definition.pace === 'file').map(({ definition }) => definition.id);
  }

  get liveLanes(): LanesOf {
    return { backgroundAdapters: this.adapters, isBackground: false };
  }

  get backgroundLanes(): LanesOf {
    return { backgroundAdapters: this.adapters, isBackground: true };
  }

  async has(streamId: string): Promise<boolean> {
    if (this.adapters.length === 0) return false;
    const known = this.known.get(streamId);
    if (known !== undefined) return known;
    const is = (await this.ledger.streamsOf([streamId], this.adapters)).length > 0;
    this.known.set(streamId, is);
    return is;
  }
}
