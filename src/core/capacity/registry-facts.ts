import type { VedetteConfig } from '../config/schema.js';
import { wantsPictures, type AnalyzerInput, type JsonValue, type Sampling } from '../plugin-api/index.js';
import type { PluginRegistry, RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';
import { watchesStream } from '../plugin-host/watched-streams.js';
import type { AnalyzerFacts, CostSample, SamplingStep, StrategyFacts } from './facts.js';

/** Halved at most so often, then keyframes only. */
const HALVINGS = 3;

/** What manifests and config say, as far as capacity is concerned. */
export function analyzerFacts(registry: PluginRegistry): AnalyzerFacts[] {
  const useOf = new Map(registry.plugins.map(({ id, use }) => [id, use]));
  return registry.analyzers.map((analyzer) => {
    const { definition, placement, configHash, input, pluginId } = analyzer;
    return {
      id: definition.id,
      queue: definition.queue,
      configHash,
      pluginId,
      use: useOf.get(pluginId) ?? pluginId,
      solves: definition.solves,
      isStateful: definition.state === 'stream',
      wantsPictures: wantsPictures(input),
      sampling: input.sampling ?? null,
      picture: pictureOf(input),
      cheaperSampling: cheaperSampling(analyzer),
      when: placement.when ?? null,
      isGate: definition.gate !== undefined,
      prefer: placement.execution.prefer,
      reach: placement.execution.reach,
      runsOn: ({ name }) => watchesStream(analyzer, name),
    };
  });
}

export const strategyFacts = ({ strategies }: PluginRegistry): StrategyFacts[] =>
  strategies.map(({ definition }) => ({
    id: definition.id,
    reach: definition.reach ?? 'worker',
    isStateless: definition.state === 'none',
    standsInFor: definition.solves ?? null,
  }));

export const gateNames = ({ analyzers }: PluginRegistry): string[] => analyzers.flatMap(({ definition }) => definition.gate ?? []);

/**
 * An analyzer that is not switched on: what is known of it is what it did. Its manifest is not loaded.
 * @returns null where neither config nor ledger know the id
 */
export function unloadedAnalyzer(id: string, config: VedetteConfig, costs: readonly CostSample[]): AnalyzerFacts | null {
  const ran = costs.find(({ analyzerId }) => analyzerId === id);
  const entry = config.plugins.find(({ analyzers }) => Object.hasOwn(analyzers, id));
  if (ran === undefined && entry === undefined) return null;
  const placement = entry?.analyzers[id];
  return {
    id,
    queue: ran?.queue ?? 'default',
    // Whichever configuration it had.
    configHash: '',
    pluginId: entry?.use ?? '',
    use: entry?.use ?? '',
    solves: [],
    isStateful: true,
    wantsPictures: false,
    sampling: null,
    picture: null,
    cheaperSampling: [],
    when: placement?.when ?? null,
    isGate: false,
    prefer: placement?.execution.prefer ?? ['local'],
    reach: placement?.execution.reach ?? 'worker',
    runsOn: () => true,
  };
}

function pictureOf(input: AnalyzerInput): AnalyzerFacts['picture'] {
  if (!wantsPictures(input)) return null;
  const { widthPx, heightPx, fit } = input.frame;
  return { pixels: widthPx * heightPx, isFixedSize: fit !== 'inside' };
}

/** Half the `fps`, and half again, then `keyframesOnly`: where the analyzer has such options, takes the value, and then asks for less. */
function cheaperSampling(analyzer: RegisteredAnalyzer): SamplingStep[] {
  const { config } = analyzer;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return [];
  const { fps, keyframesOnly } = config as Record<string, JsonValue>;
  const steps: SamplingStep[] = [];
  if (typeof fps === 'number' && analyzer.input.sampling !== undefined && 'fps' in analyzer.input.sampling) {
    for (let halving = 1; halving <= HALVINGS; halving++) {
      const step = stepOf(analyzer, { fps: Math.round((fps / 2 ** halving) * 100) / 100 });
      if (step !== undefined) steps.push(step);
    }
  }
  if (keyframesOnly === false) {
    const step = stepOf(analyzer, { keyframesOnly: true });
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

/** The option is put beside what the operator wrote: what a schema makes of that (milliseconds of "10s") it need not take again. */
function stepOf({ definition, placement, input }: RegisteredAnalyzer, change: Record<string, JsonValue>): SamplingStep | undefined {
  try {
    const parsed = definition.config.safeParse({ ...placement.config, ...change });
    if (!parsed.success) return undefined;
    const then = typeof definition.input === 'function' ? definition.input(parsed.data) : definition.input;
    return then.sampling === undefined || isSame(then.sampling, input.sampling) ? undefined : { config: change, sampling: then.sampling };
  } catch {
    // A schema that throws, or is asynchronous: then there is nothing to propose.
    return undefined;
  }
}

const isSame = (a: Sampling, b: Sampling | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
