import { pluginError } from '../errors/plugin.errors.js';
import { REACHES, type ExecutionStrategyDefinition } from '../plugin-api/index.js';
import type { RegisteredAnalyzer } from './plugin-registry.js';

/**
 * Refuses at start-up what could never run: a strategy that is not there, or that cannot run this analyzer.
 * @throws VD_PLUGIN_STRATEGY_UNKNOWN, VD_PLUGIN_STRATEGY_UNFIT
 */
export function checkExecution(use: string, analyzer: RegisteredAnalyzer, strategies: readonly ExecutionStrategyDefinition[]): void {
  const { definition, placement } = analyzer;
  const { prefer, shadow } = placement.execution;
  const where = `plugins: ${use}: ${definition.id}`;
  for (const [key, id] of [
    ...prefer.map((one) => ['prefers', one] as const),
    ...(shadow === undefined ? [] : [['shadow:', shadow.strategy] as const]),
  ]) {
    const strategy = strategies.find((one) => one.id === id);
    if (strategy === undefined) {
      const loaded = strategies.length === 0 ? 'none is loaded' : `loaded are ${strategies.map((one) => one.id).join(', ')}`;
      throw pluginError('VD_PLUGIN_STRATEGY_UNKNOWN', `${where} ${key} ${JSON.stringify(id)}; ${loaded}`);
    }
    const why = whyUnfit(analyzer, strategy);
    if (why !== undefined) throw pluginError('VD_PLUGIN_STRATEGY_UNFIT', `${where} ${key} ${id}: ${why}`);
  }
  const twice = prefer.find((id, index) => prefer.indexOf(id) !== index);
  if (twice !== undefined) throw pluginError('VD_PLUGIN_STRATEGY_UNFIT', `${where} prefers ${twice} twice`);
  if (shadow !== undefined && prefer.length === 1 && prefer[0] === shadow.strategy) {
    throw pluginError(
      'VD_PLUGIN_STRATEGY_UNFIT',
      `${where} shadow: ${shadow.strategy} is the only strategy it runs on: there is nothing to compare`,
    );
  }
}

function whyUnfit({ definition, placement }: RegisteredAnalyzer, strategy: ExecutionStrategyDefinition): string | undefined {
  const { reach = 'worker', state = 'stream', solves } = strategy;
  if (definition.state === 'stream' && state === 'none')
    return 'the analyzer keeps state from segment to segment, which this strategy does not carry';
  if (REACHES.indexOf(reach) > REACHES.indexOf(placement.execution.reach)) {
    return (
      `execution.reach is ${placement.execution.reach}, and this strategy ` +
      `carries media to ${reach === 'cloud' ? 'the cloud' : 'other machines'}`
    );
  }
  if (solves === undefined)
    return definition.needsStandIn === true
      ? 'the analyzer has no code of its own: it runs on strategies that do its task in its place, such as cloud-google'
      : undefined;
  if (!definition.solves.some((task) => solves.includes(task)))
    return `it does ${solves.join(', ')}, and the analyzer solves ${definition.solves.join(', ')}`;
  if (placement.when !== undefined) return `when: ${placement.when}: gates are judged where analyzers run, and this strategy runs none`;
  return undefined;
}
