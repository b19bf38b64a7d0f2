import type { CapacityWire } from '../../core/wire/capacity.wire.js';
import { textTable } from './text-table.js';

const LISTED_LANES = 5;
const LISTED_CHANGES = 12;
const HEADLINES: Readonly<Record<CapacityWire['verdict'], string>> = {
  fits: 'It fits',
  tight: 'It fits, but barely',
  'does-not-fit': 'It does not fit',
  unknown: 'Not known: too little is measured',
};

/** The answer for a person: the verdict first, then what it rests on, then what to do. */
export function capacityText(answer: CapacityWire): string {
  const sections = [
    headline(answer),
    queues(answer),
    analyzers(answer),
    lanes(answer),
    pools(answer),
    cheapest(answer),
    lossless(answer),
    changes(answer),
    storage(answer),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline(answer: CapacityWire): string[] {
  const {
    verdict,
    spareStreams,
    reasons,
    question,
    demandCores,
    gatesOpenDemandCores,
    supplyCores,
    usableShare,
    busyShare,
    shareIsMeasured,
    countedStreams,
    usedCores,
    evidenceAgrees,
  } = answer;
  const supposed = [
    question.moreStreams > 0 ? counted(question.moreStreams, 'more stream') : '',
    question.moreHosts > 0 ? counted(question.moreHosts, 'more analysis host') : '',
    question.analyzerId === null ? '' : `${question.analyzerId} on every stream`,
    question.allStreams ? 'every enabled stream live' : '',
  ].filter((text) => text !== '');
  const spare =
    verdict === 'fits' && spareStreams !== null ? `, with room for ${counted(spareStreams, 'more stream')} like the average one` : '';
  const agreement =
    evidenceAgrees === null ? '' : evidenceAgrees ? ' Lag and skipped segments bear this out.' : ' Lag and skipped segments say otherwise.';
  return [
    `${HEADLINES[verdict]}${spare}.${agreement}`,
    ...reasons.map(({ text }) => `  ${text}`),
    '',
    ...(supposed.length === 0 ? [] : [`Supposed: ${supposed.join(', ')}.`]),
    `Asked for: ${cores(demandCores)} cores by ${counted(countedStreams, 'stream')}, ${cores(gatesOpenDemandCores)} with every gate ` +
      `open. To give: ${cores(supplyCores)} cores.`,
    `Measured over ${Math.round(question.windowMs / 60_000)} min: ${cores(usedCores)} cores used on average; a busy host ` +
      `${shareIsMeasured ? `got ${percent(busyShare)} of a core` : 'counts as getting a core (too few jobs to tell)'}, ` +
      `analysis counts on ${percent(usableShare)}.`,
  ];
}

function queues({ queues: rows }: CapacityWire): string[] {
  if (rows.length === 0) return [];
  return textTable(
    [
      { title: 'Queue' },
      { title: 'cores', right: true },
      { title: 'of', right: true },
      { title: 'used', right: true },
      { title: 'gates open', right: true },
      { title: 'lag expected', right: true },
      { title: 'then', right: true },
      { title: 'lately', right: true },
      { title: 'overload', right: true },
      { title: 'failed', right: true },
    ],
    rows.map((one) => [
      one.queue,
      cores(one.demandCores),
      cores(one.supplyCores),
      percent(one.utilisation),
      percent(one.gatesOpenUtilisation),
      seconds(one.expectedLagMs),
      seconds(one.observed.earlierLagMs),
      seconds(one.observed.laterLagMs),
      String(one.observed.overloadSkips),
      String(one.observed.failedRuns),
    ]),
  );
}

function analyzers({ analyzers: rows }: CapacityWire): string[] {
  if (rows.length === 0) return [];
  return textTable(
    [
      { title: 'Analyzer' },
      { title: 'streams', right: true },
      { title: 'CPU s per stream minute', right: true },
      { title: 'gates open', right: true },
      { title: 'share', right: true },
      { title: 'gate closed', right: true },
      { title: 'money a day', right: true },
      { title: 'runs', right: true },
      { title: 'confidence' },
    ],
    rows.map((one) => [
      one.analyzerId,
      one.streamsUnknown === 0 ? String(one.streams) : `${one.streams} (${one.streamsUnknown} unknown)`,
      figure(one.cpuSecondsPerStreamMinute),
      figure(one.gatesOpenCpuSecondsPerStreamMinute),
      one.share === null ? '?' : percent(one.share),
      one.gateClosedShare === null ? '-' : percent(one.gateClosedShare),
      figure(one.moneyPerDay),
      String(one.samples),
      one.confidence,
    ]),
  );
}

function lanes({ lanes: rows }: CapacityWire): string[] {
  if (rows.length === 0) return [];
  return [
    'Heaviest queues of single streams (one host at a time: above 1.00 it falls behind)',
    ...textTable(
      [{ title: '  Stream' }, { title: 'queue' }, { title: 'load', right: true }, { title: 'gates open', right: true }],
      rows
        .slice(0, LISTED_LANES)
        .map(({ streamName, queue, load, gatesOpenLoad }) => [`  ${streamName}`, queue, figure(load), figure(gatesOpenLoad)]),
    ),
  ];
}

function pools({ pools: rows }: CapacityWire): string[] {
  if (rows.length === 0) return [];
  return textTable(
    [
      { title: 'Machine' },
      { title: 'runs' },
      { title: 'queues' },
      { title: 'hosts', right: true },
      { title: 'of cores', right: true },
      { title: 'gives', right: true },
    ],
    rows.map(({ machine, strategy, queues: taken, hosts, cores: all, supplyCores }) => [
      machine,
      strategy,
      taken === null ? 'all' : taken.join(','),
      String(hosts),
      all === null ? '?' : String(all),
      cores(supplyCores),
    ]),
  );
}

function cheapest({ cheapest: best, verdict }: CapacityWire): string[] {
  if (best === null) return verdict === 'fits' ? [] : ['No change with a known effect is needed or helps.'];
  return combination(best.fits ? 'Cheapest change that makes it fit' : 'The best that known changes come to; it is not enough', best);
}

function lossless({ lossless: best }: CapacityWire): string[] {
  return best === null || !best.fits ? [] : combination('Without losing results', best);
}

function combination(title: string, best: NonNullable<CapacityWire['cheapest']>): string[] {
  return [
    title,
    ...best.steps.flatMap((step, index) => [`  ${index + 1}. ${step.title}`, ...remarks(step).map((text) => `     ${text}`)]),
    `  Then: ${percent(best.utilisationAfter)} used, heaviest single queue ${figure(best.heaviestLaneAfter)}.`,
    ...(best.config.length === 0 ? [] : ['  In vedette.config.yaml:', ...best.config.map((line) => `    ${line}`)]),
  ];
}

function changes({ changes: rows, verdict }: CapacityWire): string[] {
  if (verdict === 'fits') return [];
  const known = rows.filter(({ gain }) => gain !== 'unknown');
  const unknown = rows.filter(({ gain }) => gain === 'unknown');
  const listed = known.slice(0, LISTED_CHANGES);
  return [
    ...(known.length === 0 ? [] : ['Single changes, least disruptive first']),
    ...listed.flatMap((change) => [
      `  ${change.title}: then ${percent(change.utilisationAfter)} used, heaviest ` +
        `single queue ${figure(change.heaviestLaneAfter)}${change.fits ? ': fits' : ''}`,
      ...remarks(change).map((text) => `    ${text}`),
    ]),
    ...(known.length > listed.length ? [`  and ${known.length - listed.length} more (--json)`] : []),
    ...(unknown.length === 0 ? [] : ['Possible too, but what it would bring is not known']),
    ...[...Map.groupBy(unknown, ({ gainNote, priceNote }) => priceNote ?? gainNote ?? '')].flatMap(([note, own]) => [
      ...own.map(({ title }) => `  ${title}`),
      `    ${note}`,
    ]),
  ];
}

function storage({ storage: rows }: CapacityWire): string[] {
  if (rows.length === 0) return [];
  return textTable(
    [
      { title: 'Disk' },
      { title: 'used', right: true },
      { title: 'of', right: true },
      { title: 'free', right: true },
      { title: 'a day', right: true },
      { title: 'full in', right: true },
      { title: 'keeps', right: true },
    ],
    rows.map((one) => [
      one.kind === 'media' ? `media of ${one.name}` : one.name,
      gigabytes(one.usedBytes),
      gigabytes(one.capacityBytes),
      gigabytes(one.freeBytes),
      gigabytes(one.bytesPerDay),
      one.fullInDays === null ? '-' : days(one.fullInDays),
      one.keepsDays === null ? '?' : days(one.keepsDays),
    ]),
  );
}

function remarks({
  loses,
  moneyPerDay,
  priceNote,
  gain,
  gainNote,
}: Omit<CapacityWire['changes'][number], 'config'> | NonNullable<CapacityWire['cheapest']>['steps'][number]): string[] {
  return [
    loses === null ? '' : `loses: ${loses}`,
    moneyPerDay === null || moneyPerDay === 0 ? '' : `costs ${figure(moneyPerDay)} a day`,
    priceNote ?? '',
    gain === 'measured' ? '' : (gainNote ?? ''),
  ].filter((text) => text !== '');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const cores = (value: number): string => value.toFixed(2);
const figure = (value: number | null): string => (value === null ? '?' : value.toFixed(2));
const percent = (share: number | null): string => (share === null ? 'no host' : `${Math.round(share * 100)} %`);
const gigabytes = (bytes: number | null): string => (bytes === null ? '?' : `${(bytes / 1e9).toFixed(1)} GB`);
const days = (value: number): string => (value < 10 ? `${value.toFixed(1)} days` : `${Math.round(value)} days`);
const seconds = (ms: number | null): string => (ms === null ? '?' : `${(ms / 1000).toFixed(1)} s`);
