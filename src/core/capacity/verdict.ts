import type { About } from './change.js';
import type { CapacityFacts, QueueEvidence } from './facts.js';
import { TIGHT, type Load, type QueueLoad } from './load.js';
import { ON_WORKERS, type Plan } from './plan.js';

export type Verdict = 'fits' | 'tight' | 'does-not-fit' | 'unknown';

export const REASON_CODES = [
  'nothing-live',
  'no-worker',
  'queue-without-worker',
  'worker-silent',
  'remote-hosts-unknown',
  'cost-unknown',
  'decode-unknown',
  'lane-too-slow',
  'more-lanes-too-slow',
  'lane-tight',
  'pools-full',
  'pools-tight',
  'room',
  'gates-open',
  'overload-happened',
  'lag-grows',
  'not-exact',
] as const;

export interface Reason {
  readonly code: (typeof REASON_CODES)[number];
  readonly text: string;
  /** What the text names, for whoever says it in another language. */
  readonly about: About;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  /** Whether what happened bears the model out; null where nothing speaks for or against it. */
  readonly evidenceAgrees: boolean | null;
}

const MAX_NAMED = 5;
/** Nobody there to do what is asked is no figure. */
const shareOf = (share: number): About => (Number.isFinite(share) ? { share } : {});
const naming = (names: readonly string[]): About => ({ names: names.slice(0, MAX_NAMED), more: Math.max(0, names.length - MAX_NAMED) });
const percent = (share: number): string => (share === Infinity ? 'more than there is' : `${Math.round(share * 100)} %`);

/** @param isSupposed the question is about another state of affairs than the one the evidence is of */
export function judge({
  plan,
  load,
  gatesOpen,
  facts,
  isSupposed,
}: {
  plan: Plan;
  load: Load;
  gatesOpen: Load;
  facts: CapacityFacts;
  isSupposed: boolean;
}): Judgement {
  const unknown = unknowns(plan, facts);
  const over = overloads(plan, load);
  const tight = tightness(load, gatesOpen);
  const contrary = isSupposed ? [] : contradictions(facts);
  const room: Reason[] =
    plan.demands.length === 0
      ? [{ code: 'nothing-live', text: 'No stream is live: nothing is asked for.', about: {} }]
      : [
          {
            code: 'room',
            text: `The fullest hosts are used to ${percent(load.utilisation)} of what analysis may count on.`,
            about: shareOf(load.utilisation),
          },
        ];
  const inexact: Reason[] = load.isExact
    ? []
    : [
        {
          code: 'not-exact',
          text: 'There are too many different sets of queues to look at every union of them: the figure is a lower bound.',
          about: {},
        },
      ];
  const verdict: Verdict =
    over.length > 0 ? 'does-not-fit' : unknown.length > 0 ? 'unknown' : tight.length > 0 || contrary.length > 0 ? 'tight' : 'fits';
  const hasEvidence = !isSupposed && facts.evidence.some(({ finishedRuns }) => finishedRuns > 0);
  return {
    verdict,
    reasons: [...over, ...unknown, ...tight, ...contrary, ...(over.length + tight.length === 0 ? room : []), ...inexact],
    // Overload where the model sees overload bears it out.
    evidenceAgrees: hasEvidence ? (over.length > 0 ? contradictions(facts).length > 0 : contrary.length === 0) : null,
  };
}

function unknowns({ demands, pools }: Plan, { workers, strategies }: CapacityFacts): Reason[] {
  const reasons: Reason[] = [];
  const silent = workers.filter(({ hosts }) => hosts === null);
  if (silent.length > 0)
    reasons.push({
      code: 'worker-silent',
      text:
        `${silent.length} of ${workers.length} workers do not say how many analysis hosts they have (an older version?): they are ` +
        'not counted.',
      about: { count: silent.length, of: workers.length },
    });
  const lacking = demands.filter(({ average }) => average === null);
  for (const [id, own] of Map.groupBy(lacking, ({ analyzer }) => analyzer.id)) {
    const names = [...new Set(own.map(({ stream }) => stream.name))];
    reasons.push({
      code: 'cost-unknown',
      text: `What ${id} costs on ${listed(names)} is not known: too few segments were analysed within the window.`,
      about: { analyzer: id, ...naming(names) },
    });
  }
  const undecoded = new Set(demands.filter(({ estimate }) => estimate.lacksDecode).map(({ analyzer }) => analyzer.id));
  if (undecoded.size > 0)
    reasons.push({
      code: 'decode-unknown',
      text:
        `Runs of ${listed([...undecoded])} within the window do not say what decoding cost: the figures are too low by it. Ask ` +
        'again with a window that begins after the workers were brought up to date.',
      about: naming([...undecoded]),
    });
  for (const { id } of strategies) {
    const isWanted = demands.some(({ where }) => where.includes(id));
    if (isWanted && !pools.some(({ strategy }) => strategy === id))
      reasons.push({
        code: 'remote-hosts-unknown',
        text: `Of the hosts of ${id} nothing is known: none is up, or no worker reports them.`,
        about: { strategy: id },
      });
  }
  return reasons;
}

function overloads({ demands, pools }: Plan, load: Load): Reason[] {
  const reasons: Reason[] = [];
  const hasWorkers = pools.some(({ strategy }) => strategy === ON_WORKERS);
  if (demands.length > 0 && !hasWorkers)
    reasons.push({ code: 'no-worker', text: 'No worker is running that says what it has.', about: {} });
  const orphans = load.queues.filter(({ hosts, demand }) => hosts === 0 && demand > 0);
  if (hasWorkers && orphans.length > 0)
    reasons.push({
      code: 'queue-without-worker',
      text: `No worker takes ${listed(orphans.map(({ queue }) => queue))}.`,
      about: naming(orphans.map(({ queue }) => queue)),
    });
  for (const full of byUtilisation(load, ({ hosts, utilisation }) => hosts > 0 && utilisation > 1)) {
    reasons.push({
      code: 'pools-full',
      text:
        `The hosts that take ${listed(full.map(({ queue }) => queue))} ` +
        `are asked for ${percent(full[0]!.utilisation)} of what analysis may count on.`,
      about: { ...naming(full.map(({ queue }) => queue)), ...shareOf(full[0]!.utilisation) },
    });
  }
  const slow = load.lanes.filter((lane) => lane.load > 1);
  for (const lane of slow.slice(0, MAX_NAMED)) {
    reasons.push({
      code: 'lane-too-slow',
      text:
        `${lane.streamName} on ${lane.queue} takes ${lane.load.toFixed(2)} host-seconds a second. A stream's queue is worked ` +
        'through in order, by one host at a time: more hosts do not help, only cheaper sampling, a gate, fewer analyzers in that ' +
        'queue, or a plugin that has them in several queues.',
      about: { stream: lane.streamName, queue: lane.queue, load: lane.load },
    });
  }
  if (slow.length > MAX_NAMED)
    reasons.push({
      code: 'more-lanes-too-slow',
      text: `The same goes for ${slow.length - MAX_NAMED} more.`,
      about: { count: slow.length - MAX_NAMED },
    });
  return reasons;
}

function tightness(load: Load, gatesOpen: Load): Reason[] {
  const reasons: Reason[] = [];
  for (const full of byUtilisation(load, ({ utilisation }) => utilisation > TIGHT && utilisation <= 1))
    reasons.push({
      code: 'pools-tight',
      text:
        `The hosts that take ${listed(full.map(({ queue }) => queue))} ` +
        `are used to ${percent(full[0]!.utilisation)} of what analysis may count on: no room for a peak.`,
      about: { ...naming(full.map(({ queue }) => queue)), ...shareOf(full[0]!.utilisation) },
    });
  const lanes = load.lanes.filter((lane) => lane.load > TIGHT && lane.load <= 1);
  if (lanes.length > 0)
    reasons.push({
      code: 'lane-tight',
      text:
        `${listed(lanes.map(({ streamName, queue }) => `${streamName} on ${queue}`))}: one host is busy ` +
        `with it to ${percent(lanes[0]!.load)}, and no other can help.`,
      about: { ...naming(lanes.map(({ streamName, queue }) => `${streamName} (${queue})`)), share: lanes[0]!.load },
    });
  const isWorse =
    Math.max(gatesOpen.utilisation, gatesOpen.lanes[0]?.load ?? 0) > 1 && Math.max(load.utilisation, load.lanes[0]?.load ?? 0) <= 1;
  if (isWorse)
    reasons.push({
      code: 'gates-open',
      text: `With every gate open at once it would not fit (${percent(Math.max(gatesOpen.utilisation, gatesOpen.lanes[0]?.load ?? 0))}).`,
      about: shareOf(Math.max(gatesOpen.utilisation, gatesOpen.lanes[0]?.load ?? 0)),
    });
  return reasons;
}

/** Queues that share hosts are reported together. */
const byUtilisation = ({ queues }: Load, which: (one: QueueLoad) => boolean): QueueLoad[][] => [
  ...Map.groupBy(queues.filter(which), ({ utilisation }) => utilisation).values(),
];

/** What happened that should not have happened had it fitted. */
function contradictions({ evidence, maxLagMs }: CapacityFacts): Reason[] {
  const skipped = evidence.filter(({ overloadSkips }) => overloadSkips > 0);
  const late = evidence.filter((one) => one.oldestWaitingMs > maxLagMs / 2 || lagGrew(one, maxLagMs));
  return [
    ...(skipped.length === 0
      ? []
      : [
          {
            code: 'overload-happened' as const,
            text:
              `Within the window ${skipped.map(({ queue, overloadSkips }) => `${overloadSkips} runs of ${queue}`).join(', ')} were ` +
              `skipped for overload. If nothing has been changed since, believe this and not the model.`,
            about: {
              ...naming(skipped.map(({ queue }) => queue)),
              count: skipped.reduce((sum, { overloadSkips }) => sum + overloadSkips, 0),
            },
          },
        ]),
    ...(late.length === 0
      ? []
      : [
          {
            code: 'lag-grows' as const,
            text: `${listed(late.map(({ queue }) => queue))}: segments wait longer and longer (${late.map(lagText).join('; ')}).`,
            about: {
              ...naming(late.map(({ queue }) => queue)),
              oldestMs: Math.max(...late.map(({ oldestWaitingMs }) => oldestWaitingMs)),
            },
          },
        ]),
  ];
}

const lagGrew = ({ earlierLagMs, laterLagMs }: QueueEvidence, maxLagMs: number): boolean =>
  earlierLagMs !== null && laterLagMs !== null && laterLagMs > 2 * earlierLagMs && laterLagMs > maxLagMs / 4;
const seconds = (ms: number | null): string => (ms === null ? 'unknown' : `${(ms / 1000).toFixed(1)} s`);
const lagText = (one: QueueEvidence): string =>
  `${seconds(one.earlierLagMs)} to ${seconds(one.laterLagMs)} from segment to result, the oldest waits for ${seconds(one.oldestWaitingMs)}`;
const listed = (names: readonly string[]): string =>
  names.length <= MAX_NAMED ? names.join(', ') : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`;
