import type { StrategyWire } from '../../api/models';
import { counted } from '../../core/format';
import { groupedBy } from '../../core/grouped-by';
import type { Tone } from './tone';

type WorkerView = StrategyWire['workers'][number];

export interface StrategyHealth {
  readonly tone: Tone;
  readonly word: string;
  /** What stands in the way, each reason once, with the workers that see it where not all do. */
  readonly reasons: readonly string[];
  /** Null: nobody uses it. */
  readonly breaker: string | null;
  readonly breakerTone: Tone;
}

/** Of many workers each may give a reason of its own. */
const MOST_REASONS = 4;

/** Every worker sees a strategy with its own eyes: how they see it together. */
export function healthOf({ workers, analyzers }: Pick<StrategyWire, 'workers' | 'analyzers'>): StrategyHealth {
  if (workers.length === 0) {
    const [word, reason] =
      analyzers.length === 0 ? ['Not in use', 'No analyzer names it under prefer'] : ['Not known', 'No living worker reports it'];
    return { tone: 'unknown', word, reasons: [reason], breaker: null, breakerTone: 'unknown' };
  }
  const up = workers.filter(({ status }) => status === 'up').length;
  const down = workers.filter(({ status }) => status === 'down').length;
  const all = workers.length;
  const word = up === all ? 'Up' : down === all ? 'Down' : down === 0 ? 'Degraded' : `Down on ${down} of ${counted(all, 'worker')}`;
  return { tone: up === all ? 'good' : down === all ? 'bad' : 'warn', word, reasons: reasonsOf(workers), ...breakerOf(workers) };
}

function reasonsOf(workers: readonly WorkerView[]): string[] {
  // What is well is worth a line of one worker, not of many.
  const telling = workers.filter(({ detail, status }) => detail !== null && (status !== 'up' || workers.length === 1));
  const seenBy = [...groupedBy(telling, ({ detail }) => detail!)];
  const lines = seenBy
    .slice(0, MOST_REASONS)
    .map(([detail, by]) =>
      by.length === workers.length ? detail : `${detail} (seen on ${[...new Set(by.map(({ host }) => host))].join(', ')})`,
    );
  return seenBy.length <= MOST_REASONS ? lines : [...lines, `and ${counted(seenBy.length - MOST_REASONS, 'more reason')}`];
}

function breakerOf(workers: readonly WorkerView[]): Pick<StrategyHealth, 'breaker' | 'breakerTone'> {
  const open = workers.filter(({ breaker }) => breaker === 'open').length;
  const trying = workers.filter(({ breaker }) => breaker === 'half-open').length;
  const where = (count: number): string => (workers.length === 1 ? '' : ` on ${count} of ${counted(workers.length, 'worker')}`);
  if (open > 0) return { breaker: `open${where(open)}: rests after failures in a row`, breakerTone: 'bad' };
  if (trying > 0) return { breaker: `half open${where(trying)}: one job tries whether it is back`, breakerTone: 'warn' };
  return { breaker: 'closed', breakerTone: 'good' };
}

/** What a second of media takes there, by analyzer: the median of what the workers measured. */
export function paceOf({ workers }: Pick<StrategyWire, 'workers'>, analyzerId: string): number | null {
  const measured = workers.flatMap(({ msPerMediaSecond }) => msPerMediaSecond[analyzerId] ?? []).sort((a, b) => a - b);
  return measured[Math.floor((measured.length - 1) / 2)] ?? null;
}
