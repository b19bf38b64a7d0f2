import { CHANGE_ORDER, type Change } from './change.js';
import { changesFrom } from './changes.js';
import { samplingTitle, type ToldSampling } from './sampling-change.js';
import { settingsOf, type Setting } from './setting.js';
import { cheapestCombination, order } from './cheapest.js';
import { configLines } from './config-lines.js';
import { confidence, type Confidence } from './cost-estimate.js';
import type { AnalyzerFacts, CapacityFacts, JobFacts, WhatIf } from './facts.js';
import { loadOf, TIGHT, type Load } from './load.js';
import { coreShare, cpu, planOf, type Demand, type Plan } from './plan.js';
import { spareStreams } from './spare.js';
import { judge, type Judgement } from './verdict.js';
import { expectedWaitMs } from './waiting.js';

const LISTED_LANES = 20;
const LISTED_DEMANDS = 500;
const LISTED_CHANGES = 40;
const SECONDS_PER_DAY = 86_400;

/** One change as the report shows it, with what it would bring by itself. */
export interface ToldChange extends Omit<Change, 'apply' | 'edit'> {
  readonly settings: Setting[];
  readonly config: readonly string[];
  /** Null: not known. */
  readonly utilisationAfter: number | null;
  readonly heaviestLaneAfter: number | null;
  readonly fits: boolean | null;
}

export interface AnalyzerCost {
  readonly analyzerId: string;
  readonly queue: string;
  readonly streams: number;
  readonly streamsUnknown: number;
  readonly cpuSecondsPerStreamMinute: number | null;
  readonly gatesOpenCpuSecondsPerStreamMinute: number | null;
  /** Of all CPU that is asked for. */
  readonly share: number | null;
  readonly gateClosedShare: number | null;
  readonly moneyPerDay: number | null;
  readonly samples: number;
  readonly spread: number | null;
  readonly confidence: Confidence;
}

/** The whole answer. */
export type CapacityReport = ReturnType<typeof capacityReport>;

/** @param added see {@link planOf} */
export function capacityReport(facts: CapacityFacts, whatIf: WhatIf, added: AnalyzerFacts | null = null) {
  const plan = planOf(facts, whatIf, added);
  const load = loadOf(plan);
  const gatesOpen = loadOf(plan, 'gatesOpen');
  const isSupposed = whatIf.moreStreams > 0 || whatIf.moreHosts > 0 || whatIf.analyzerId !== null || whatIf.allStreams;
  const judgement: Judgement = judge({ plan, load, gatesOpen, facts, isSupposed });
  const told = added === null ? facts : { ...facts, analyzers: [...facts.analyzers, added] };
  const usedCpuMs = facts.evidence.reduce((all, { cpuMs }) => all + cpuMs, 0);
  const coveredMs = Math.max(0, ...facts.evidence.map((one) => one.coveredMs));
  // Where nothing is live, enabled streams say what an average one is.
  const like = plan.demands.length > 0 ? plan.demands : planOf(facts, { ...whatIf, allStreams: true }, added).demands;
  const share = coreShare(facts);
  const cheapest = combined(plan, told);
  return {
    ...judgement,
    liveStreams: facts.streams.filter(({ isLive }) => isLive).length,
    countedStreams: [...new Map(plan.demands.map(({ stream, count }) => [stream.id, count])).values()].reduce(
      (all, count) => all + count,
      0,
    ),
    utilisation: finite(load.utilisation),
    gatesOpenUtilisation: finite(gatesOpen.utilisation),
    demandCores: load.demand,
    gatesOpenDemandCores: gatesOpen.demand,
    supplyCores: plan.pools.reduce((all, { supply }) => all + supply, 0),
    usableShare: share.usable,
    busyShare: share.busy,
    shareIsMeasured: share.isMeasured,
    spareStreams: judgement.verdict === 'unknown' ? null : spareStreams(plan, like),
    queues: queuesOf(facts, load, gatesOpen, share.busy),
    lanes: load.lanes.slice(0, LISTED_LANES).map((lane) => ({
      ...lane,
      gatesOpenLoad: gatesOpen.lanes.find((one) => one.streamId === lane.streamId && one.queue === lane.queue)?.load ?? lane.load,
    })),
    demands: plan.demands.slice(0, LISTED_DEMANDS).map(toldDemand),
    demandsLeftOut: Math.max(0, plan.demands.length - LISTED_DEMANDS),
    analyzers: costTable(plan, load.demand),
    pools: plan.pools.map(({ name, machine, strategy, queues, hosts, cores, supply }) => ({
      name,
      machine,
      strategy,
      queues: queues === 'all' ? null : [...queues],
      hosts,
      cores,
      supplyCores: supply,
    })),
    usedCores: coveredMs === 0 ? 0 : usedCpuMs / coveredMs,
    changes: changesOf(plan, told),
    cheapest,
    // Where the cheapest loses something, what it takes to lose nothing.
    lossless: cheapest?.steps.some(({ loses }) => loses !== null) ? combined(plan, told, ({ loses }) => loses === null) : null,
  };
}

function queuesOf({ jobs, evidence }: CapacityFacts, load: Load, gatesOpen: Load, busyShare: number) {
  const names = new Set([...load.queues.map(({ queue }) => queue), ...evidence.map(({ queue }) => queue)]);
  return [...names].map((queue) => {
    const here = load.queues.find((one) => one.queue === queue);
    const job = serviceOf(jobs.filter((one) => one.queue === queue));
    const seen = evidence.find((one) => one.queue === queue);
    const utilisation = here?.utilisation ?? 0;
    const waitMs =
      job === undefined || here === undefined
        ? null
        : expectedWaitMs({ utilisation, hosts: here.hosts * busyShare, serviceMs: job.meanWallMs, spread: job.spread });
    return {
      queue,
      demandCores: here?.demand ?? 0,
      supplyCores: here?.supply ?? 0,
      hosts: here?.hosts ?? 0,
      utilisation: finite(utilisation),
      gatesOpenUtilisation: finite(gatesOpen.queues.find((one) => one.queue === queue)?.utilisation ?? 0),
      expectedWaitMs: waitMs,
      expectedLagMs: waitMs === null ? null : waitMs + job!.meanWallMs,
      observed: {
        earlierLagMs: seen?.earlierLagMs ?? null,
        laterLagMs: seen?.laterLagMs ?? null,
        p95LagMs: seen?.p95LagMs ?? null,
        oldestWaitingMs: seen?.oldestWaitingMs ?? 0,
        overloadSkips: seen?.overloadSkips ?? 0,
        failedRuns: seen?.failedRuns ?? 0,
        finishedRuns: seen?.finishedRuns ?? 0,
      },
    };
  });
}

/** Time a host is busy with a segment, over all workers. */
function serviceOf(jobs: readonly JobFacts[]): Pick<JobFacts, 'meanWallMs' | 'spread'> | undefined {
  const count = jobs.reduce((all, one) => all + one.jobs, 0);
  if (count === 0) return undefined;
  const weighed = (value: (one: JobFacts) => number): number => jobs.reduce((all, one) => all + value(one) * one.jobs, 0) / count;
  return { meanWallMs: weighed(({ meanWallMs }) => meanWallMs), spread: weighed(({ spread }) => spread) };
}

function toldDemand({ stream, analyzer, count, estimate, average, gatesOpen, where }: Demand) {
  return {
    streamId: stream.id,
    streamName: stream.name,
    analyzerId: analyzer.id,
    queue: analyzer.queue,
    streams: count,
    cores: average === null ? null : cpu(average),
    decodeCores: average?.decode ?? null,
    gatesOpenCores: gatesOpen === null ? null : cpu(gatesOpen),
    where: [...where],
    samples: estimate.samples,
    spread: estimate.spread,
    confidence: estimate.confidence,
    source: estimate.source,
  };
}

function costTable({ demands }: Plan, demandCores: number): AnalyzerCost[] {
  return [...Map.groupBy(demands, ({ analyzer }) => analyzer.id).values()]
    .map((own): AnalyzerCost => {
      const known = own.filter(({ average }) => average !== null);
      const streams = known.reduce((all, { count }) => all + count, 0);
      const cores = known.reduce((all, one) => all + one.count * cpu(one.average), 0);
      const open = known.reduce((all, one) => all + one.count * cpu(one.gatesOpen), 0);
      const real = own.filter(({ estimate }) => estimate.source === 'measured');
      const samples = real.reduce((all, { estimate }) => all + estimate.samples, 0);
      const spreads = real.flatMap(({ estimate }) => estimate.spread ?? []);
      const gated = real.flatMap(({ estimate }) => estimate.gateClosedShare ?? []);
      const paid = known.filter(({ estimate }) => estimate.moneyPerMediaSecond !== null);
      const spread = spreads.length === 0 ? null : mean(spreads);
      return {
        analyzerId: own[0]!.analyzer.id,
        queue: own[0]!.analyzer.queue,
        streams: own.reduce((all, { count }) => all + count, 0),
        streamsUnknown: own.reduce((all, { average, count }) => all + (average === null ? count : 0), 0),
        cpuSecondsPerStreamMinute: streams === 0 ? null : (cores / streams) * 60,
        gatesOpenCpuSecondsPerStreamMinute: streams === 0 ? null : (open / streams) * 60,
        share: streams === 0 || demandCores === 0 ? null : cores / demandCores,
        gateClosedShare: gated.length === 0 ? null : mean(gated),
        moneyPerDay:
          streams === 0
            ? null
            : paid.reduce((all, { count, estimate }) => all + count * estimate.moneyPerMediaSecond! * SECONDS_PER_DAY, 0),
        samples,
        spread,
        confidence: samples > 0 ? confidence(samples, spread) : streams > 0 ? 'low' : 'none',
      };
    })
    .sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
}

function changesOf(plan: Plan, facts: CapacityFacts): ToldChange[] {
  return changesFrom(plan, facts)
    .map((change) => tell(change, plan, facts))
    .sort(
      (a, b) =>
        CHANGE_ORDER.indexOf(a.kind) - CHANGE_ORDER.indexOf(b.kind) || (a.utilisationAfter ?? Infinity) - (b.utilisationAfter ?? Infinity),
    )
    .slice(0, LISTED_CHANGES);
}

function tell({ apply, edit, ...change }: Change, plan: Plan, facts: CapacityFacts): ToldChange {
  const after = apply(plan);
  const load = change.gain === 'unknown' ? null : loadOf(after);
  return {
    ...change,
    settings: settingsOf({ subject: change.subject, edit }, facts),
    config: configLines(plan, after, facts),
    utilisationAfter: load === null ? null : finite(load.utilisation),
    heaviestLaneAfter: load === null ? null : (load.lanes[0]?.load ?? 0),
    fits: load === null ? null : load.utilisation <= TIGHT && (load.lanes[0]?.load ?? 0) <= TIGHT,
  };
}

function combined(plan: Plan, facts: CapacityFacts, isAllowed?: (change: Change) => boolean) {
  const combination = cheapestCombination(plan, facts, isAllowed);
  if (combination === null || combination.steps.length === 0) return null;
  const load = loadOf(combination.plan);
  const steps = joined(combination.steps).toSorted((a, b) => order(a) - order(b));
  return {
    steps: steps.map(({ apply: _, edit, ...step }) => ({ ...step, settings: settingsOf({ subject: step.subject, edit }, facts) })),
    config: configLines(plan, combination.plan, facts),
    utilisationAfter: finite(load.utilisation),
    heaviestLaneAfter: load.lanes[0]?.load ?? 0,
    fits: combination.fits,
  };
}

/** Steps by which one analyzer's sampling is lowered again and again are one. */
function joined(steps: readonly Change[]): Change[] {
  return [...Map.groupBy(steps, (step) => (step.kind === 'lower-sampling' ? step.subject : step)).values()].map((own) => {
    const [first, last] = [own[0]!, own.at(-1)!];
    if (first === last) return first;
    const [from, to] = [first.about['from'] as ToldSampling, last.about['to'] as ToldSampling];
    const config = Object.assign({}, ...own.map(({ edit }) => edit?.config)) as NonNullable<Change['edit']>['config'] & object;
    return { ...last, title: samplingTitle(last.subject, from, to), about: { from, to }, edit: { config } };
  });
}

const mean = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0) / values.length;
/** JSON has no infinity: where there is work and nobody to do it, there is no figure. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
