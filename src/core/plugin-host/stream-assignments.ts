import { Inject, Injectable } from '@nestjs/common';
import { PluginRegistry } from './plugin-registry.js';
import { watchesStream } from './watched-streams.js';

/** One analyzer that looks at a stream, as the run of each of its segments records it. */
export interface StreamAssignment {
  readonly queue: string;
  readonly analyzerId: string;
  readonly analyzerVersion: string;
  readonly configHash: string;
}

/** Which analyzers look at which stream: those whose `streams` patterns match its name. */
@Injectable()
export class StreamAssignments {
  constructor(@Inject(PluginRegistry) private readonly registry: Pick<PluginRegistry, 'analyzers'>) {}

  analyzersFor(stream: { readonly id: string; readonly name: string }): StreamAssignment[] {
    return this.registry.analyzers
      .filter((analyzer) => watchesStream(analyzer, stream.name))
      .map(({ definition, configHash }) => ({
        queue: definition.queue,
        analyzerId: definition.id,
        analyzerVersion: definition.version,
        configHash,
      }));
  }
}
