import { Inject, Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { CONFIG_ORIGIN } from '../config/config.module.js';
import type { LoadedConfig } from '../config/load-config.js';
import { LOGGER } from '../observability/logger.js';
import type { Logger } from '../plugin-api/index.js';
import { HostResolver } from './host-resolver.js';
import { loadPlugins } from './loaded-plugins.js';
import { NestPluginRegistry } from './nest-plugin-registry.js';
import type { ContributionKind } from './plugin-module.js';
import { PluginGuard } from './plugin-guard.js';
import { PluginPlaces } from './plugin-places.js';
import { PluginRegistry, type BuiltinPlugins } from './plugin-registry.js';
import { LOAD_TIMEOUT_MS, PluginSource } from './plugin-source.js';
import { StreamAssignments } from './stream-assignments.js';

const UNINSTALL = Symbol('vedette.plugin-host.uninstall');

export interface PluginHostOptions {
  readonly builtins: BuiltinPlugins;
  /** Kinds of contribution this role makes instances of; manifests are loaded in every role. */
  readonly instantiate: readonly ContributionKind[];
  readonly loadTimeoutMs?: number;
  /** The role's, which also hears of errors that nobody caught. */
  readonly guard?: PluginGuard;
}

/**
 * Provides {@link PluginRegistry} and {@link StreamAssignments} everywhere in the role. Needs ConfigModule and ObservabilityModule.
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
          provide: PluginRegistry,
          inject: [CONFIG_ORIGIN, LazyModuleLoader, LOGGER, UNINSTALL],
          useFactory: async ({ config, baseDir, pluginFaults }: LoadedConfig, loader: LazyModuleLoader, logger: Logger) => {
            const source = new PluginSource({ builtins: options.builtins, baseDir, loadTimeoutMs, faults: pluginFaults ?? [] });
            const plugins = await loadPlugins(config.plugins, source, guard);
            const registry = await NestPluginRegistry.create(plugins, { kinds: options.instantiate, loader, loadTimeoutMs, guard });
            for (const [use, error] of registry.failures) {
              logger.warn('An optional plugin failed; the rest runs', { component: 'plugins', use, error });
            }
            return registry;
          },
        },
        StreamAssignments,
      ],
      exports: [PluginRegistry, StreamAssignments],
    };
  }

  onModuleDestroy(): void {
    this.uninstall();
  }
}
