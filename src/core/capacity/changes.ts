import { FREE, HIDDEN, type Change } from './change.js';
import type { AnalyzerFacts, CapacityFacts } from './facts.js';
import { loadOf, TIGHT } from './load.js';
import { addedHosts, hasOwnHosts, ON_WORKERS, supplyOf, whereOf, type Demand, type Plan } from './plan.js';
import { editing, removing } from './plan-edits.js';
import { lowerSampling } from './sampling-change.js';

const MAX_LISTED_STREAMS = 20;
const MAX_HOSTS = 10_000;
const SECONDS_PER_DAY = 86_400;

/** Every single change that is possible from here. Nothing that the config or a strategy would refuse. */
export function changesFrom(plan: Plan, facts: CapacityFacts): Change[] {
  const analyzers = [...new Map(plan.demands.map(({ analyzer }) => [analyzer.id, analyzer])).values()];
  return [
    ...raiseHosts(plan, facts),
    ...analyzers.flatMap((analyzer) => routeToOwnHosts(plan, facts, analyzer)),
    ...analyzers.flatMap((analyzer) => gate(plan, facts, analyzer)),
    ...analyzers.flatMap((analyzer) => lowerSampling(plan, analyzer)),
    ...addHosts(plan),
    ...analyzers.flatMap((analyzer) => routeToCloud(plan, facts, analyzer)),
    ...analyzers.flatMap((analyzer) => narrow(plan, analyzer)),
    ...analyzers.map(drop),
  ];
}

function raiseHosts(plan: Plan, { workers }: CapacityFacts): Change[] {
  return [
    ...Map.groupBy(
      plan.pools.filter(({ strategy, name }) => strategy === ON_WORKERS && name !== 'added'),
      ({ machine }) => machine,
    ),
  ].flatMap(([machine, own]) => {
    const hosts = own.reduce((all, pool) => all + pool.hosts, 0);
    const cores = own[0]!.cores;
    if (cores === null || own.length !== 1 || hosts >= cores || workers.length === 0) return [];
    return [
      {
        kind: 'raise-hosts' as const,
        subject: machine,
        title: `On ${machine}: ${cores} analysis hosts instead of ${hosts}, one for each core`,
        about: { hosts: cores, before: hosts },
        edit: null,
        loses: null,
        ...FREE,
        gain: 'estimated' as const,
        gainNote: null,
        apply: (from: Plan): Plan => ({
          ...from,
          pools: from.pools.map((pool) =>
            pool.machine === machine && pool.strategy === ON_WORKERS
              ? { ...pool, hosts: cores, supply: supplyOf(cores, cores, cores, pool.usable) }
              : pool,
          ),
          hostEdits: new Map(from.hostEdits).set(machine, cores),
        }),
      },
    ];
  });
}

function routeToOwnHosts(plan: Plan, { strategies }: CapacityFacts, analyzer: AnalyzerFacts): Change[] {
  const there = preferOf(plan, analyzer);
  return strategies
    .filter(
      (strategy) =>
        hasOwnHosts(strategy) &&
        !there.includes(strategy.id) &&
        analyzer.reach !== 'worker' &&
        !(analyzer.isStateful && strategy.isStateless),
    )
    .filter(({ id }) => plan.pools.some((pool) => pool.strategy === id && pool.supply > 0))
    .map(({ id }) => {
      const prefer = [...there, id];
      return {
        kind: 'route-to-own-hosts',
        subject: analyzer.id,
        title: `${analyzer.id} also on the hosts of ${id}`,
        about: { strategy: id },
        edit: { prefer },
        loses: null,
        ...FREE,
        gain: 'estimated',
        gainNote: 'as if a core there were as fast as one here',
        apply: (from) => editing(from, analyzer, { prefer }, (one) => ({ ...one, where: whereOf(prefer, analyzer, strategies) })),
      };
    });
}

function gate(plan: Plan, { gates }: CapacityFacts, analyzer: AnalyzerFacts): Change[] {
  if (
    !gates.includes('motion') ||
    analyzer.when !== null ||
    plan.edits.get(analyzer.id)?.when !== undefined ||
    analyzer.isGate ||
    !analyzer.wantsPictures
  )
    return [];
  const own = plan.demands.filter((one) => one.analyzer.id === analyzer.id);
  const closed = closedShares(plan);
  const known = own.every(({ stream }) => closed.has(stream.id));
  return [
    {
      kind: 'motion-gate',
      subject: analyzer.id,
      title: `${analyzer.id} only where something moves`,
      about: {},
      edit: { when: 'motion' },
      loses: 'segments without motion get no results of it (unfit for what watches for stillness)',
      ...FREE,
      gain: known ? 'measured' : 'unknown',
      gainNote: known
        ? 'by the share of segments for which the gate was closed on these streams'
        : 'on some of its streams no analyzer has a gate yet, so that how often it would be closed is not known',
      apply: (from) => {
        const lanes = Map.groupBy(from.demands, ({ lane }) => lane);
        return editing(from, analyzer, { when: 'motion' }, (one) => {
          const share = closed.get(one.stream.id) ?? 0;
          // The others of the lane still need the decode.
          const isAlone = lanes.get(one.lane)!.length === 1;
          return {
            ...one,
            average: one.average && {
              analysis: one.average.analysis * (1 - share),
              decode: one.average.decode * (isAlone ? 1 - share : 1),
            },
          };
        });
      },
    },
  ];
}

/** How often the gate was closed, by stream, as far as an analyzer there has it already. */
function closedShares({ demands }: Plan): ReadonlyMap<string, number> {
  const gated = demands.filter(({ analyzer, estimate }) => analyzer.when === 'motion' && estimate.source === 'measured');
  // None closed is a share too, if there is somebody who asked.
  return new Map(gated.map(({ stream, estimate }) => [stream.id, estimate.gateClosedShare ?? 0]));
}

/** As many as are needed, on whatever machines. A lane that is too slow is not made faster by them. */
function addHosts(plan: Plan): Change[] {
  const withMore =
    (hosts: number) =>
    (from: Plan): Plan => ({ ...from, pools: [...from.pools, addedHosts(hosts)] });
  const enough = (hosts: number): boolean => loadOf(withMore(hosts)(plan)).utilisation <= TIGHT;
  if (enough(0) || !enough(MAX_HOSTS)) return [];
  let [low, high] = [0, MAX_HOSTS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return [
    {
      kind: 'add-hosts',
      subject: 'added',
      title: `A worker on another machine with ${high} free core${high === 1 ? '' : 's'}`,
      about: { cores: high },
      edit: null,
      loses: null,
      moneyPerDay: null,
      priceNote: `${high} more core${high === 1 ? '' : 's'}: what a machine costs is not known here`,
      gain: 'estimated',
      gainNote: 'as if a core there were as fast as one here',
      apply: withMore(high),
    },
  ];
}

function routeToCloud(plan: Plan, { strategies, costs }: CapacityFacts, analyzer: AnalyzerFacts): Change[] {
  const there = preferOf(plan, analyzer);
  const own = plan.demands.filter((one) => one.analyzer.id === analyzer.id && !one.stream.isPrivate);
  if (own.length === 0 || analyzer.reach !== 'cloud' || analyzer.isStateful) return [];
  return strategies
    .filter(({ id, standsInFor }) => !there.includes(id) && (standsInFor ?? []).some((task) => analyzer.solves.includes(task)))
    .map(({ id }) => {
      const paid = costs.filter((one) => one.strategy === id && one.analyzerId === analyzer.id && one.moneyPerMediaSecond !== null);
      const perSecond = paid.length === 0 ? null : paid.reduce((all, one) => all + one.moneyPerMediaSecond!, 0) / paid.length;
      const prefer = [id, ...there];
      return {
        kind: 'route-to-cloud',
        subject: analyzer.id,
        title: `${analyzer.id} by ${id} in its place`,
        about: { strategy: id },
        edit: { prefer },
        loses: 'its results are those of the other service; private streams stay here',
        moneyPerDay: perSecond === null ? null : perSecond * SECONDS_PER_DAY * own.reduce((all, { count }) => all + count, 0),
        priceNote: perSecond === null ? `${id} has not run it within the window: try it with \`shadow\` first` : null,
        gain: perSecond === null ? 'unknown' : 'estimated',
        gainNote: 'the analysis leaves; the decode is counted as staying, for the pictures that are sent',
        apply: (from) =>
          editing(from, analyzer, { prefer }, (one) =>
            one.stream.isPrivate
              ? one
              : {
                  ...one,
                  average: one.average && { ...one.average, analysis: 0 },
                  gatesOpen: one.gatesOpen && { ...one.gatesOpen, analysis: 0 },
                },
          ),
      };
    });
}

/** The costliest of its streams is left out; the others are named, those whose cost is not known too. */
function narrow(plan: Plan, analyzer: AnalyzerFacts): Change[] {
  const own = plan.demands.filter((one) => one.analyzer.id === analyzer.id && one.count === 1 && one.stream.id !== 'average');
  if (own.length < 2 || own.length > MAX_LISTED_STREAMS || own.some(({ stream }) => stream.name === HIDDEN)) return [];
  const costOf = ({ average }: Demand): number => average?.analysis ?? Number.NEGATIVE_INFINITY;
  const costliest = own.reduce((most, one) => (costOf(one) > costOf(most) ? one : most));
  if (costliest.average === null) return [];
  const streams = own.filter((one) => one !== costliest).map(({ stream }) => stream.name);
  const { id, name } = costliest.stream;
  return [
    {
      kind: 'narrow-streams',
      subject: analyzer.id,
      title: `${analyzer.id} no longer on ${name}`,
      about: { stream: name },
      edit: { streams },
      loses: `its results for ${name}; streams not named in the list get none either`,
      ...FREE,
      gain: 'measured',
      gainNote: null,
      apply: (from) => removing(from, analyzer, { streams }, (one) => one.stream.id === id),
    },
  ];
}

const drop = (analyzer: AnalyzerFacts): Change => ({
  kind: 'drop-analyzer',
  subject: analyzer.id,
  title: `${analyzer.id} switched off`,
  about: {},
  edit: { enabled: false },
  loses: 'all its results',
  ...FREE,
  gain: 'measured',
  gainNote: null,
  apply: (from) => removing(from, analyzer, { enabled: false }, () => true),
});

const preferOf = ({ edits }: Plan, { id, prefer }: AnalyzerFacts): readonly string[] => edits.get(id)?.prefer ?? prefer;
