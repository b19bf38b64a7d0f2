import type { StreamAssignment } from '../../../src/core/plugin-host/stream-assignments.js';
import { type VedetteConfigInput, vedetteConfigSchema } from '../../../src/core/config/schema.js';

import {
  PluginRegistry,
  type PluginStatus,
  type RegisteredAnalyzer,
  type RegisteredSource,
  type RegisteredStrategy,
} from '../../../src/core/plugin-host/plugin-registry.js';
import {
  type Analyzer,
  type TrackingSpec,
  defineAnalyzer,
  defineStrategy,
  type ExecutionStrategy,
  type Reach,
  type SourceAdapter,
  z,
} from '../../../src/core/plugin-api/index.js';
import type { FakeStrategy } from './fake-strategy.js';

export interface FakeAnalyzer {
  readonly id: string;
  readonly queue: string;
  readonly configHash?: string;
  readonly tracking?: TrackingSpec;
  /** Default `stream`. */
  readonly state?: 'none' | 'stream';
}

const COUNTER: FakeAnalyzer = { id: 'test.counter', queue: 'default' };

/** Where its analyzers run, as in config, and what is there besides `fake`. */
export interface FakePlaces {
  readonly execution: AnalyzerPlacementInput['execution'];
  readonly others: Readonly<Record<string, { readonly strategy: FakeStrategy; readonly reach?: Reach }>>;
}
type AnalyzerPlacementInput = NonNullable<NonNullable<NonNullable<VedetteConfigInput['plugins']>[number]['analyzers']>[string]>;

/** A registry with analyzers that exist in name only and the strategy `fake`. */
export class FakeRegistry extends PluginRegistry {
  override readonly plugins: readonly PluginStatus[] = [];
  override readonly sources: readonly RegisteredSource[] = [];
  override readonly analyzers: readonly RegisteredAnalyzer[];
  override readonly strategies: readonly RegisteredStrategy[];
  override readonly queues: readonly string[];

  constructor(
    private readonly strategy?: ExecutionStrategy,
    analyzers: readonly FakeAnalyzer[] = [COUNTER],
    private readonly places: FakePlaces = { execution: { prefer: ['fake'] }, others: {} },
  ) {
    super();
    const placement = vedetteConfigSchema.parse({
      plugins: [{ use: 'x', analyzers: { a: { execution: places.execution } } }],
    }).plugins[0]?.analyzers['a'];
    if (placement === undefined) throw new Error('No placement');
    this.analyzers = analyzers.map(({ id, queue, configHash = 'hash', tracking, state = 'stream' }) => ({
      pluginId: 'test',
      definition: defineAnalyzer({
        id,
        version: '1.0.0',
        title: id,
        queue,
        tasks: ['test'],
        config: z.object({}),
        state,
        input: { sampling: { all: true }, frame: { widthPx: 8, heightPx: 8, fit: 'stretch', format: 'gray8' } },
        create: () => ({ process: () => undefined }),
      }),
      ...(tracking === undefined ? {} : { tracking }),
      placement,
      config: {},
      configHash,
      input: { sampling: { all: true }, frame: { widthPx: 8, heightPx: 8, fit: 'stretch', format: 'gray8' } },
    }));
    const reaches: Readonly<Record<string, Reach | undefined>> = {
      fake: 'worker',
      ...Object.fromEntries(Object.entries(places.others).map(([id, { reach }]) => [id, reach])),
    };
    this.strategies = Object.entries(reaches).map(([id, reach]) => ({
      pluginId: 'test',
      definition: defineStrategy({
        id,
        version: '1.0.0',
        title: id,
        ...(reach === undefined ? {} : { reach }),
        config: z.object({}),
        create: () => this.createStrategy(id),
      }),
      config: {},
    }));
    this.queues = [...new Set(['logo_detection', 'visual_analysis', 'default', ...analyzers.map(({ queue }) => queue)])];
  }

  /** Routes as ingest would get them. */
  static routes(analyzers: readonly FakeAnalyzer[] = [COUNTER]): StreamAssignment[] {
    return analyzers.map(({ id, queue, configHash = 'hash' }) => ({ queue, analyzerId: id, analyzerVersion: '1.0.0', configHash }));
  }

  override configureAnalyzer(analyzerId: string): Promise<RegisteredAnalyzer> {
    return Promise.reject(new Error(`no other config of ${analyzerId}`));
  }

  override createAnalyzer(): Promise<Analyzer> {
    return Promise.reject(new Error('Analyzers run in the strategy'));
  }
  override createSource(): Promise<SourceAdapter> {
    return Promise.reject(new Error('There are no sources'));
  }
  override async createStrategy(id: string): Promise<ExecutionStrategy> {
    const strategy = this.places.others[id]?.strategy ?? this.strategy;
    if (strategy === undefined) throw new Error('This role has no strategy');
    return strategy;
  }
}
