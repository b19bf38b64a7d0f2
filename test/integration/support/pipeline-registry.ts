import { type VedetteConfigInput, vedetteConfigSchema } from '../../../src/core/config/schema.js';
import {
  type AnalyzerInput,
  defineAnalyzer,
  defineSource,
  type ExecutionStrategy,
  type Reach,
  type TrackingSpec,
  z,
} from '../../../src/core/plugin-api/index.js';
import type { StreamAssignment } from '../../../src/core/plugin-host/stream-assignments.js';
import { FakePluginRegistry, strategyOf } from '../../support/fakes/fake-plugin-registry.js';
import type { FakeStrategy } from '../../support/fakes/fake-strategy.js';

/** An analyzer that exists in name only: a strategy of the test does its work. */
export interface NamedAnalyzer {
  readonly id: string;
  readonly queue: string;
  readonly configHash?: string;
  readonly tracking?: TrackingSpec;
  /** Default `stream`. */
  readonly state?: 'none' | 'stream';
}

/** A source whose media is past when it comes. */
export const FILES = defineSource({
  id: 'test.files',
  version: '1.0.0',
  title: 'Files',
  kind: 'stream',
  pace: 'file',
  config: z.object({}),
  create: () => Promise.reject(new Error('Nothing is brought in here')),
});

const COUNTER: NamedAnalyzer = { id: 'test.counter', queue: 'default' };
const INPUT: AnalyzerInput = { sampling: { all: true }, frame: { widthPx: 8, heightPx: 8, fit: 'stretch', format: 'gray8' } };

/** Where analyzers run, as in config, and what is there besides `fake`. */
export interface Places {
  readonly execution: AnalyzerPlacementInput['execution'];
  readonly others: Readonly<Record<string, { readonly strategy: FakeStrategy; readonly reach?: Reach }>>;
}
type AnalyzerPlacementInput = NonNullable<NonNullable<NonNullable<VedetteConfigInput['plugins']>[number]['analyzers']>[string]>;

/** @param strategy what `fake` is; absent: this role runs nothing */
export function pipelineRegistry(
  strategy?: ExecutionStrategy,
  analyzers: readonly NamedAnalyzer[] = [COUNTER],
  { execution, others }: Places = { execution: { prefer: ['fake'] }, others: {} },
): FakePluginRegistry {
  const [plugin] = vedetteConfigSchema.parse({ plugins: [{ use: 'x', analyzers: { a: { execution } } }] }).plugins;
  const placement = plugin!.analyzers['a']!;
  const create = (): never => {
    throw new Error('Analyzers run in the strategy');
  };
  return new FakePluginRegistry({
    sources: [{ pluginId: 'test', definition: FILES, config: {} }],
    analyzers: analyzers.map(({ id, queue, configHash = 'hash', tracking, state = 'stream' }) => ({
      pluginId: 'test',
      definition: defineAnalyzer({
        id,
        version: '1.0.0',
        title: id,
        queue,
        solves: ['test'],
        config: z.object({}),
        state,
        input: INPUT,
        create,
      }),
      ...(tracking === undefined ? {} : { tracking }),
      ...{ placement, config: {}, configHash, input: INPUT },
    })),
    strategies: [
      strategyOf({ id: 'fake', reach: 'worker' }, strategy ?? (() => Promise.reject(new Error('This role has no strategy')))),
      ...Object.entries(others).map(([id, other]) => strategyOf({ id, ...(other.reach && { reach: other.reach }) }, other.strategy)),
    ],
  });
}

/** What ingest would assign to a stream that all of them watch. */
export const assignmentsOf = (analyzers: readonly NamedAnalyzer[] = [COUNTER]): StreamAssignment[] =>
  analyzers.map(({ id, queue, configHash = 'hash' }) => ({ queue, analyzerId: id, analyzerVersion: '1.0.0', configHash }));
