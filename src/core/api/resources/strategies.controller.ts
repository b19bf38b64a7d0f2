import { Controller, Get, Query } from '@nestjs/common';
import { z } from 'zod';
import { analyzerSubject, Spending, type Spent, strategySubject } from '../../persistence/places/spending.js';
import { StrategyReads, type WorkerReport } from '../../persistence/read/strategy-reads.js';
import type { Budget } from '../../plugin-api/index.js';
import { PluginRegistry, type RegisteredStrategy } from '../../plugin-host/plugin-registry.js';
import { Operation } from '../openapi/operation.js';
import { shadowQuery, shadowWire, strategyWire, type ShadowQuery, type ShadowWire, type StrategyWire } from '../../wire/strategies.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';

const NO_RUNS: StrategyWire['lastHour'] = { runs: 0, failed: 0, moved: 0, wallMsP50: null, wallMsP95: null, cost: 0 };
const budgetReport = z.object({ perDay: z.number().optional(), perMonth: z.number().optional() });
/** What a worker tells; it may be of another version. */
const workerReport = z.looseObject({
  status: z.enum(['up', 'degraded', 'down']).catch('down'),
  detail: z.string().optional().catch(undefined),
  breaker: z.enum(['closed', 'open', 'half-open']).catch('closed'),
  restsUntil: z.iso.datetime().nullable().catch(null),
  failuresInRow: z.number().int().nonnegative().catch(0),
  msPerMediaSecond: z.record(z.string(), z.number()).catch({}),
  budget: budgetReport.optional().catch(undefined),
});

/** Where work runs: how the strategies are, what they take and cost, and how those in the shadow compare. */
@Controller('api/strategies')
export class StrategiesController {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly reads: StrategyReads,
    private readonly spending: Spending,
  ) {}

  @Get()
  @Operation({
    id: 'listStrategies',
    tag: 'system',
    summary: 'Execution strategies: how they are, what they take, what they cost',
    response: pageOf(strategyWire),
  })
  async list(): Promise<Page<StrategyWire>> {
    const [workers, lastHour, spent] = await Promise.all([this.reads.workers(), this.reads.lastHour(), this.spending.spent()]);
    const items = this.registry.strategies.map((strategy) =>
      this.wire(strategy, workers, lastHour.get(strategy.definition.id) ?? NO_RUNS, spent),
    );
    return { items, next: null };
  }

  @Get('shadow')
  @Operation({
    id: 'listShadows',
    tag: 'system',
    summary: 'How strategies in the shadow compare: agreement, latency, cost',
    response: pageOf(shadowWire),
  })
  async shadows(@Query({ schema: shadowQuery }) query: ShadowQuery): Promise<Page<ShadowWire>> {
    return { items: await this.reads.shadows(query.window), next: null };
  }

  private wire(
    { pluginId, definition }: RegisteredStrategy,
    workers: readonly WorkerReport[],
    lastHour: StrategyWire['lastHour'],
    spent: readonly Spent[],
  ): StrategyWire {
    const reports = workers.flatMap(({ instanceId, host, strategies }) => {
      const parsed = workerReport.safeParse(strategies[definition.id]);
      return parsed.success ? [{ instanceId, host, ...parsed.data }] : [];
    });
    const spentBy = (subject: string): StrategyWire['spent'] => {
      const { today = 0, thisMonth = 0 } = spent.find((one) => one.subject === subject) ?? {};
      return { today, thisMonth };
    };
    const solves = definition.solves === undefined ? null : [...definition.solves];
    return {
      id: definition.id,
      title: definition.title,
      pluginId,
      reach: definition.reach ?? 'worker',
      carriesState: definition.state !== 'none',
      solves,
      tasks: solves,
      analyzers: this.registry.analyzers.flatMap((analyzer) => {
        const { prefer, deadline, budget } = analyzer.placement.execution;
        const rank = prefer.indexOf(definition.id) + 1;
        if (rank === 0) return [];
        return [
          {
            id: analyzer.definition.id,
            rank,
            of: prefer.length,
            deadlineMs: deadline ?? null,
            budget: budgetWire(budget),
            spent: spentBy(analyzerSubject(analyzer.definition.id)),
          },
        ];
      }),
      budget: budgetWire(reports.find(({ budget }) => budget !== undefined)?.budget),
      spent: spentBy(strategySubject(definition.id)),
      workers: reports.map(workerWire),
      lastHour,
    };
  }
}

type SeenByWorker = Pick<WorkerReport, 'instanceId' | 'host'> & z.output<typeof workerReport>;
const workerWire = ({ instanceId, host, budget: _, status, detail, ...seen }: SeenByWorker): StrategyWire['workers'][number] => {
  const { breaker, restsUntil, failuresInRow, msPerMediaSecond, ...report } = seen;
  return { instanceId, host, status, detail: detail ?? null, breaker, restsUntil, failuresInRow, msPerMediaSecond, report };
};

const budgetWire = (budget: Budget | undefined): StrategyWire['budget'] =>
  budget === undefined ? null : { perDay: budget.perDay ?? null, perMonth: budget.perMonth ?? null };
