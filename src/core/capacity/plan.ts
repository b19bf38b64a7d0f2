import { estimateCost, plus, scale, total, type CostEstimate, type Rate } from './cost-estimate.js';
import type { AnalyzerFacts, CapacityFacts, CostSample, StrategyFacts, StreamFacts, WhatIf } from './facts.js';
import type { JsonValue } from '../plugin-api/index.js';

/** Where work is done that no remote host takes. */
export const ON_WORKERS = 'worker';
/** Of a core, what analysis may count on: the rest is for ingest, API, database and the worker itself. */
export const ASSUMED_SHARE = 0.8;
/** Fewer jobs than this say nothing of the share of a core a busy host gets. */
const MIN_JOBS = 20;

/** What one analyzer asks of one stream. */
export interface Demand {
  readonly stream: StreamFacts;
  /** Of its stream and queue: what has the same is one job. */
  readonly lane: string;
  /** How many streams like this one. */
  readonly count: number;
  readonly analyzer: AnalyzerFacts;
  readonly estimate: CostEstimate;
  readonly average: Rate | null;
  readonly gatesOpen: Rate | null;
  /** `worker`, or ids of strategies with hosts of their own; sorted. */
  readonly where: readonly string[];
  readonly samplingStep: number;
}

/** Hosts that take the same work. */
export interface Pool {
  readonly name: string;
  readonly machine: string;
  readonly strategy: string;
  readonly queues: readonly string[] | 'all';
  readonly hosts: number;
  readonly cores: number | null;
  /** Of a core, what analysis may count on there. */
  readonly usable: number;
  /** CPU-seconds per second it can give to analysis. */
  readonly supply: number;
}

/** What a change writes into the config, by analyzer. */
export interface AnalyzerEdit {
  readonly config?: Readonly<Record<string, JsonValue>>;
  readonly when?: string;
  readonly prefer?: readonly string[];
  readonly streams?: readonly string[];
  readonly enabled?: false;
}

/** A state of affairs, present or supposed. Changes make another of it. */
export interface Plan {
  readonly demands: readonly Demand[];
  readonly pools: readonly Pool[];
  readonly edits: ReadonlyMap<string, AnalyzerEdit>;
  /** `analysis.hosts` by machine. */
  readonly hostEdits: ReadonlyMap<string, number>;
  /** Share of a core that a busy host got. */
  readonly busyShare: number;
}

export interface Share {
  readonly usable: number;
  readonly busy: number;
  readonly isMeasured: boolean;
}

/** A host that is busy gets so much of a core; and never more than is left beside what else runs there. */
export function coreShare({ jobs, jobsPerHost }: Pick<CapacityFacts, 'jobs' | 'jobsPerHost'>): Share {
  const count = jobs.reduce((all, one) => all + one.jobs, 0);
  const wallMs = jobs.reduce((all, one) => all + one.wallMs, 0);
  if (jobsPerHost > 1 || count < MIN_JOBS || wallMs <= 0) return { usable: ASSUMED_SHARE, busy: 1, isMeasured: false };
  const busy = Math.min(1, jobs.reduce((all, one) => all + one.cpuMs, 0) / wallMs);
  return { usable: Math.min(ASSUMED_SHARE, busy), busy, isMeasured: true };
}

/** @param added an analyzer that runs on no stream yet, for "what if it did" */
export function planOf(facts: CapacityFacts, whatIf: WhatIf, added: AnalyzerFacts | null): Plan {
  const costs = Map.groupBy(facts.costs, ({ analyzerId }) => analyzerId);
  const share = coreShare(facts);
  const pools = [...workerPools(facts, share.usable), ...remotePools(facts)];
  const extra = whatIf.moreHosts > 0 ? [addedHosts(whatIf.moreHosts)] : [];
  const running = facts.streams.filter(({ isLive, isEnabled }) => isLive || (whatIf.allStreams && isEnabled));
  const demandsOf = (stream: StreamFacts): Demand[] =>
    facts.analyzers
      .filter((one) => one.runsOn(stream) || one.id === whatIf.analyzerId)
      .map((analyzer) => demand(stream, analyzer, costs, facts.strategies));
  const more = (stream: StreamFacts): Demand[] => (added === null ? [] : [demand(stream, added, costs, facts.strategies)]);
  const demands = running.flatMap((stream) => [...demandsOf(stream), ...more(stream)]);
  // Where nothing is live, enabled streams say what an average one is.
  const pattern =
    running.length > 0
      ? demands
      : facts.streams.filter(({ isEnabled }) => isEnabled).flatMap((stream) => [...demandsOf(stream), ...more(stream)]);
  return {
    demands: [...demands, ...(whatIf.moreStreams > 0 ? averageStream(pattern, whatIf.moreStreams) : [])],
    pools: [...pools, ...extra],
    edits: new Map(),
    hostEdits: new Map(),
    busyShare: share.busy,
  };
}

function demand(
  stream: StreamFacts,
  analyzer: AnalyzerFacts,
  costs: ReadonlyMap<string, readonly CostSample[]>,
  strategies: readonly StrategyFacts[],
): Demand {
  const estimate = estimateCost(stream, analyzer, costs.get(analyzer.id) ?? []);
  return {
    stream,
    lane: laneOf(stream, analyzer),
    count: 1,
    analyzer,
    estimate,
    average: estimate.average,
    gatesOpen: estimate.gatesOpen ?? estimate.average,
    where: whereOf(analyzer.prefer, analyzer, strategies),
    samplingStep: 0,
  };
}

const laneOf = (stream: StreamFacts, { queue }: AnalyzerFacts): string => `${stream.id}|${queue}`;

/** Strategies that stand in for analyzers take their pictures from the worker's hosts: that part stays there. */
export function whereOf(prefer: readonly string[], analyzer: AnalyzerFacts, strategies: readonly StrategyFacts[]): readonly string[] {
  const places = prefer.flatMap((id) => {
    const strategy = strategies.find((one) => one.id === id);
    return strategy !== undefined && hasOwnHosts(strategy) && analyzer.reach !== 'worker' ? [id] : [ON_WORKERS];
  });
  return [...new Set(places)].sort();
}

/** On machines of its own it decodes and analyses; the worker only hands the work over. */
export const hasOwnHosts = ({ reach, standsInFor }: StrategyFacts): boolean => reach === 'lan' && standsInFor === null;

/** What a stream costs on average, by analyzer. An analyzer that only some streams have counts in part. */
export function averageStream(demands: readonly Demand[], count: number): Demand[] {
  const streams = new Map(demands.map(({ stream, count: times }) => [stream.id, times]));
  const streamCount = [...streams.values()].reduce((all, times) => all + times, 0);
  const byAnalyzer = Map.groupBy(demands, ({ analyzer }) => analyzer.id);
  const stream: StreamFacts = {
    id: 'average',
    name: 'one like the average',
    isPrivate: false,
    isLive: false,
    isEnabled: true,
    pixels: null,
    framesPerSecond: null,
    keyframesPerSecond: null,
  };
  return [...byAnalyzer.values()].map((group) => {
    const mean = (pick: (one: Demand) => Rate | null): Rate | null => {
      if (group.some((one) => pick(one) === null)) return null;
      return scale(
        group.reduce((all, one) => plus(all, scale(pick(one)!, one.count)), { analysis: 0, decode: 0 }),
        1 / streamCount,
      );
    };
    const mark = group[0]!;
    return {
      ...mark,
      stream,
      lane: laneOf(stream, mark.analyzer),
      count,
      average: mean(({ average }) => average),
      gatesOpen: mean(({ gatesOpen }) => gatesOpen),
    };
  });
}

/** Workers of one machine share its cores. Each counts by what its own hosts got, or, where they had too little to do, by what all did. */
function workerPools({ workers, jobs, jobsPerHost }: CapacityFacts, usableByAll: number): Pool[] {
  const usableBy = (id: string): number => {
    const own = coreShare({ jobs: jobs.filter(({ workerId }) => workerId === id), jobsPerHost });
    return own.isMeasured ? own.usable : usableByAll;
  };
  const hostsOn = (machine: string): number =>
    workers.filter((one) => one.machine === machine).reduce((all, { hosts }) => all + (hosts ?? 0), 0);
  return workers
    .filter(({ hosts }) => hosts !== null)
    .map(({ id, machine, queues, hosts, cores }) => {
      const usable = usableBy(id);
      return {
        name: id,
        machine,
        strategy: ON_WORKERS,
        queues,
        hosts: hosts!,
        cores,
        usable,
        supply: supplyOf(hosts!, hostsOn(machine), cores, usable),
      };
    });
}

export function supplyOf(hosts: number, hostsOnMachine: number, cores: number | null, usable: number): number {
  const coreForEach = cores === null || hostsOnMachine === 0 ? 1 : Math.min(1, cores / hostsOnMachine);
  return hosts * coreForEach * usable;
}

/** What share of a core hosts of other machines get is not known. */
const remotePools = ({ remoteHosts }: CapacityFacts): Pool[] =>
  remoteHosts.map(({ strategy, name, capacity }) => ({
    name,
    machine: name,
    strategy,
    queues: 'all',
    hosts: capacity,
    cores: null,
    usable: ASSUMED_SHARE,
    supply: capacity * ASSUMED_SHARE,
  }));

export const addedHosts = (hosts: number): Pool => ({
  name: 'added',
  machine: 'added',
  strategy: ON_WORKERS,
  queues: 'all',
  hosts,
  cores: hosts,
  usable: ASSUMED_SHARE,
  supply: hosts * ASSUMED_SHARE,
});

export const cpu = (rate: Rate | null): number => (rate === null ? 0 : total(rate));
