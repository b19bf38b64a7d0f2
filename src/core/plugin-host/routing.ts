import { Inject, Injectable } from '@nestjs/common';
import { Routing, type RunRoute } from '../persistence/ledger/ingest-ledger.js';
import { matchesGlob } from './glob.js';
import { PluginRegistry } from './plugin-registry.js';

/** Routes by the `streams` patterns of each enabled analyzer's config. */
@Injectable()
export class ConfiguredRouting extends Routing {
  constructor(@Inject(PluginRegistry) private readonly registry: PluginRegistry) {
    super();
  }

  override routesFor(stream: { id: string; name: string }): RunRoute[] {
    return this.registry.analyzers
      .filter(({ placement }) => placement.streams.some((pattern) => matchesGlob(pattern, stream.name)))
      .map(({ definition, configHash }) => ({
        queue: definition.queue,
        analyzerId: definition.id,
        analyzerVersion: definition.version,
        configHash,
      }));
  }
}
