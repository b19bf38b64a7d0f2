import { z, type ZodType } from 'zod';
import type { PluginSettings } from '../../config/plugin-settings.js';
import { secretPaths } from '../../config/schema-walk.js';
import type { JsonObject, Plugin } from '../../plugin-api/index.js';
import type { ContributionWire, SettingSource } from '../../wire/plugins.wire.js';

type Keys = Readonly<Record<string, unknown>>;

/** What a plugin's entry is made of: what the operator wrote elsewhere, and what is set in the dashboard. */
export interface EntryLayers {
  readonly written: unknown;
  readonly settings: PluginSettings;
  /** Where the upper one is from. */
  readonly from: 'file' | 'environment';
}

/** The value that holds at a path of the entry, and where it is from. */
export function settingAt({ written, settings, from }: EntryLayers, path: readonly string[]): { value: unknown; source: SettingSource } {
  const upper = at(written, path);
  if (upper !== undefined) return { value: upper, source: from };
  const lower = at(settings, path);
  return lower !== undefined ? { value: lower, source: 'dashboard' } : { value: undefined, source: 'default' };
}

/** What of a plugin can be set, as it is set. */
export function contributionsOf(plugin: Plugin, layers: EntryLayers): ContributionWire[] {
  return [
    ...(plugin.analyzers ?? []).map((definition): ContributionWire => {
      const { id, title, queue, config, needsStandIn, streams } = definition;
      const [enabled, patterns] = [settingAt(layers, ['analyzers', id, 'enabled']), settingAt(layers, ['analyzers', id, 'streams'])];
      return {
        ...{ kind: 'analyzer', id, title, queue },
        ...configOf(config, layers, ['analyzers', id, 'config']),
        enabled: { source: enabled.source, value: (enabled.value as boolean | undefined) ?? needsStandIn !== true },
        streams: { source: patterns.source, value: [...((patterns.value as string[] | undefined) ?? streams ?? ['*'])] },
      };
    }),
    ...(plugin.sources ?? [])
      // What a stream is read from is set on the stream.
      .filter(({ kind }) => kind === 'listener')
      .map(({ id, title, config }): ContributionWire => ({
        ...{ kind: 'source', id, title, queue: null, enabled: null, streams: null },
        ...configOf(config, layers, ['sources', id]),
      })),
    ...(plugin.strategies ?? []).map(({ id, title, config }): ContributionWire => ({
      ...{ kind: 'strategy', id, title, queue: null, enabled: null, streams: null },
      ...configOf(config, layers, ['strategies', id]),
    })),
  ];
}

function configOf(schema: ZodType, layers: EntryLayers, path: readonly string[]): Pick<ContributionWire, 'schema' | 'options' | 'secrets'> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
  const properties = (json.properties ?? {}) as Record<string, JsonObject>;
  // A key with a secret somewhere below it is hidden as a whole.
  const secrets = [...new Set(secretPaths(schema).map(([key = '']) => key))];
  const known = new Set([...Object.keys(properties), ...Object.keys((at(layers.written, path) ?? {}) as Keys)]);
  const options = [...known]
    .filter((key) => !secrets.includes(key))
    .map((key) => {
      const { value, source } = settingAt(layers, [...path, key]);
      return [key, { value: value ?? properties[key]?.default ?? null, source }] as const;
    });
  return { schema: json, options: Object.fromEntries(options), secrets };
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Keys)[key] : undefined), value);
