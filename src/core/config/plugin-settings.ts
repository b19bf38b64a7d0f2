import { z } from 'zod';
import { deepFreeze } from './deep-freeze.js';
import { mergeDefaultPlugins, useOf } from './default-plugins.js';
import type { LoadedConfig } from './load-config.js';
import type { SettingsFault, SettingsOfRole, WrittenPlugins } from './plugin-layers.js';
import { pathText } from './issue-text.js';
import { pluginEntry, type PluginEntry } from './schema.js';
import { isStorable } from './text.js';

const MOST_CHARS = 65_536;
const id = z.string().min(1).max(100);
const options = z.record(id, z.unknown());

/**
 * What people set of a plugin in the dashboard: keys of its entry in `plugins`, as they would be written there. They stand above the
 * defaults and below what the config file or the environment says.
 */
export const pluginSettings = z
  .strictObject({
    enabled: z.boolean().optional(),
    analyzers: z
      .record(
        id,
        z.strictObject({
          enabled: z.boolean().optional(),
          streams: z.array(z.string().min(1).max(100)).max(200).optional(),
          when: z.string().min(1).max(100).optional(),
          config: options.optional(),
          execution: z.strictObject({ prefer: z.array(id).min(1).max(20).optional() }).optional(),
        }),
      )
      .optional(),
    sources: z.record(id, options).optional(),
    strategies: z.record(id, options).optional(),
  })
  .refine((settings) => JSON.stringify(settings).length <= MOST_CHARS && isStorable(settings), `at most ${MOST_CHARS} characters of text`);
export type PluginSettings = z.output<typeof pluginSettings>;

type Keys = Readonly<Record<string, unknown>>;

const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The upper value wherever there is one; of keys and values, key by key. */
export function layered(lower: unknown, upper: unknown): unknown {
  if (!isKeys(lower) || !isKeys(upper)) return upper ?? lower;
  const keys = new Set([...Object.keys(lower), ...Object.keys(upper)]);
  return Object.fromEntries([...keys].map((key) => [key, layered(lower[key], upper[key])]));
}

/** Paths of values that both set, down to the options of a contribution: what the operator wrote elsewhere keeps them. */
export function lockedPaths(settings: PluginSettings, written: unknown): string[] {
  return shared(settings, written, []).map(pathText);
}

function shared(lower: unknown, upper: unknown, path: readonly string[]): (readonly string[])[] {
  if (lower === undefined || upper === undefined) return [];
  if (!isKeys(lower) || !isKeys(upper)) return [path];
  return Object.keys(lower).flatMap((key) => (Object.hasOwn(upper, key) ? shared(lower[key], upper[key], [...path, key]) : []));
}

/** Whether a plugin runs where nobody says otherwise. */
export const runsByDefault = (written: WrittenPlugins | undefined, use: string): boolean =>
  mergeDefaultPlugins(written?.entries ?? []).some(({ entry }) => useOf(entry) === use);

/** What the operator wrote of a plugin; undefined: nothing. */
export const writtenEntry = (written: WrittenPlugins | undefined, use: string): unknown =>
  written?.entries.find((entry) => useOf(entry) === use);

/**
 * The config with what people set in the dashboard. An entry that is no entry any more with its settings stands as it would without.
 * @param settings by `use`; of plugins that the config does not list, those are added that ship with Vedette and are switched on
 */
export function withPluginSettings(
  loaded: LoadedConfig,
  revision: string,
  settings: ReadonlyMap<string, PluginSettings>,
): LoadedConfig & { readonly settings: SettingsOfRole } {
  const faults: SettingsFault[] = [];
  const { plugins: entriesWithout } = loaded.config;
  const settled = entriesWithout.map((without): PluginEntry => {
    const own = settings.get(without.use);
    if (own === undefined) return without;
    const parsed = pluginEntry.safeParse(layered(own, writtenEntry(loaded.written, without.use) ?? { use: without.use }));
    if (parsed.success) return parsed.data;
    faults.push({ use: without.use, message: parsed.error.issues.map((issue) => `${pathText(issue.path)}: ${issue.message}`).join('; ') });
    return without;
  });
  const added = [...settings]
    .filter(([use, { enabled }]) => enabled === true && use.startsWith('vedette/') && !entriesWithout.some((entry) => entry.use === use))
    .map(([use, own]) => pluginEntry.parse({ ...own, use }));
  const plugins = [...settled, ...added];
  return { ...loaded, config: deepFreeze({ ...loaded.config, plugins }), settings: { revision, faults, entriesWithout } };
}
