import type { AnalyzerPlacement, PluginEntry } from '../config/schema.js';
import { analyzerPlacement } from '../config/schema.js';
import { pathText } from '../config/issue-text.js';
import { pluginError } from '../errors/plugin.errors.js';
import { errorText, wantsPictures, type AnalyzerDefinition, type JsonValue, type Plugin } from '../plugin-api/index.js';
import { canonicalJson, configHash } from './canonical-json.js';
import { parseContributionConfig } from './contribution-config.js';
import { checkExecution } from './execution-check.js';
import { analyzerInput, checkManifest } from './manifest-check.js';
import { inTodaysWords } from './manifest-words.js';
import type { PluginGuard } from './plugin-guard.js';
import type { PluginStatus, RegisteredAnalyzer, RegisteredSource, RegisteredStrategy } from './plugin-registry.js';
import type { PluginSource } from './plugin-source.js';
import { checkedTracking } from './tracking-check.js';

/** A plugin with what its entry enables of it, every config parsed. */
export interface LoadedPlugin {
  readonly entry: PluginEntry;
  readonly plugin: Plugin;
  readonly analyzers: readonly RegisteredAnalyzer[];
  readonly sources: readonly RegisteredSource[];
  readonly strategies: readonly RegisteredStrategy[];
}

export interface LoadedPlugins {
  readonly loaded: readonly LoadedPlugin[];
  /** One per entry, in the order of the config. */
  readonly statuses: readonly PluginStatus[];
  /** Why optional ones are left out, with cause and stack, by `use`. */
  readonly failures: ReadonlyMap<string, unknown>;
}

/**
 * Loads every enabled entry in order and checks it against the plugin API, its own config and the plugins before it.
 * @throws the coded error of the first plugin that fails and is not `optional`
 */
export async function loadPlugins(entries: readonly PluginEntry[], source: PluginSource, guard: PluginGuard): Promise<LoadedPlugins> {
  const loaded: LoadedPlugin[] = [];
  const statuses = new Map<PluginEntry, PluginStatus>();
  const failures = new Map<string, unknown>();
  const attempt = async (entry: PluginEntry, step: () => Promise<void> | void): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!entry.optional) throw error;
      failures.set(entry.use, error);
      statuses.set(entry, failedStatus(entry.use, error, statuses.get(entry)));
    }
  };
  for (const entry of entries) {
    statuses.set(entry, { use: entry.use, id: entry.use, version: '', state: 'disabled' });
    if (!entry.enabled) continue;
    await attempt(entry, async () => {
      const plugin = inTodaysWords(await guard.setUp(entry.use, () => source.load(entry.use)));
      checkManifest(entry.use, plugin);
      checkUnique(entry.use, plugin, loaded);
      loaded.push(await configure(entry, plugin));
      statuses.set(entry, { use: entry.use, id: plugin.id, version: plugin.version, state: 'loaded' });
    });
  }
  // After the loop: a strategy or a gate may come from a plugin listed later.
  const strategies = loaded.flatMap((one) => one.strategies.map(({ definition }) => definition));
  for (const { entry, analyzers } of loaded)
    await attempt(entry, () => analyzers.forEach((analyzer) => checkExecution(entry.use, analyzer, strategies)));
  const inForce = (): LoadedPlugin[] => loaded.filter(({ entry }) => statuses.get(entry)?.state === 'loaded');
  for (const { entry, analyzers } of loaded) await attempt(entry, () => checkGates(entry.use, analyzers, inForce()));
  return {
    loaded: inForce(),
    statuses: [...statuses.values()],
    failures,
  };
}

/** The status of an optional plugin that failed. */
export function failedStatus(use: string, error: unknown, known?: PluginStatus): PluginStatus {
  const { code, message, fix, stack, cause } = error as { code?: unknown; message?: string; fix?: string; stack?: string; cause?: unknown };
  return {
    use,
    id: known?.id ?? use,
    version: known?.version ?? '',
    state: 'failed',
    error: {
      code: typeof code === 'string' ? code : 'VD_PLUGIN_LOAD_FAILED',
      message: message ?? String(error),
      fix,
      stack: (cause instanceof Error ? cause.stack : undefined) ?? stack,
    },
  };
}

function checkUnique(use: string, plugin: Plugin, before: readonly LoadedPlugin[]): void {
  for (const { entry, plugin: other } of before) {
    if (other.id === plugin.id) throw pluginError('VD_PLUGIN_DUPLICATE_ID', `${entry.use} and ${use} are both plugin ${plugin.id}`);
    for (const kind of ['analyzers', 'sources', 'strategies'] as const) {
      const taken = plugin[kind]?.find((item) => other[kind]?.some((one) => one.id === item.id));
      if (taken !== undefined) throw pluginError('VD_PLUGIN_DUPLICATE_ID', `${entry.use} and ${use} both bring ${kind} ${taken.id}`);
    }
  }
}

async function configure(entry: PluginEntry, plugin: Plugin): Promise<LoadedPlugin> {
  const place = `plugins: ${entry.use}`;
  for (const kind of ['analyzers', 'sources', 'strategies'] as const) {
    const known = (plugin[kind] ?? []).map((item) => item.id);
    const stray = Object.keys(entry[kind]).find((id) => !known.includes(id));
    if (stray !== undefined) {
      const has = known.length === 0 ? `has no ${kind}` : `has ${known.join(', ')}`;
      throw pluginError('VD_PLUGIN_UNKNOWN_CONTRIBUTION', `${place}: ${pathText([kind, stray])}: ${plugin.id} ${has}`);
    }
  }
  const analyzers: RegisteredAnalyzer[] = [];
  for (const definition of plugin.analyzers ?? []) {
    const placement = entry.analyzers[definition.id] ?? analyzerPlacement.parse({ enabled: definition.needsStandIn !== true });
    const registered = await configureAnalyzer(place, plugin.id, definition, placement);
    if (placement.enabled) analyzers.push(registered);
  }
  const sources: RegisteredSource[] = [];
  for (const definition of plugin.sources ?? []) {
    const written = entry.sources[definition.id];
    const where = `${place}: ${pathText(['sources', definition.id])}`;
    if (definition.kind === 'stream' && written !== undefined) {
      throw pluginError('VD_PLUGIN_CONFIG_INVALID', `${where}: ${definition.id} is configured per stream, not here`, {
        fix: 'Remove it here and set it on the stream.',
      });
    }
    const config = definition.kind === 'stream' ? undefined : await parseContributionConfig(where, definition.config, written ?? {});
    sources.push({ pluginId: plugin.id, definition, config });
  }
  const strategies: RegisteredStrategy[] = [];
  for (const definition of plugin.strategies ?? []) {
    const where = `${place}: ${pathText(['strategies', definition.id])}`;
    const config = await parseContributionConfig(where, definition.config, entry.strategies[definition.id] ?? {});
    strategies.push({ pluginId: plugin.id, definition, config });
  }
  return { entry, plugin, analyzers, sources, strategies };
}

/**
 * An analyzer with its config parsed and its input known.
 * @param place where the config stands, for the error
 * @throws VD_PLUGIN_CONFIG_INVALID, VD_PLUGIN_INVALID
 */
export async function configureAnalyzer(
  place: string,
  pluginId: string,
  definition: AnalyzerDefinition,
  placement: AnalyzerPlacement,
): Promise<RegisteredAnalyzer> {
  const where = `${place}: ${pathText(['analyzers', definition.id])}.config`;
  const parsed = await parseContributionConfig(where, definition.config, placement.config);
  let config: JsonValue;
  try {
    // What crosses processes and machines is the JSON, so that is what every place must agree on.
    config = JSON.parse(canonicalJson(parsed)) as JsonValue;
  } catch (cause) {
    throw pluginError('VD_PLUGIN_INVALID', `${where}: its schema makes ${errorText(cause)}`, { cause });
  }
  const input = analyzerInput.safeParse(typeof definition.input === 'function' ? definition.input(config) : definition.input);
  if (!input.success) throw pluginError('VD_PLUGIN_INVALID', `${place}: ${definition.id}: input: ${input.error.issues[0]?.message ?? ''}`);
  const tracking = checkedTracking(place, definition, config);
  return {
    pluginId,
    definition,
    placement,
    config,
    configHash: configHash(definition.id, definition.version, config),
    input: input.data,
    tracking,
  };
}

/** Gates are named by what they tell, so that an operator can put another in the place of one: there is one of each name. */
function checkGates(use: string, analyzers: readonly RegisteredAnalyzer[], inForce: readonly LoadedPlugin[]): void {
  const gates = inForce.flatMap((one) => one.analyzers.filter(({ definition }) => definition.gate !== undefined));
  const names = gates.map(({ definition }) => definition.gate!);
  for (const { definition, placement, input } of analyzers) {
    const where = `plugins: ${use}: ${definition.id}`;
    const other = gates.find((gate) => gate.definition.gate === definition.gate && gate.definition.id !== definition.id);
    if (definition.gate !== undefined && other !== undefined) {
      throw pluginError('VD_PLUGIN_DUPLICATE_ID', `${where} and ${other.definition.id} are both the gate ${definition.gate}`);
    }
    const { when } = placement;
    if (when === undefined) continue;
    if (!wantsPictures(input))
      throw pluginError('VD_PLUGIN_GATE_UNKNOWN', `${where}: when: ${when}: it asks for sound alone, and gates judge pictures`);
    if (!names.includes(when)) {
      throw pluginError(
        'VD_PLUGIN_GATE_UNKNOWN',
        `${where}: when: there is no gate ${JSON.stringify(when)}; ` +
          `${names.length === 0 ? 'no enabled analyzer is a gate' : `gates are ${names.join(', ')}`}`,
      );
    }
  }
}
