import { Injectable } from '@nestjs/common';
import { queueError } from '../../errors/queue.errors.js';
import {
  type AnalysisJob,
  type Budget,
  CircuitBreaker,
  errorText,
  type ExecutionStrategy,
  type ExecutionStrategyDefinition,
  type JsonObject,
  type Quote,
  type Reach,
  type StrategyHealth,
} from '../../plugin-api/index.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';

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
@Injectable()
export class StrategyDirectory {
  private places: ReadonlyMap<string, StrategyPlace> = new Map();

  constructor(private readonly registry: PluginRegistry) {}

  /** Makes the instances: before it there are none. */
  async open(): Promise<void> {
    const { registry } = this;
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
    this.places = new Map(places.map((place) => [place.id, place]));
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

function placeFor({ id, reach = 'worker', solves }: ExecutionStrategyDefinition, strategy: ExecutionStrategy): StrategyPlace {
  return { id, reach, standsIn: solves !== undefined, budget: strategy.budget, strategy, breaker: new CircuitBreaker() };
}

/** What a strategy says of itself now; one that cannot say is down. */
export async function healthOf({ strategy }: StrategyPlace): Promise<StrategyHealth> {
  try {
    const health: unknown = await strategy.health();
    return isHealth(health) ? health : { status: 'down', detail: 'it does not say how it is' };
  } catch (error) {
    return { status: 'down', detail: errorText(error) };
  }
}

/**
 * What a job would take there; nothing where the strategy gives no quotes.
 * @throws whatever it throws; VD_PIPELINE_STRATEGY_FAILED for figures that are none
 */
export async function quoteOf({ id, strategy }: Pick<StrategyPlace, 'id' | 'strategy'>, job: AnalysisJob): Promise<Quote> {
  const quote = (await strategy.quote?.(job)) ?? { startDelayMs: 0, costPerJob: 0 };
  if ([quote.startDelayMs, quote.costPerJob, quote.runMs ?? 0].every((figure) => typeof figure === 'number' && figure >= 0)) return quote;
  throw queueError('VD_PIPELINE_STRATEGY_FAILED', `Strategy ${id} quotes ${JSON.stringify(quote)}`);
}

/**
 * Has a strategy drop what it keeps of runs that were not committed. What it throws changes nothing: it keeps them, and the ledger
 * knows better.
 */
export function discardQuietly({ strategy }: StrategyPlace, job: AnalysisJob): void {
  try {
    strategy.discard?.(job);
  } catch {
    // Its state is held against the checkpoint before it is used again.
  }
}

function isHealth(health: unknown): health is StrategyHealth {
  const status = (health as Partial<StrategyHealth> | null | undefined)?.status;
  return status === 'up' || status === 'degraded' || status === 'down';
}

/** A strategy as one worker sees it, for a person: JSON. */
export async function reportOf(place: StrategyPlace): Promise<JsonObject> {
  const { status, detail } = await healthOf(place);
  return {
    ...ownReport(place),
    status,
    ...(detail === undefined ? {} : { detail }),
    ...breakerReport(place.breaker),
    ...(place.budget === undefined ? {} : { budget: { ...place.budget } }),
  };
}

function breakerReport({ state, restsForMs, failuresInRow }: CircuitBreaker): JsonObject {
  if (state !== 'open') return { breaker: state };
  return { breaker: state, restsUntil: new Date(Date.now() + restsForMs).toISOString(), failuresInRow };
}

function ownReport({ strategy }: StrategyPlace): JsonObject {
  try {
    return strategy.report?.() ?? {};
  } catch (error) {
    return { error: errorText(error) };
  }
}
