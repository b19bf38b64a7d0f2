import type { CapacityWire, QueueWire } from '../../api/models';
import { humanName } from '../../core/format';
import { toneOfShare, type Tone } from './tone';
import type { Words } from './words';

const TONES: Readonly<Record<CapacityWire['verdict'], Tone>> = { fits: 'good', tight: 'warn', 'does-not-fit': 'bad', unknown: 'unknown' };
/** Behind by more than this a queue no longer keeps up with live streams. */
const LATE_MS = 10_000;

export const verdictTone = ({ verdict }: CapacityWire): Tone => TONES[verdict];

/** The whole answer in one sentence. */
export function verdictText({ verdict, countedStreams, spareStreams }: CapacityWire, { t }: Words): string {
  const work = countedStreams === 0 ? t('capacity.work.none') : t.count('capacity.work.streams', countedStreams);
  switch (verdict) {
    case 'fits':
      if (countedStreams === 0) return spareStreams === null ? t('capacity.idle') : t.count('capacity.idleRoom', spareStreams);
      if (spareStreams === null) return t('capacity.fits', { work });
      return spareStreams === 0 ? t('capacity.fitsFull', { work }) : t.count('capacity.fitsRoom', spareStreams, { work });
    case 'tight':
      return t('capacity.tight', { work });
    case 'does-not-fit':
      return t('capacity.doesNotFit', { work });
    case 'unknown':
      return t('capacity.unknown');
  }
}

/** What the sentence rests on. */
export function basisText({ demandCores, supplyCores, usedCores, question, evidenceAgrees }: CapacityWire, { t, as }: Words): string {
  const basis = t('capacity.basis', {
    asked: cores(demandCores, as),
    there: cores(supplyCores, as),
    used: cores(usedCores, as),
    time: as.duration(question.windowMs),
  });
  return evidenceAgrees === null ? basis : `${basis} ${t(evidenceAgrees ? 'capacity.agrees' : 'capacity.disagrees')}`;
}

const cores = (value: number, as: Words['as']): string => as.number(value, value >= 10 ? 0 : 1);

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
export function queueRows(capacity: CapacityWire | null, now: readonly QueueWire[], words: Words): QueueRow[] {
  const { t, as } = words;
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
      used: share === null ? t(isAsked ? 'queue.nobody' : 'queue.unmeasured') : t('queue.used', { share: as.share(share) }),
      detail:
        measured === undefined
          ? ''
          : t.count('queue.hosts', measured.hosts, { asked: cores(measured.demandCores, as), there: cores(measured.supplyCores, as) }),
      ...lagOf(live, measured, words),
      troubles: troublesOf(measured, words),
    };
  });
}

type Measured = CapacityWire['queues'][number];

function lagOf(live: QueueWire | undefined, measured: Measured | undefined, { t, as }: Words): Pick<QueueRow, 'lag' | 'late'> {
  const usual = measured?.observed.p95LagMs ?? null;
  const parts = [
    ...(live === undefined ? [] : [live.lagMs > 0 ? behindText(live) : t('queue.caughtUp')]),
    ...(usual === null ? [] : [t('queue.usual', { time: as.duration(usual) })]),
  ];
  return { lag: parts.join('; '), late: (live?.lagMs ?? 0) > LATE_MS };

  function behindText({ lagMs, runsQueued }: QueueWire): string {
    const time = as.duration(lagMs);
    return runsQueued === 0 ? t('queue.behind', { time }) : t('queue.behindWaiting', { time, waiting: as.number(runsQueued) });
  }
}

function troublesOf(measured: Measured | undefined, { t }: Words): string[] {
  const { overloadSkips = 0, failedRuns = 0 } = measured?.observed ?? {};
  return [
    ...(overloadSkips > 0 ? [t.count('queue.skipped', overloadSkips)] : []),
    ...(failedRuns > 0 ? [t.count('queue.failed', failedRuns)] : []),
  ];
}

type Cheapest = NonNullable<CapacityWire['cheapest']>;

export function afterText({ utilisationAfter, fits }: Cheapest, { t, as }: Words): string {
  if (utilisationAfter === null) return t(fits ? 'change.thenFits' : 'change.stillNot');
  return t(fits ? 'change.thenFitsUsed' : 'change.stillNotUsed', { share: as.share(utilisationAfter) });
}
