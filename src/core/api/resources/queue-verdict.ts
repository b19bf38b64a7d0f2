import type { QueuePause } from '../../persistence/ledger/queue-controls.js';
import { REPORT_WINDOW_MS, type QueueReport } from '../../persistence/ledger/queue-report-reads.js';
import type { QueueVerdict } from '../../wire/queues.wire.js';

/** What waits for longer is behind, as the health of streams has it. */
const BEHIND_MS = 30_000;
/** Of what ended, so much failed: then nothing else is worth saying. */
const FAILING_SHARE = 0.2;

/** What a queue is judged by. */
export interface JudgedQueue {
  readonly report: Pick<QueueReport, 'queue' | 'waiting' | 'running' | 'oldestMs' | 'arrived' | 'ended' | 'skips' | 'failures'>;
  readonly pause: Pick<QueuePause, 'by' | 'since'> | null;
  /** Living workers that take it. */
  readonly workers: number;
}

/** The worst of what can be said of a queue, and how a person says it. */
export function judgeQueue(judged: JudgedQueue): { readonly verdict: QueueVerdict; readonly sentence: string } {
  const verdict = verdictOf(judged);
  return { verdict, sentence: SENTENCES[verdict](judged) };
}

function verdictOf({ report, pause, workers }: JudgedQueue): QueueVerdict {
  const { waiting, running, oldestMs, ended } = report;
  if (pause !== null) return 'paused';
  if (workers === 0 && waiting + running > 0) return 'unattended';
  const analysed = ended.done + ended.partial + ended.failed;
  if (ended.failed > 0 && ended.failed >= analysed * FAILING_SHARE) return 'failing';
  if ((oldestMs ?? 0) > BEHIND_MS || overload(report) > 0) return 'behind';
  return waiting + running + analysed + ended.skipped === 0 ? 'idle' : 'well';
}

const SENTENCES: Readonly<Record<QueueVerdict, (judged: JudgedQueue) => string>> = {
  paused: ({ report: { queue, waiting }, pause }) =>
    `${queue} is paused by ${pause?.by} since ${pause?.since.toISOString()}: ${waitingRuns(waiting)}`,
  unattended: ({ report: { queue, waiting } }) => `No worker takes ${queue}: ${waitingRuns(waiting)}`,
  failing: ({ report: { queue, ended, failures } }) => {
    const [first] = failures;
    const most = first === undefined ? '' : `, most with ${first.code}`;
    return `${queue} fails: ${ended.failed} of ${counted(ended.done + ended.partial + ended.failed, 'run')} within ${minutes()}${most}`;
  },
  behind: ({ report }) => {
    const skipped = overload(report);
    const lost = skipped === 0 ? '' : `, and ${counted(skipped, 'run')} ${skipped === 1 ? 'was' : 'were'} skipped to keep up`;
    return (
      `${report.queue} is ${seconds(report.oldestMs ?? 0)} behind: ${rate(report.arrived)} runs come each second, ` +
      `${rate(endedRuns(report))} end${lost}`
    );
  },
  idle: ({ report: { queue } }) => `${queue} has nothing to do`,
  well: ({ report }) =>
    `${report.queue} keeps up: the oldest run waits ${seconds(report.oldestMs ?? 0)}, ${rate(endedRuns(report))} end each second`,
};

export const endedRuns = ({ ended }: Pick<QueueReport, 'ended'>): number => ended.done + ended.partial + ended.skipped + ended.failed;
export const perSecond = (runs: number): number => runs / (REPORT_WINDOW_MS / 1_000);

const overload = ({ skips }: Pick<QueueReport, 'skips'>): number => skips.find(({ reason }) => reason === 'overload')?.count ?? 0;
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const waitingRuns = (count: number): string => `${counted(count, 'run')} ${count === 1 ? 'waits' : 'wait'}`;
const rate = (runs: number): string => perSecond(runs).toFixed(1);
const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
const minutes = (): string => `${REPORT_WINDOW_MS / 60_000} minutes`;
