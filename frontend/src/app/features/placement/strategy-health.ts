import type { StrategyWire } from '../../api/models';
import { groupedBy } from '../../core/grouped-by';
import type { Tone } from './tone';
import type { Words } from './words';

type WorkerView = StrategyWire['workers'][number];

export interface StrategyHealth {
  readonly tone: Tone;
  readonly word: string;
  /** What stands in the way, each reason once, with the workers that see it where not all do. */
  readonly reasons: readonly string[];
  /** Null: work goes there as it comes. */
  readonly rest: string | null;
}

/** Of many workers each may give a reason of its own. */
const MOST_REASONS = 4;

/** Every worker sees a strategy with its own eyes: how they see it together. */
export function healthOf({ workers, analyzers }: Pick<StrategyWire, 'workers' | 'analyzers'>, words: Words): StrategyHealth {
  const { t } = words;
  if (workers.length === 0) {
    const state = analyzers.length === 0 ? 'unused' : 'unknown';
    return { tone: 'unknown', word: t(`health.${state}`), reasons: [t(`health.${state}Why`)], rest: null };
  }
  return { ...stateOf(workers, words), reasons: reasonsOf(workers, words), rest: restOf(workers, words) };
}

function stateOf(workers: readonly WorkerView[], { t }: Words): Pick<StrategyHealth, 'tone' | 'word'> {
  const all = workers.length;
  const down = workers.filter(({ status }) => status === 'down').length;
  if (down === all) return { tone: 'bad', word: t('health.down') };
  if (down > 0) return { tone: 'warn', word: t.count('health.downFor', all, { down }) };
  const resting = workers.filter(({ breaker }) => breaker === 'open').length;
  if (resting === all) return { tone: 'bad', word: t('health.resting') };
  if (resting > 0) return { tone: 'warn', word: t.count('health.restingFor', all, { resting }) };
  return workers.every(({ status }) => status === 'up')
    ? { tone: 'good', word: t('health.up') }
    : { tone: 'warn', word: t('health.degraded') };
}

function reasonsOf(workers: readonly WorkerView[], { t }: Words): string[] {
  // What is well is worth a line of one worker, not of many.
  const telling = workers.filter(({ detail, status }) => detail !== null && (status !== 'up' || workers.length === 1));
  const seenBy = [...groupedBy(telling, ({ detail }) => detail!)];
  const lines = seenBy
    .slice(0, MOST_REASONS)
    .map(([reason, by]) =>
      by.length === workers.length ? reason : t('health.seenOn', { reason, hosts: [...new Set(by.map(({ host }) => host))].join(', ') }),
    );
  return seenBy.length <= MOST_REASONS ? lines : [...lines, t.count('health.moreReasons', seenBy.length - MOST_REASONS)];
}

/** Of several workers that rest, what the one says that tries first. */
function restOf(workers: readonly WorkerView[], { t, as }: Words): string | null {
  const resting = workers.filter(({ breaker }) => breaker === 'open');
  const [first] = resting
    .flatMap(({ restsUntil, failuresInRow }) => (restsUntil === null ? [] : [{ untilMs: Date.parse(restsUntil), failuresInRow }]))
    .sort((a, b) => a.untilMs - b.untilMs);
  if (first !== undefined) return t.count('health.restsUntil', first.failuresInRow, { time: as.time(first.untilMs) });
  if (resting.length > 0) return t('health.rests');
  return workers.some(({ breaker }) => breaker === 'half-open') ? t('health.tries') : null;
}

/** What a second of media takes there, by analyzer: the median of what the workers measured. */
export function paceOf({ workers }: Pick<StrategyWire, 'workers'>, analyzerId: string): number | null {
  const measured = workers.flatMap(({ msPerMediaSecond }) => msPerMediaSecond[analyzerId] ?? []).sort((a, b) => a - b);
  return measured[Math.floor((measured.length - 1) / 2)] ?? null;
}
