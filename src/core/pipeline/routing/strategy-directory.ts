import {
  type Budget,
  CircuitBreaker,
  type ExecutionStrategy,
  type ExecutionStrategyDefinition,
  type JsonObject,
  type Reach,
  type StrategyHealth,
} from '../../plugin-api/index.js';
import type { PluginRegistry } from '../../plugin-host/plugin-registry.js';

/** A strategy of this worker, as work is routed to it. */
export interface StrategyPlace {
  readonly id: string;
  readonly reach: Reach;
  /** It does the analyzer's task in its own way, and runs none of its code. */
  readonly standsIn: boolean;
  readonly budget: Budget | undefined;
  readonly strategy: ExecutionStrategy;
  readonly breaker: CircuitBreaker;
}

/** The strategies this worker has instances of: those that an enabled analyzer prefers, or tries in the shadow. */
export class StrategyDirectory {
  private constructor(private readonly places: ReadonlyMap<string, StrategyPlace>) {}

  static async open(registry: PluginRegistry): Promise<StrategyDirectory> {
    const wanted = new Set(
      registry.analyzers.flatMap(({ placement: { execution } }) => [
        ...execution.prefer,
        ...(execution.shadow === undefined ? [] : [execution.shadow.strategy]),
      ]),
    );
    const definitions = registry.strategies.map(({ definition }) => definition).filter(({ id }) => wanted.has(id));
    const places = await Promise.all(
      definitions.map(async (definition) => placeFor(definition, await registry.createStrategy(definition.id))),
    );
    return new StrategyDirectory(new Map(places.map((place) => [place.id, place])));
  }

  get(id: string): StrategyPlace | undefined {
    return this.places.get(id);
  }

  get all(): readonly StrategyPlace[] {
    return [...this.places.values()];
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.all.map(({ strategy }) => strategy.close?.()));
  }
}

function placeFor({ id, reach = 'worker', tasks }: ExecutionStrategyDefinition, strategy: ExecutionStrategy): StrategyPlace {
  return { id, reach, standsIn: tasks !== undefined, budget: strategy.budget, strategy, breaker: new CircuitBreaker() };
}

/** What a strategy says of itself now; one that cannot say is down. */
export async function healthOf({ strategy }: StrategyPlace): Promise<StrategyHealth> {
  try {
    return await strategy.health();
  } catch (error) {
    return { status: 'down', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** A strategy as one worker sees it, for a person: JSON. */
export async function reportOf(place: StrategyPlace): Promise<JsonObject> {
  const { status, detail } = await healthOf(place);
  return {
    ...ownReport(place),
    status,
    ...(detail === undefined ? {} : { detail }),
    breaker: place.breaker.state,
    ...(place.budget === undefined ? {} : { budget: { ...place.budget } }),
  };
}

function ownReport({ strategy }: StrategyPlace): JsonObject {
  try {
    return strategy.report?.() ?? {};
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
