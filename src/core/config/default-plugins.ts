/** Built-in plugins that run unless an entry with the same `use` says otherwise. */
export const DEFAULT_PLUGINS = [
  'vedette/rtmp',
  'vedette/webcam',
  'vedette/folder',
  'vedette/browser',
  'vedette/pull',
  'vedette/file',
  'vedette/visual-analysis',
  'vedette/logo-detection',
  'vedette/object-detection',
  'vedette/strategy-local',
] as const;

/** A plugin entry as written, with where in the user's list it stood, so that errors can point there. */
export interface WrittenPluginEntry {
  readonly entry: unknown;
  readonly writtenIndex?: number;
}

/** The built-ins first, each with the user's entry of the same `use` in its place; then the user's own in their order. */
export function mergeDefaultPlugins(written: readonly unknown[]): WrittenPluginEntry[] {
  const users = written.map((entry, writtenIndex) => ({ entry, writtenIndex }));
  const builtins = DEFAULT_PLUGINS.map((use): WrittenPluginEntry => users.find(({ entry }) => useOf(entry) === use) ?? { entry: { use } });
  return [...builtins, ...users.filter(({ entry }) => !DEFAULT_PLUGINS.some((use) => use === useOf(entry)))];
}

export const useOf = (entry: unknown): unknown => (entry !== null && typeof entry === 'object' && 'use' in entry ? entry.use : undefined);
