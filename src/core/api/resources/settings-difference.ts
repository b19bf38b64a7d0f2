import { pathText } from '../../config/issue-text.js';
import type { PluginSettings } from '../../config/plugin-settings.js';

/** One value that a change of settings touched; absent before or after: it was not set. */
export interface ChangedValue {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What differs between two states of a plugin's settings, value by value. */
export function settingsDifference(before: PluginSettings, after: PluginSettings): ChangedValue[] {
  return differences(before, after, []);
}

const isKeys = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function differences(before: unknown, after: unknown, path: readonly string[]): ChangedValue[] {
  if (isKeys(before ?? {}) && isKeys(after ?? {}) && (isKeys(before) || isKeys(after))) {
    const [old, now] = [(before ?? {}) as Readonly<Record<string, unknown>>, (after ?? {}) as Readonly<Record<string, unknown>>];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) => differences(old[key], now[key], [...path, key]));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path: pathText(path), ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}
