import { levels } from './feasibility.js';
import { cpu, type Demand, type Plan } from './plan.js';

/** From here on there is no room for a peak. */
export const TIGHT = 0.8;

/** One queue of one stream: segments in order, hence one host at a time, however many there are. */
export interface LaneLoad {
  readonly streamId: string;
  readonly streamName: string;
  readonly queue: string;
  /** Host-seconds per second of media; above 1 it falls behind for ever. */
  readonly load: number;
}

export interface QueueLoad {
  readonly queue: string;
  readonly demand: number;
  readonly supply: number;
  readonly hosts: number;
  readonly utilisation: number;
}

export interface Load {
  /** Of the fullest pools; Infinity where nobody takes a queue. */
  readonly utilisation: number;
  readonly queues: readonly QueueLoad[];
  /** Heaviest first. */
  readonly lanes: readonly LaneLoad[];
  readonly demand: number;
  /** CPU-seconds per second above what leaves room for peaks, all pools and lanes together: what changes have to bring to 0. */
  readonly excess: number;
  readonly isExact: boolean;
}

/** @param which as the gates were, or with all of them open at once */
export function loadOf(plan: Plan, which: 'average' | 'gatesOpen' = 'average'): Load {
  const byClass = Map.groupBy(plan.demands, ({ analyzer, where }) => `${analyzer.queue}|${where.join()}`);
  const classes = [...byClass].map(([key, demands]) => ({
    key,
    queue: demands[0]!.analyzer.queue,
    demand: sum(demands, which),
    pools: poolsFor(plan, demands[0]!),
  }));
  const { byClass: level, isExact } = levels(
    classes,
    plan.pools.map(({ supply }) => supply),
  );
  const queues = [...Map.groupBy(classes, ({ queue }) => queue)].map(([queue, own]) => {
    const pools = [...new Set(own.flatMap(({ pools: taking }) => taking))].map((index) => plan.pools[index]!);
    return {
      queue,
      demand: own.reduce((all, { demand }) => all + demand, 0),
      supply: pools.reduce((all, { supply }) => all + supply, 0),
      hosts: pools.reduce((all, { hosts }) => all + hosts, 0),
      utilisation: Math.max(...own.map(({ key }) => level.get(key)!.utilisation)),
    };
  });
  const lanes = lanesOf(plan, which);
  return {
    utilisation: Math.max(0, ...queues.map(({ utilisation }) => utilisation)),
    queues: queues.sort((a, b) => b.utilisation - a.utilisation || (a.queue < b.queue ? -1 : 1)),
    lanes,
    demand: sum(plan.demands, which),
    excess: poolExcess(classes, level, plan) + lanes.reduce((all, { load }) => all + Math.max(0, load - TIGHT), 0),
    isExact,
  };
}

/** By level of the decomposition: classes that share pools overflow together. */
function poolExcess(
  classes: readonly { readonly key: string; readonly demand: number }[],
  level: ReadonlyMap<string, { readonly pools: readonly number[] }>,
  plan: Plan,
): number {
  const byPools = Map.groupBy(classes, ({ key }) => level.get(key)!.pools);
  return [...byPools].reduce((all, [pools, own]) => {
    const supply = pools.reduce((sumOf, index) => sumOf + plan.pools[index]!.supply, 0);
    return all + Math.max(0, own.reduce((sumOf, { demand }) => sumOf + demand, 0) - TIGHT * supply);
  }, 0);
}

function poolsFor({ pools }: Plan, { analyzer, where }: Demand): number[] {
  return [...pools.entries()].flatMap(([index, { queues, strategy }]) =>
    where.includes(strategy) && (queues === 'all' || queues.includes(analyzer.queue)) ? [index] : [],
  );
}

/** Analyzers of a lane that go to one place are one job; jobs in different places go on side by side. */
function lanesOf({ demands, busyShare }: Plan, which: 'average' | 'gatesOpen'): LaneLoad[] {
  const byLane = Map.groupBy(demands, ({ lane }) => lane);
  return [...byLane.values()]
    .map((lane) => {
      const jobs = Map.groupBy(lane, ({ where }) => where.join());
      const heaviest = Math.max(...[...jobs.values()].map((job) => job.reduce((all, one) => all + cpu(one[which]), 0)));
      const { stream, analyzer } = lane[0]!;
      return { streamId: stream.id, streamName: stream.name, queue: analyzer.queue, load: heaviest / busyShare };
    })
    .sort((a, b) => b.load - a.load);
}

const sum = (demands: readonly Demand[], which: 'average' | 'gatesOpen'): number =>
  demands.reduce((all, one) => all + one.count * cpu(one[which]), 0);
