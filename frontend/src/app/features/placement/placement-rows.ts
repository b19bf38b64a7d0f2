import type { CapacityWire, StrategyWire } from '../../api/models';
import { briefDuration, counted, money, percent } from '../../core/format';
import { groupedBy } from '../../core/grouped-by';
import { spendingLines, type SpendingLine } from './spending-text';
import { healthOf, paceOf } from './strategy-health';
import type { Tone } from './tone';

export interface PlaceView {
  readonly id: string;
  readonly rank: number;
  readonly tone: Tone;
  readonly word: string;
  /** What a second of media takes there. */
  readonly pace: string;
}

/** Where an analyzer may run, best first, how soon it must be done and what it takes. */
export interface PlacementRow {
  readonly id: string;
  readonly title: string;
  readonly places: readonly PlaceView[];
  readonly deadline: string;
  readonly takes: readonly string[];
  readonly spending: readonly SpendingLine[];
}

export function placementRows(
  strategies: readonly StrategyWire[],
  capacity: CapacityWire | null,
  titles: ReadonlyMap<string, string>,
): PlacementRow[] {
  const allowed = strategies.flatMap((strategy) => strategy.analyzers.map((analyzer) => ({ strategy, analyzer })));
  return [...groupedBy(allowed, ({ analyzer }) => analyzer.id)]
    .map(([id, places]): PlacementRow => {
      const { deadlineMs, spent, budget } = places[0]!.analyzer;
      return {
        id,
        title: titles.get(id) ?? id,
        places: places
          .sort((a, b) => a.analyzer.rank - b.analyzer.rank)
          .map(({ strategy, analyzer }) => placeView(strategy, id, analyzer.rank)),
        deadline: deadlineMs === null ? 'no deadline' : `done within ${briefDuration(deadlineMs).replace('.0 s', ' s')}`,
        takes: takesOf(capacity?.analyzers.find(({ analyzerId }) => analyzerId === id)),
        spending: spendingLines(spent, budget),
      };
    })
    .sort((a, b) => a.title.localeCompare(b.title));
}

function placeView(strategy: StrategyWire, analyzerId: string, rank: number): PlaceView {
  const { tone, word } = healthOf(strategy);
  const pace = paceOf(strategy, analyzerId);
  return { id: strategy.id, rank, tone, word, pace: pace === null ? 'not measured' : `${briefDuration(pace)} per second of media` };
}

function takesOf(cost: CapacityWire['analyzers'][number] | undefined): string[] {
  if (cost === undefined) return [];
  const { cpuSecondsPerStreamMinute: cpu, share, moneyPerDay, streams } = cost;
  return [
    ...(cpu === null ? [] : [`${cpu.toFixed(1)} s of CPU per stream minute`]),
    ...(share === null ? [] : [`${percent(share)} of all work, on ${counted(streams, 'stream')}`]),
    ...(moneyPerDay === null || moneyPerDay === 0 ? [] : [`about ${money(moneyPerDay)} a day`]),
  ];
}
