import type { DynamicModule, Provider, Type } from '@nestjs/common';
import type { AnalyzerDefinition } from './analyzer.js';
import type { ExecutionStrategyDefinition } from './execution-strategy.js';
import type { SourceAdapterDefinition } from './source-adapter.js';

/** Version of this surface; core compares a plugin's `api` range with it at start-up. */
export const PLUGIN_API_VERSION = '1.0.0';

/** Marks a plugin object across copies of this package. */
export const PLUGIN_MARK = Symbol.for('vedette.plugin');

/** A plugin: one default export. Contributions are manifests, its own services are ordinary Nest modules and providers. */
export interface PluginDefinition {
  readonly id: string;
  readonly version: string;
  /** Semver range of {@link PLUGIN_API_VERSION} that the plugin was written for, e.g. '^1.0.0'. */
  readonly api: string;
  readonly imports?: readonly (Type | DynamicModule)[];
  readonly providers?: readonly Provider[];
  readonly analyzers?: readonly AnalyzerDefinition[];
  readonly sources?: readonly SourceAdapterDefinition[];
  readonly strategies?: readonly ExecutionStrategyDefinition[];
}

export type Plugin = PluginDefinition & { readonly [PLUGIN_MARK]: true };

/**
 * Makes a plugin.
 * @example export default definePlugin({ id: 'acme.door', version: '1.0.0', api: '^1.0.0', analyzers: [doorWatch] });
 */
export function definePlugin(definition: PluginDefinition): Plugin {
  return Object.freeze({ ...definition, [PLUGIN_MARK]: true as const });
}
