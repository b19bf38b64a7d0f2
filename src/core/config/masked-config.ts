import { redact } from '../observability/redact.js';
import { configKeys } from './schema-walk.js';
import { vedetteConfigSchema, type VedetteConfig } from './schema.js';

const MASK = '***';
type Settings = Record<string, unknown>;

/**
 * The config for other people to see. Of what is handed on to plugins and sources only numbers and switches are left: any text in it may
 * be a secret, whatever its key is called.
 */
export function maskedConfig(config: VedetteConfig): Settings {
  const shown = structuredClone(config) as unknown as Settings;
  for (const { path } of configKeys(vedetteConfigSchema).filter(({ secret }) => secret)) mask(shown, path);
  shown.plugins = config.plugins.map((plugin) => ({
    ...plugin,
    analyzers: mapped(plugin.analyzers, ({ config: options, ...placement }) => ({ ...placement, config: withoutTexts(options) })),
    sources: withoutTexts(plugin.sources),
    strategies: withoutTexts(plugin.strategies),
  }));
  shown.streams = config.streams.map((stream) => ({ ...stream, config: withoutTexts(stream.config) }));
  return redact(shown) as Settings;
}

function mask(settings: Settings, [key = '', ...rest]: readonly string[]): void {
  const value = settings[key];
  if (value === undefined || value === null) return;
  if (rest.length === 0) settings[key] = MASK;
  else mask(value as Settings, rest);
}

function withoutTexts(value: unknown): unknown {
  if (typeof value === 'string') return MASK;
  if (Array.isArray(value)) return value.map(withoutTexts);
  return value !== null && typeof value === 'object' ? mapped(value as Settings, withoutTexts) : value;
}

const mapped = <T>(record: Readonly<Record<string, T>>, change: (value: T) => unknown): Settings =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
