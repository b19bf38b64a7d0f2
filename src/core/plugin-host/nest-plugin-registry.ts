import type { ModuleRef } from '@nestjs/core';
import type { LazyModuleLoader } from '@nestjs/core';
import { pluginError } from '../errors/plugin.errors.js';
import {
  type Analyzer,
  errorText,
  type ExecutionStrategy,
  type JsonObject,
  type JsonValue,
  type SourceAdapter,
} from '../plugin-api/index.js';
import { within } from '../runtime/within.js';
import { configureAnalyzer, failedStatus, type LoadedPlugin, type LoadedPlugins } from './loaded-plugins.js';
import type { PluginGuard } from './plugin-guard.js';
import { injectedToken, pluginModule, type ContributionKind } from './plugin-module.js';
import {
  failedHere,
  PluginRegistry,
  type PluginStatus,
  type RegisteredAnalyzer,
  type RegisteredSource,
  type RegisteredStrategy,
} from './plugin-registry.js';

/** Queues that exist whether or not an analyzer names them. */
const STANDING_QUEUES = ['logo_detection', 'visual_analysis', 'default'];

/** The loaded plugins of a role, with a Nest module for each that the role makes instances of. */
export class NestPluginRegistry extends PluginRegistry {
  override readonly analyzers: readonly RegisteredAnalyzer[];
  override readonly sources: readonly RegisteredSource[];
  override readonly strategies: readonly RegisteredStrategy[];
  override readonly queues: readonly string[];

  private constructor(
    override readonly plugins: readonly PluginStatus[],
    loaded: readonly LoadedPlugin[],
    private readonly modules: ReadonlyMap<string, ModuleRef>,
    /** Why optional plugins are left out, with cause and stack, by `use`. */
    readonly failures: ReadonlyMap<string, unknown>,
  ) {
    super();
    this.analyzers = loaded.flatMap((one) => one.analyzers);
    this.sources = loaded.flatMap((one) => one.sources);
    this.strategies = loaded.flatMap((one) => one.strategies);
    this.queues = [...new Set([...STANDING_QUEUES, ...this.analyzers.map(({ definition }) => definition.queue)])];
  }

  /**
   * Initialises the Nest modules of plugins that contribute one of `kinds`.
   * @throws VD_PLUGIN_LOAD_FAILED, VD_PLUGIN_LOAD_TIMEOUT for a plugin that is not optional
   */
  static async create({ loaded, statuses, failures: earlier }: LoadedPlugins, options: InitialiseOptions): Promise<NestPluginRegistry> {
    const modules = new Map<string, ModuleRef>();
    const failed = new Map<string, PluginStatus>();
    const failures = new Map(earlier);
    for (const one of loaded.filter((candidate) => options.kinds.some((kind) => candidate[kind].length > 0))) {
      try {
        modules.set(one.plugin.id, await initialise(one, options));
      } catch (error) {
        if (!one.entry.optional) throw error;
        failures.set(one.entry.use, error);
        const status = statuses.find(({ use }) => use === one.entry.use);
        failed.set(one.entry.use, failedStatus(one.entry.use, error, status));
      }
    }
    return new NestPluginRegistry(
      statuses.map((status) => failed.get(status.use) ?? status),
      loaded.filter(({ entry }) => !failed.has(entry.use)),
      modules,
      failures,
    );
  }

  override async configureAnalyzer(analyzerId: string, written: JsonObject): Promise<RegisteredAnalyzer> {
    const { pluginId, definition, placement } = this.find('analyzers', analyzerId, this.analyzers);
    return configureAnalyzer(`the job's config for plugin ${pluginId}`, pluginId, definition, { ...placement, config: written });
  }

  override async createAnalyzer(analyzerId: string, config?: JsonValue): Promise<Analyzer> {
    const registered = this.find('analyzers', analyzerId, this.analyzers);
    const { pluginId, definition } = registered;
    return definition.create(config ?? registered.config, ...this.injected(pluginId, 'analyzers', analyzerId));
  }

  override async createSource(sourceId: string): Promise<SourceAdapter> {
    const { pluginId, definition } = this.find('sources', sourceId, this.sources);
    return definition.create(...this.injected(pluginId, 'sources', sourceId));
  }

  override async createStrategy(strategyId: string): Promise<ExecutionStrategy> {
    const { pluginId, definition, config } = this.find('strategies', strategyId, this.strategies);
    return definition.create(config, ...this.injected(pluginId, 'strategies', strategyId));
  }

  private find<T extends { readonly definition: { readonly id: string } }>(kind: string, id: string, registered: readonly T[]): T {
    const found = registered.find(({ definition }) => definition.id === id);
    if (found !== undefined) return found;
    const known = registered.map(({ definition }) => definition.id).join(', ') || 'none';
    throw pluginError('VD_PLUGIN_UNKNOWN_CONTRIBUTION', `${kind}: there is no ${id}; enabled are: ${known}${failedHere(this)}`);
  }

  private injected(pluginId: string, kind: ContributionKind, id: string): unknown[] {
    const module = this.modules.get(pluginId);
    if (module === undefined) throw pluginError('VD_PLUGIN_NOT_INSTANTIATED', `${kind} ${id}: this role makes no instances of ${kind}`);
    try {
      return module.get<unknown[]>(injectedToken(kind, id));
    } catch (cause) {
      throw pluginError('VD_PLUGIN_NOT_INSTANTIATED', `${kind} ${id}: this role makes no instances of ${kind}`, { cause });
    }
  }
}

interface InitialiseOptions {
  readonly kinds: readonly ContributionKind[];
  readonly loader: LazyModuleLoader;
  readonly loadTimeoutMs: number;
  readonly guard: PluginGuard;
}

async function initialise(one: LoadedPlugin, options: InitialiseOptions): Promise<ModuleRef> {
  const { use } = one.entry;
  const loading = options.guard.setUp(use, () => options.loader.load(() => pluginModule(one, options.kinds) as never));
  try {
    return await within(options.loadTimeoutMs, loading, () =>
      pluginError('VD_PLUGIN_LOAD_TIMEOUT', `${use}: its providers were not ready within ${options.loadTimeoutMs} ms`),
    );
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('VD_')) throw cause;
    throw pluginError('VD_PLUGIN_LOAD_FAILED', `${use}: ${errorText(cause)}`, { cause });
  }
}
