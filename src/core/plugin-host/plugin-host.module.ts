import { Inject, Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { CONFIG_ORIGIN } from '../config/config.module.js';
import type { LoadedConfig } from '../config/load-config.js';
import { LOGGER } from '../observability/logger.js';
import type { PluginEntry } from '../config/schema.js';
import { errorText, type Logger } from '../plugin-api/index.js';
import { HostResolver } from './host-resolver.js';
import { loadPlugins } from './loaded-plugins.js';
import { PluginCatalogue } from './plugin-catalogue.js';
import { NestPluginRegistry } from './nest-plugin-registry.js';
import type { ContributionKind } from './plugin-module.js';
import { PluginGuard } from './plugin-guard.js';
import { PluginPlaces } from './plugin-places.js';
import { PluginRegistry, type BuiltinPlugins } from './plugin-registry.js';
import { LOAD_TIMEOUT_MS, PluginSource } from './plugin-source.js';
import { SettingsInForce } from './settings-in-force.js';
import { StreamAssignments } from './stream-assignments.js';

const UNINSTALL = Symbol('vedette.plugin-host.uninstall');
const SOURCE = Symbol('vedette.plugin-host.source');
const LOADED = Symbol('vedette.plugin-host.loaded');

interface LoadedRegistry {
  readonly registry: NestPluginRegistry;
  readonly settings: SettingsInForce;
}

export interface PluginHostOptions {
  readonly builtins: BuiltinPlugins;
  /** Kinds of contribution this role makes instances of; manifests are loaded in every role. */
  readonly instantiate: readonly ContributionKind[];
  readonly loadTimeoutMs?: number;
  /** The role's, which also hears of errors that nobody caught. */
  readonly guard?: PluginGuard;
}

/**
 * Provides {@link PluginRegistry}, {@link StreamAssignments}, {@link SettingsInForce} and {@link PluginCatalogue} everywhere in the role.
 * Needs ConfigModule and ObservabilityModule.
 * @example PluginHostModule.forRole({ builtins, instantiate: ['sources'] })
 */
@Module({})
export class PluginHostModule implements OnModuleDestroy {
  constructor(@Inject(UNINSTALL) private readonly uninstall: () => void) {}

  static forRole(options: PluginHostOptions): DynamicModule {
    const { guard = new PluginGuard(), loadTimeoutMs = LOAD_TIMEOUT_MS } = options;
    return {
      module: PluginHostModule,
      global: true,
      providers: [
        {
          provide: UNINSTALL,
          inject: [CONFIG_ORIGIN, LOGGER],
          useFactory: ({ config, baseDir }: LoadedConfig, logger: Logger) => {
            const uses = config.plugins.filter(({ enabled }) => enabled).map(({ use }) => use);
            const undo = [new HostResolver(import.meta.url).install(), guard.install(new PluginPlaces(uses, baseDir), logger)];
            return () => undo.forEach((step) => step());
          },
        },
        {
          provide: SOURCE,
          inject: [CONFIG_ORIGIN],
          useFactory: ({ baseDir, pluginFaults }: LoadedConfig) =>
            new PluginSource({ builtins: options.builtins, baseDir, loadTimeoutMs, faults: pluginFaults ?? [] }),
        },
        {
          provide: LOADED,
          inject: [CONFIG_ORIGIN, SOURCE, LazyModuleLoader, LOGGER, UNINSTALL],
          useFactory: async (
            { config, settings }: LoadedConfig,
            source: PluginSource,
            loader: LazyModuleLoader,
            logger: Logger,
          ): Promise<LoadedRegistry> => {
            const load = async (entries: readonly PluginEntry[]): Promise<NestPluginRegistry> =>
              NestPluginRegistry.create(await loadPlugins(entries, source, guard), {
                kinds: options.instantiate,
                loader,
                loadTimeoutMs,
                guard,
              });
            let left: string | undefined;
            const registry = await load(config.plugins).catch((error: unknown) => {
              // What can be mended in the dashboard must not keep the dashboard from starting.
              if (settings === undefined || settings.entriesWithout === config.plugins) throw error;
              left = errorText(error);
              logger.error('Plugins cannot be loaded with what the dashboard sets of them: it is left out', {
                component: 'plugins',
                error,
              });
              return load(settings.entriesWithout);
            });
            for (const [use, error] of registry.failures) {
              logger.warn('An optional plugin failed; the rest runs', { component: 'plugins', use, error });
            }
            return { registry, settings: new SettingsInForce(settings, left) };
          },
        },
        { provide: PluginRegistry, inject: [LOADED], useFactory: ({ registry }: LoadedRegistry) => registry },
        { provide: SettingsInForce, inject: [LOADED], useFactory: ({ settings }: LoadedRegistry) => settings },
        {
          provide: PluginCatalogue,
          inject: [CONFIG_ORIGIN, SOURCE, LOADED],
          useFactory: (loaded: LoadedConfig, source: PluginSource) =>
            new PluginCatalogue(loaded, Object.keys(options.builtins), source, guard),
        },
        StreamAssignments,
      ],
      exports: [PluginRegistry, StreamAssignments, SettingsInForce, PluginCatalogue],
    };
  }

  onModuleDestroy(): void {
    this.uninstall();
  }
}
