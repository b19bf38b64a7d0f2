/** Work that may be done in any of its pools. */
export interface WorkClass {
  readonly key: string;
  /** CPU-seconds per second. */
  readonly demand: number;
  /** Indices of the pools that take it. */
  readonly pools: readonly number[];
}

export interface Level {
  /** Demand over supply of everything that shares these pools; Infinity where there is work and nobody to do it. */
  readonly utilisation: number;
  readonly pools: readonly number[];
}

/** 2^16 unions are looked at in a fraction of a second; there are as many classes as queues differ in who takes them. */
const MAX_EXACT = 16;

/**
 * How full the pools get when work is spread as evenly as queues allow. By Hall's condition the work fits if and only if every
 * union of classes finds enough supply in the pools that take any of them; the union with the greatest ratio of demand to supply
 * is the bottleneck. It is taken out with its pools, and the rest is looked at in the same way.
 * @returns by class; `isExact` false where there are too many different classes to look at every union
 */
export function levels(
  classes: readonly WorkClass[],
  supplies: readonly number[],
): { readonly byClass: ReadonlyMap<string, Level>; readonly isExact: boolean } {
  const byClass = new Map<string, Level>();
  let open = merged(classes);
  let isExact = true;
  const taken = new Set<number>();
  while (open.length > 0) {
    const reach = open.map((one) => one.pools.filter((pool) => !taken.has(pool)));
    isExact &&= open.length <= MAX_EXACT;
    const worst = bottleneck(
      open.map(({ demand }) => demand),
      reach,
      supplies,
    );
    const members = open.filter((_, index) => worst.members.has(index));
    for (const { keys } of members) for (const key of keys) byClass.set(key, { utilisation: worst.utilisation, pools: worst.pools });
    for (const pool of worst.pools) taken.add(pool);
    open = open.filter((one) => !members.includes(one));
  }
  return { byClass, isExact };
}

interface Merged {
  readonly keys: string[];
  demand: number;
  readonly pools: readonly number[];
}

function merged(classes: readonly WorkClass[]): Merged[] {
  const byPools = new Map<string, Merged>();
  for (const { key, demand, pools } of classes) {
    const sorted = [...new Set(pools)].sort((a, b) => a - b);
    const there = byPools.get(sorted.join());
    if (there === undefined) byPools.set(sorted.join(), { keys: [key], demand, pools: sorted });
    else {
      there.keys.push(key);
      there.demand += demand;
    }
  }
  return [...byPools.values()];
}

function bottleneck(
  demands: readonly number[],
  reach: readonly (readonly number[])[],
  supplies: readonly number[],
): { utilisation: number; members: ReadonlySet<number>; pools: readonly number[] } {
  let best: { utilisation: number; members: ReadonlySet<number>; pools: readonly number[] } = {
    utilisation: -1,
    members: new Set(),
    pools: [],
  };
  const count = demands.length;
  const look = (members: ReadonlySet<number>): void => {
    const pools = [...new Set([...members].flatMap((index) => reach[index]!))];
    const demand = [...members].reduce((all, index) => all + demands[index]!, 0);
    const utilisation = ratio(
      demand,
      pools.reduce((all, pool) => all + supplies[pool]!, 0),
    );
    // Of equal ones the larger union, so that what is left has pools of its own.
    if (utilisation > best.utilisation || (utilisation === best.utilisation && members.size > best.members.size))
      best = { utilisation, members, pools };
  };
  if (count <= MAX_EXACT) {
    for (let mask = 1; mask < 2 ** count; mask++) look(new Set([...demands.keys()].filter((index) => (mask & (1 << index)) !== 0)));
  } else {
    for (const index of demands.keys()) look(new Set([index]));
    look(new Set(demands.keys()));
  }
  return best;
}

function ratio(demand: number, supply: number): number {
  if (demand <= 0) return 0;
  return supply <= 0 ? Infinity : demand / supply;
}
