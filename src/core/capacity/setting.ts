import type { JsonValue } from '../plugin-api/index.js';
import type { Change } from './change.js';
import type { CapacityFacts } from './facts.js';

/** One value of an analyzer's entry in the config of its plugin. */
export interface Setting {
  readonly pluginId: string;
  readonly analyzerId: string;
  /** Below the analyzer: `['config', 'fps']`. */
  readonly path: string[];
  readonly value: JsonValue;
}

/** What has to be set for a change; nothing: it is done in another way. */
export function settingsOf(
  { subject, edit }: Pick<Change, 'subject' | 'edit'>,
  { analyzers }: Pick<CapacityFacts, 'analyzers'>,
): Setting[] {
  const analyzer = analyzers.find(({ id }) => id === subject);
  if (edit === null || analyzer === undefined) return [];
  const at = (path: string[], value: JsonValue | readonly string[] | undefined): Setting[] =>
    value === undefined ? [] : [{ pluginId: analyzer.pluginId, analyzerId: subject, path, value: value as JsonValue }];
  return [
    ...at(['enabled'], edit.enabled),
    ...at(['streams'], edit.streams),
    ...at(['when'], edit.when),
    ...Object.entries(edit.config ?? {}).flatMap(([key, value]) => at(['config', key], value)),
    ...at(['execution', 'prefer'], edit.prefer),
  ];
}
