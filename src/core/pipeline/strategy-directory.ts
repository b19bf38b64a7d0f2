import { queueError } from '../errors/queue.errors.js';
import type { AnalyzerTask, ExecutionStrategy, JsonObject } from '../plugin-api/index.js';
import type { PluginRegistry, RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';

export interface ChosenStrategy {
  readonly id: string;
  readonly strategy: ExecutionStrategy;
}

/** The strategies this worker has instances of, and which of them an analyzer goes to. */
export class StrategyDirectory {
  private constructor(private readonly strategies: ReadonlyMap<string, ExecutionStrategy>) {}

  /** Makes an instance of every strategy that an enabled analyzer prefers. */
  static async open(registry: PluginRegistry): Promise<StrategyDirectory> {
    const wanted = new Set(registry.analyzers.flatMap(({ placement }) => placement.execution.prefer));
    const ids = registry.strategies.map(({ definition }) => definition.id).filter((id) => wanted.has(id));
    return new StrategyDirectory(new Map(await Promise.all(ids.map(async (id) => [id, await registry.createStrategy(id)] as const))));
  }

  /**
   * The first in the analyzer's order of preference that supports the task and is not down; where all are down, the first that
   * supports it, whose error then says why.
   * @throws VD_PIPELINE_NO_STRATEGY
   */
  async choose(analyzer: RegisteredAnalyzer, task: AnalyzerTask): Promise<ChosenStrategy> {
    const { prefer } = analyzer.placement.execution;
    const able = prefer.flatMap((id) => {
      const strategy = this.strategies.get(id);
      return strategy?.supports(task) ? [{ id, strategy }] : [];
    });
    for (const candidate of able) {
      if ((await candidate.strategy.health()).status !== 'down') return candidate;
    }
    if (able[0] !== undefined) return able[0];
    throw queueError('VD_PIPELINE_NO_STRATEGY', `${analyzer.definition.id} prefers ${prefer.join(', ')}; none of them takes it`);
  }

  /** What strategies tell of the places they send work to. One that fails at it says so, and keeps no heartbeat from going out. */
  reports(): JsonObject {
    const told = [...this.strategies].flatMap(([id, strategy]): [string, JsonObject][] => {
      try {
        const report = strategy.report?.();
        return report === undefined ? [] : [[id, report]];
      } catch (error) {
        return [[id, { error: error instanceof Error ? error.message : String(error) }]];
      }
    });
    return Object.fromEntries(told);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.strategies.values()].map((strategy) => strategy.close?.()));
  }
}
