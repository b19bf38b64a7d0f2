import type { VedetteConfig } from '../../config/schema.js';
import type { PluginRegistry, RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { matchesGlob } from '../../plugin-host/glob.js';
import { withoutMark } from '../../plugin-host/watched-streams.js';
import { closest } from '../../plugin-api/index.js';

interface Configured {
  readonly registry: Pick<PluginRegistry, 'analyzers' | 'queues'>;
  readonly config: Pick<VedetteConfig, 'queues'>;
}

/**
 * What the config names and is not there, in words.
 * @param names of streams that whoever reads it may know
 */
export const unmatchedConfig = (
  { registry, config }: Configured,
  streams: readonly { readonly name: string }[],
  names: readonly string[],
): string[] => [
  ...unmatchedPatterns(registry.analyzers, streams, names),
  ...unknownQueues(Object.keys(config.queues.concurrency), registry.queues),
];

/**
 * Which patterns of `streams` in the config match no stream: an analyzer that is placed by a misspelt name does nothing, and nobody
 * would know why. Said in words, with the nearest name; nothing while there are no streams yet.
 * @param names of streams that whoever reads it may know
 */
export function unmatchedPatterns(
  analyzers: readonly Pick<RegisteredAnalyzer, 'definition' | 'placement'>[],
  streams: readonly { readonly name: string }[],
  names: readonly string[],
): string[] {
  if (streams.length === 0) return [];
  const isMatched = (pattern: string): boolean => streams.some(({ name }) => matchesGlob(pattern, name));
  return analyzers.flatMap(({ definition, placement }) =>
    (placement.streams ?? [])
      .filter((pattern) => !isMatched(withoutMark(pattern)))
      .map((pattern) => {
        const name = withoutMark(pattern);
        const near = closest(name, names);
        const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
        return `No stream matches ${JSON.stringify(name)}, which ${definition.id} is ${name === pattern ? '' : 'not '}to run on${hint}`;
      }),
  );
}

/** Which queues the config names under `queues.concurrency` that no plugin has. */
export function unknownQueues(named: readonly string[], queues: readonly string[]): string[] {
  return named
    .filter((queue) => !queues.includes(queue))
    .map((queue) => {
      const near = closest(queue, queues);
      return `queues.concurrency names ${JSON.stringify(queue)}, which no plugin has${near === undefined ? '' : `; did you mean ${near}?`}`;
    });
}
