import type { BackfillDiffWire, BackfillQuoteWire, BackfillWire } from '../../core/wire/backfills.wire.js';

/** How far a backfill is, in a line. @example '0b5c…: analysing, 42 % (63 done, 2 failed, 85 to do)' */
export function backfillLine({ id, title, state, phase, progress, segments, outcome, errorCode, detail }: BackfillWire): string {
  const { queued, running, done, partial, skipped, failed } = segments;
  const counts = [
    [done + partial, 'done'],
    [skipped, 'skipped'],
    [failed, 'failed'],
    [queued + running, 'to do'],
  ] as const;
  const told = counts.filter(([count], i) => count > 0 || i === 0).map(([count, word]) => `${count} ${word}`);
  const at = state === 'running' ? `${phase}, ${Math.floor(progress * 100)} %` : state;
  const why = [errorCode, detail].filter((part) => part !== null).join(': ');
  return `${id}  ${title}: ${at} (${told.join(', ')})${outcome === null ? '' : `, ${outcome}`}${why === '' ? '' : `. ${why}`}`;
}

/** What there is to do, before anything is begun. */
export function quoteText({ segments, mediaSeconds, missing, analysed, cpuSeconds }: BackfillQuoteWire): string {
  const lines = [
    `${segments} segments to analyse, ${(mediaSeconds / 60).toFixed(1)} min of media`,
    ...(analysed === 0 ? [] : [`${analysed} segments were analysed before and are left out`]),
    ...(missing === 0 ? [] : [`${missing} segments of the range are not on disk any more`]),
    cpuSeconds === null ? 'What it costs is not known: this analyzer has run too little' : `About ${cpuSeconds.toFixed(0)} s of one core`,
  ];
  return lines.join('\n');
}

/** What was found beside what was known; `--csv` has the same as a table. */
export function diffText({ segments, detections, metrics, others, events }: BackfillDiffWire): string {
  const found = (name: string, matched: number, onlyOld: number, onlyNew: number): string =>
    `  ${name}: ${matched} in both, ${onlyOld} no more, ${onlyNew} new`;
  return [
    `${segments} segments compared`,
    ...detections.map(({ label, matched, onlyOld, onlyNew }) => found(label, matched, onlyOld, onlyNew)),
    found('events', events.matched.length, events.onlyOld.length, events.onlyNew.length),
    ...metrics.map(({ name, unit, oldMean, newMean }) => `  ${name}: ${number(oldMean)} before, ${number(newMean)} now ${unit}`.trimEnd()),
    ...others.map(({ type, oldCount, newCount }) => `  ${type}: ${oldCount} before, ${newCount} now`),
  ].join('\n');
}

const number = (value: number | null): string => (value === null ? 'none' : value.toPrecision(3));
