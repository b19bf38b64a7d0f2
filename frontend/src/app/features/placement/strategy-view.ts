import type { StrategyWire } from '../../api/models';
import { spendingLines, type SpendingLine } from './spending-text';
import { healthOf, type StrategyHealth } from './strategy-health';
import type { Words } from './words';

export interface StrategyView {
  readonly id: string;
  readonly title: string;
  readonly reach: StrategyWire['reach'];
  readonly reachWord: string;
  readonly reachSays: string;
  readonly health: StrategyHealth;
  readonly hour: readonly { readonly name: string; readonly text: string; readonly bad?: boolean; readonly says?: string }[];
  readonly idle: boolean;
  readonly spending: readonly SpendingLine[];
  readonly notes: readonly string[];
}

export function strategyView(strategy: StrategyWire, words: Words): StrategyView {
  const { t, as } = words;
  const { id, title, reach, lastHour, spent, budget, solves, carriesState } = strategy;
  const { runs, failed, moved, wallMsP50, wallMsP95, cost } = lastHour;
  const took = (ms: number | null): string => (ms === null ? t('hour.unmeasured') : as.duration(ms));
  return {
    id,
    title,
    reach,
    reachWord: t(`reach.${reach}.word`),
    reachSays: t(`reach.${reach}.says`),
    health: healthOf(strategy, words),
    idle: runs === 0,
    hour: [
      { name: t('hour.runs'), text: as.number(runs) },
      {
        name: t('hour.failed'),
        text: failed === 0 ? as.number(0) : t('hour.failedShare', { count: as.number(failed), share: as.share(failed / runs) }),
        bad: failed > 0,
      },
      { name: t('hour.moved'), text: as.number(moved), says: t('hour.movedSays') },
      { name: t('hour.typical'), text: took(wallMsP50) },
      { name: t('hour.slow'), text: took(wallMsP95) },
      ...(cost > 0 ? [{ name: t('hour.cost'), text: as.money(cost) }] : []),
    ],
    spending: spendingLines(spent, budget, words),
    notes: [...(solves === null ? [] : [t('notes.solves', { what: solves.join(', ') })]), ...(carriesState ? [] : [t('notes.stateless')])],
  };
}
