import type { Plugin } from '../plugin-api/index.js';

/** Names that manifests had before, and have still in plugins built against an earlier 1.x of the plugin API. */
const FORMER_NAMES = { tasks: 'solves' } as const;

/**
 * A plugin with the names of today in its manifests. What is of another form than a manifest stays as it is: the manifest's check
 * refuses it in words.
 * @example inTodaysWords({ …, analyzers: [{ id: 'acme.door', tasks: ['door'], … }] }).analyzers[0].solves // ['door']
 */
export function inTodaysWords(plugin: Plugin): Plugin {
  const { analyzers, strategies } = (plugin ?? {}) as Partial<Plugin>;
  if (![analyzers, strategies].some((list) => Array.isArray(list) && list.some(hasFormerNames))) return plugin;
  return { ...plugin, ...(analyzers && { analyzers: analyzers.map(renamed) }), ...(strategies && { strategies: strategies.map(renamed) }) };
}

const formerNamesOf = (manifest: object): [string, string][] =>
  Object.entries(FORMER_NAMES).filter(([former, name]) => former in manifest && !(name in manifest));

const hasFormerNames = (manifest: unknown): boolean =>
  typeof manifest === 'object' && manifest !== null && formerNamesOf(manifest).length > 0;

function renamed<T extends object>(manifest: T): T {
  if (!hasFormerNames(manifest)) return manifest;
  const values = manifest as Record<string, unknown>;
  return { ...manifest, ...Object.fromEntries(formerNamesOf(manifest).map(([former, name]) => [name, values[former]])) };
}
