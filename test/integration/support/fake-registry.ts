import { vedetteConfigSchema } from '../../../src/core/config/schema.js';
import type { RunRoute } from '../../../src/core/persistence/ledger/ingest-ledger.js';
import { PluginRegistry, type PluginStatus, type RegisteredAnalyzer, type RegisteredSource, type RegisteredStrategy } from '../../../src/core/plugin-host/plugin-registry.js';
import { type Analyzer, type TrackingSpec, defineAnalyzer, defineStrategy, type ExecutionStrategy, type SourceAdapter, z } from '../../../src/core/plugin-api/index.js';
import type { FakeStrategy } from './fake-strategy.js';

export interface FakeAnalyzer {
  readonly id: string;
  readonly queue: string;
  readonly configHash?: string;
  readonly tracking?: TrackingSpec;
}

const COUNTER: FakeAnalyzer = { id: 'test.counter', queue: 'default' };

/** A registry with analyzers that exist in name only and one strategy, `fake`. */
export class FakeRegistry extends PluginRegistry {
  override readonly plugins: readonly PluginStatus[] = [];
  override readonly sources: readonly RegisteredSource[] = [];
  override readonly analyzers: readonly RegisteredAnalyzer[];
  override readonly strategies: readonly RegisteredStrategy[];
  override readonly queues: readonly string[];

  constructor(
    private readonly strategy?: FakeStrategy,
    analyzers: readonly FakeAnalyzer[] = [COUNTER],
  ) {
    super();
    const placement = vedetteConfigSchema.parse({
      plugins: [{ use: 'x', analyzers: { a: { execution: { prefer: ['fake'] } } } }],
    }).plugins[0]?.analyzers['a'];
    if (placement === undefined) throw new Error('No placement');
    this.analyzers = analyzers.map(({ id, queue, configHash = 'hash', tracking }) => ({
      pluginId: 'test',
      definition: defineAnalyzer({
        id,
        version: '1.0.0',
        title: id,
        queue,
        tasks: ['test'],
        config: z.object({}),
        state: 'stream',
        ...(tracking === undefined ? {} : { tracking }),
        input: { sampling: { all: true }, frame: { widthPx: 8, heightPx: 8, fit: 'stretch', format: 'gray8' } },
        create: () => ({ process: () => undefined }),
      }),
      placement,
      config: {},
      configHash,
      input: { sampling: { all: true }, frame: { widthPx: 8, heightPx: 8, fit: 'stretch', format: 'gray8' } },
    }));
    this.strategies = [
      {
        pluginId: 'test',
        definition: defineStrategy({ id: 'fake', version: '1.0.0', title: 'Fake', config: z.object({}), create: () => this.mustHaveStrategy() }),
        config: {},
      },
    ];
    this.queues = [...new Set(['logo_detection', 'visual_analysis', 'default', ...analyzers.map(({ queue }) => queue)])];
  }

  /** Routes as ingest would get them. */
  static routes(analyzers: readonly FakeAnalyzer[] = [COUNTER]): RunRoute[] {
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
  override async createStrategy(): Promise<ExecutionStrategy> {
    return this.mustHaveStrategy();
  }

  private mustHaveStrategy(): FakeStrategy {
    if (this.strategy === undefined) throw new Error('This role has no strategy');
    return this.strategy;
  }
}
