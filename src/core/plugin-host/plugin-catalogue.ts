import type { ZodType } from 'zod';
import type { LoadedConfig } from '../config/load-config.js';
import { layered, runsByDefault, withPluginSettings, writtenEntry, type PluginSettings } from '../config/plugin-settings.js';
import { pathText } from '../config/issue-text.js';
import { secretPaths } from '../config/schema-walk.js';
import { errorText, type Plugin } from '../plugin-api/index.js';
import { tryContributionConfig } from './contribution-config.js';
import { loadPlugins } from './loaded-plugins.js';
import { checkManifest } from './manifest-check.js';
import { inTodaysWords } from './manifest-words.js';
import type { PluginGuard } from './plugin-guard.js';
import type { PluginSource } from './plugin-source.js';

export interface SettingsFlaw {
  /** In the settings: `analyzers["motion.watch"].config.minScore`. */
  readonly path: string;
  readonly message: string;
}

/** What of a contribution is configured where: its key in an entry, its schema, and the key below it. */
interface Configurable {
  readonly path: readonly string[];
  readonly schema: ZodType;
}

/** Every plugin there is, running or not: what it says of itself, and whether settings would do for it. */
export class PluginCatalogue {
  constructor(
    private readonly loaded: LoadedConfig,
    private readonly builtins: readonly string[],
    private readonly source: PluginSource,
    private readonly guard: PluginGuard,
  ) {}

  /** By what the config calls them: its own in its order, then those that ship with Vedette and are not in it. */
  get uses(): string[] {
    return [...new Set([...this.loaded.config.plugins.map(({ use }) => use), ...this.builtins])];
  }

  /** What the operator wrote of it outside the dashboard; undefined: nothing. */
  written(use: string): unknown {
    return writtenEntry(this.loaded.written, use);
  }

  /** Whether it runs where neither the operator nor the dashboard says anything of it. */
  runsByDefault(use: string): boolean {
    return runsByDefault(this.loaded.written, use);
  }

  get place(): { readonly from: 'file' | 'environment'; readonly place: string } | null {
    const { written } = this.loaded;
    return written === undefined ? null : { from: written.from, place: written.place };
  }

  /**
   * Null: what others wrote is not imported for looking at it; only what is enabled is.
   * @throws VD_PLUGIN_*
   */
  async manifest(use: string): Promise<Plugin | null> {
    const isEnabled = this.loaded.config.plugins.some((entry) => entry.use === use && entry.enabled);
    if (!isEnabled && !use.startsWith('vedette/')) return null;
    const plugin = inTodaysWords(await this.guard.setUp(use, () => this.source.load(use)));
    checkManifest(use, plugin);
    return plugin;
  }

  /**
   * What keeps settings from being taken: option by option, and of the plugins as a whole.
   * @param all settings of every plugin, with those of this one as they are to be
   * @throws VD_PLUGIN_* for a plugin that cannot be loaded at all
   */
  async flaws(use: string, all: ReadonlyMap<string, PluginSettings>): Promise<SettingsFlaw[]> {
    const plugin = await this.manifest(use);
    const settings = all.get(use) ?? {};
    if (plugin !== null) {
      const own = [...strays(plugin, settings), ...(await this.optionFlaws(use, plugin, settings))];
      if (own.length > 0) return own;
    }
    const { entriesWithout = this.loaded.config.plugins } = this.loaded.settings ?? {};
    const base = { ...this.loaded, config: { ...this.loaded.config, plugins: [...entriesWithout] } };
    const { config, settings: taken } = withPluginSettings(base, '0', all);
    const fault = taken.faults.find((one) => one.use === use);
    if (fault !== undefined) return [{ path: '', message: fault.message }];
    try {
      const { failures } = await loadPlugins(config.plugins, this.source, this.guard);
      return failures.has(use) ? [{ path: '', message: errorText(failures.get(use)) }] : [];
    } catch (error) {
      return [{ path: '', message: errorText(error) }];
    }
  }

  /** Where in settings of this plugin secrets would stand. */
  secretPaths(plugin: Plugin): string[] {
    return configurable(plugin).flatMap(({ path, schema }) => secretPaths(schema).map((secret) => pathText([...path, ...secret])));
  }

  private async optionFlaws(use: string, plugin: Plugin, settings: PluginSettings): Promise<SettingsFlaw[]> {
    const entry = layered(settings, this.written(use));
    const flaws: SettingsFlaw[] = [];
    for (const { path, schema } of configurable(plugin)) {
      if (at(settings, path) === undefined) continue;
      const place = `plugins: ${use}: ${pathText(path)}`;
      const result = await tryContributionConfig(place, schema, at(entry, path) as Record<string, unknown>);
      for (const flaw of result.flaws ?? []) flaws.push({ path: pathText([...path, ...flaw.path]), message: flaw.message });
    }
    return flaws;
  }
}

function configurable(plugin: Plugin): Configurable[] {
  return [
    ...(plugin.analyzers ?? []).map(({ id, config }) => ({ path: ['analyzers', id, 'config'], schema: config })),
    ...(plugin.sources ?? []).flatMap(({ id, kind, config }) => (kind === 'listener' ? [{ path: ['sources', id], schema: config }] : [])),
    ...(plugin.strategies ?? []).map(({ id, config }) => ({ path: ['strategies', id], schema: config })),
  ];
}

function strays(plugin: Plugin, settings: PluginSettings): SettingsFlaw[] {
  return (['analyzers', 'sources', 'strategies'] as const).flatMap((kind) => {
    const known = (plugin[kind] ?? []).map(({ id }) => id);
    return Object.keys(settings[kind] ?? {})
      .filter((id) => !known.includes(id))
      .map((id) => ({ path: pathText([kind, id]), message: `${plugin.id} has ${known.length === 0 ? `no ${kind}` : known.join(', ')}` }));
  });
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
