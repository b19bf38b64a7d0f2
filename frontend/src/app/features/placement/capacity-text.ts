import type { CapacityWire, QueueWire } from '../../api/models';
import { briefDuration, counted, humanName, money, percent } from '../../core/format';
import { toneOfShare, type Tone } from './tone';

const TONES: Readonly<Record<CapacityWire['verdict'], Tone>> = { fits: 'good', tight: 'warn', 'does-not-fit': 'bad', unknown: 'unknown' };
/** Behind by more than this a queue no longer keeps up with live streams. */
const LATE_MS = 10_000;

export const verdictTone = ({ verdict }: CapacityWire): Tone => TONES[verdict];

/** The whole answer in one sentence. */
export function verdictText({ verdict, countedStreams, spareStreams }: CapacityWire): string {
  const work = countedStreams === 0 ? 'No stream is live' : `The work of ${counted(countedStreams, 'stream')}`;
  const spare =
    spareStreams === null
      ? ''
      : spareStreams === 0
        ? ', with no room for another stream'
        : `, with room for ${counted(spareStreams, 'more stream')} like the average one`;
  switch (verdict) {
    case 'fits':
      return countedStreams === 0
        ? `${work}; there is room${spareStreams === null ? '' : ` for ${counted(spareStreams, 'stream')} like those of before`}.`
        : `${work} fits${spare}.`;
    case 'tight':
      return `${work} fits, but barely: there is no room for a peak.`;
    case 'does-not-fit':
      return `${work} does not fit: it falls behind or segments are skipped.`;
    case 'unknown':
      return 'Whether the work fits is not known: too little is measured yet.';
  }
}

/** What the sentence rests on. */
export function basisText({ demandCores, supplyCores, usedCores, question, evidenceAgrees }: CapacityWire): string {
  const agreement =
    evidenceAgrees === null ? '' : evidenceAgrees ? ' Lag and skipped segments bear this out.' : ' Lag and skipped segments say otherwise.';
  return (
    `${cores(demandCores)} of ${cores(supplyCores)} cores asked for, ${cores(usedCores)} used on average ` +
    `over the last ${briefDuration(question.windowMs)}.${agreement}`
  );
}

export const cores = (value: number): string => value.toFixed(value >= 10 ? 0 : 1);

export interface QueueRow {
  readonly name: string;
  readonly title: string;
  /** Null: nothing is measured, or nobody takes it. */
  readonly share: number | null;
  readonly peak: number | null;
  readonly tone: Tone;
  readonly used: string;
  readonly detail: string;
  readonly lag: string;
  readonly late: boolean;
  readonly troubles: readonly string[];
}

/** Every queue, by its measurements and by what the feed reports now; either may be lacking. */
export function queueRows(capacity: CapacityWire | null, now: readonly QueueWire[]): QueueRow[] {
  const names = new Set([...(capacity?.queues ?? []).map(({ queue }) => queue), ...now.map(({ name }) => name)]);
  return [...names].map((name) => {
    const measured = capacity?.queues.find(({ queue }) => queue === name);
    const live = now.find((one) => one.name === name);
    const share = measured?.utilisation ?? null;
    const isAsked = measured !== undefined && measured.demandCores > 0;
    return {
      name,
      title: humanName(name),
      share,
      peak: measured?.gatesOpenUtilisation ?? null,
      tone: share === null ? (isAsked ? 'bad' : 'unknown') : toneOfShare(share),
      used: share === null ? (isAsked ? 'nobody takes it' : 'not measured') : `${percent(share)} used`,
      detail:
        measured === undefined
          ? ''
          : `${cores(measured.demandCores)} of ${cores(measured.supplyCores)} cores, ${counted(measured.hosts, 'analysis host')}`,
      ...lagOf(live, measured),
      troubles: troublesOf(measured, live),
    };
  });
}

type Measured = CapacityWire['queues'][number];

function lagOf(live: QueueWire | undefined, measured: Measured | undefined): Pick<QueueRow, 'lag' | 'late'> {
  const usual = measured?.observed.p95LagMs ?? null;
  const parts = [
    ...(live === undefined
      ? []
      : [
          live.lagMs > 0
            ? `${briefDuration(live.lagMs)} behind${live.runsQueued === 0 ? '' : `, ${live.runsQueued} waiting`}`
            : 'nothing waits',
        ]),
    ...(usual === null ? [] : [`95 % done within ${briefDuration(usual)}`]),
  ];
  return { lag: parts.join('; '), late: (live?.lagMs ?? 0) > LATE_MS };
}

function troublesOf(measured: Measured | undefined, live: QueueWire | undefined): string[] {
  const { overloadSkips = 0, failedRuns = 0 } = measured?.observed ?? {};
  const dead = live?.failed ?? 0;
  return [
    ...(overloadSkips > 0 ? [`${counted(overloadSkips, 'run')} skipped for overload`] : []),
    ...(failedRuns > 0 ? [`${counted(failedRuns, 'run')} failed`] : []),
    ...(dead > 0 ? [`${counted(dead, 'job')} given up`] : []),
  ];
}

type Cheapest = NonNullable<CapacityWire['cheapest']>;

export interface StepText {
  readonly title: string;
  readonly notes: readonly string[];
}

/** A step with what it loses, what it costs and how sure that is. */
export function stepText({ title, loses, moneyPerDay, priceNote, gain, gainNote }: Cheapest['steps'][number]): StepText {
  const price =
    moneyPerDay === null
      ? (priceNote ?? 'its price is not known')
      : moneyPerDay === 0
        ? 'costs nothing'
        : `${money(moneyPerDay)} a day${priceNote === null ? '' : ` (${priceNote})`}`;
  const certainty = { measured: 'by measurement', estimated: 'an estimate', unknown: 'its effect is not known' }[gain];
  return {
    title,
    notes: [loses === null ? 'nothing is lost' : `lost: ${loses}`, price, gainNote === null ? certainty : `${certainty}, ${gainNote}`],
  };
}

export function afterText({ utilisationAfter, fits }: Cheapest): string {
  const used = utilisationAfter === null ? '' : `: ${percent(utilisationAfter)} used`;
  return fits ? `Then it fits${used}.` : `It does not fit altogether even then${used}. Nothing else that is known helps more.`;
}
