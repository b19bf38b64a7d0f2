import type { CapacityWire, StrategyWire } from '../../api/models';
import { groupedBy } from '../../core/grouped-by';
import { spendingLines, type SpendingLine } from './spending-text';
import { healthOf, paceOf } from './strategy-health';
import type { Tone } from './tone';
import type { Words } from './words';

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
  words: Words,
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
          .map(({ strategy, analyzer }) => placeView(strategy, id, analyzer.rank, words)),
        deadline: deadlineText(deadlineMs, words),
        takes: takesOf(
          capacity?.analyzers.find(({ analyzerId }) => analyzerId === id),
          words,
        ),
        spending: spendingLines(spent, budget, words),
      };
    })
    .sort((a, b) => a.title.localeCompare(b.title));
}

/** A deadline is written in whole seconds mostly, and read so. */
function deadlineText(deadlineMs: number | null, { t, as }: Words): string {
  if (deadlineMs === null) return t('placement.noDeadline');
  const isWhole = deadlineMs % 1_000 === 0 && deadlineMs < 60_000;
  return t('placement.deadline', { time: isWhole ? `${as.number(deadlineMs / 1_000)} s` : as.duration(deadlineMs) });
}

function placeView(strategy: StrategyWire, analyzerId: string, rank: number, words: Words): PlaceView {
  const { t, as } = words;
  const { tone, word } = healthOf(strategy, words);
  const pace = paceOf(strategy, analyzerId);
  return {
    id: strategy.id,
    rank,
    tone,
    word,
    pace: pace === null ? t('placement.unpaced') : t('placement.pace', { time: as.duration(pace) }),
  };
}

function takesOf(cost: CapacityWire['analyzers'][number] | undefined, { t, as }: Words): string[] {
  if (cost === undefined) return [];
  const { cpuSecondsPerStreamMinute: cpu, share, moneyPerDay, streams } = cost;
  return [
    ...(cpu === null ? [] : [t('placement.cpu', { time: `${as.number(cpu, 1)} s` })]),
    ...(share === null ? [] : [t.count('placement.share', streams, { share: as.share(share) })]),
    ...(moneyPerDay === null || moneyPerDay === 0 ? [] : [t('placement.money', { amount: as.money(moneyPerDay) })]),
  ];
}
