import type { StrategyWire } from '../../api/models';
import { briefDuration, money, percent } from '../../core/format';
import { spendingLines, type SpendingLine } from './spending-text';
import { healthOf, type StrategyHealth } from './strategy-health';

const REACH = {
  worker: { word: 'worker', says: 'Media stays in the worker' },
  lan: { word: 'LAN', says: 'Media goes to machines of your own network' },
  cloud: { word: 'cloud', says: 'Sampled frames go to a third party; never those of private streams' },
} as const;

export interface StrategyView {
  readonly id: string;
  readonly title: string;
  readonly reach: string;
  readonly reachSays: string;
  readonly health: StrategyHealth;
  readonly hour: readonly { readonly name: string; readonly text: string; readonly bad: boolean }[];
  readonly idle: boolean;
  readonly spending: readonly SpendingLine[];
  readonly notes: readonly string[];
}

export function strategyView(strategy: StrategyWire): StrategyView {
  const { id, title, reach, lastHour, spent, budget, solves, carriesState } = strategy;
  const { runs, failed, moved, wallMsP50, wallMsP95, cost } = lastHour;
  const took = (ms: number | null): string => (ms === null ? 'not measured' : briefDuration(ms));
  return {
    id,
    title,
    reach: REACH[reach].word,
    reachSays: REACH[reach].says,
    health: healthOf(strategy),
    idle: runs === 0,
    hour: [
      { name: 'runs', text: String(runs), bad: false },
      { name: 'failed', text: failed === 0 ? '0' : `${failed} (${percent(failed / runs)})`, bad: failed > 0 },
      { name: 'moved here', text: String(moved), bad: false },
      { name: 'half within', text: took(wallMsP50), bad: false },
      { name: '95 % within', text: took(wallMsP95), bad: false },
      ...(cost > 0 ? [{ name: 'cost', text: money(cost), bad: false }] : []),
    ],
    spending: spendingLines(spent, budget),
    notes: [
      ...(solves === null ? [] : [`stands in for ${solves.join(', ')}`]),
      ...(carriesState ? [] : ['keeps no state between segments']),
    ],
  };
}
