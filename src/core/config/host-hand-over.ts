import type { HandOver } from './hand-over.js';
import type { LoadedConfig } from './load-config.js';
import { configKeys } from './schema-walk.js';
import { vedetteConfigSchema, type VedetteConfig } from './schema.js';

/** For an analysis host, which runs plugins over foreign media: the config without what opens a database or a queue, and no variable. */
export function hostHandOver(loaded: LoadedConfig): Required<HandOver> {
  const config = structuredClone(loaded.config) as unknown as Record<string, unknown>;
  for (const { path } of configKeys(vedetteConfigSchema).filter(({ secret }) => secret)) remove(config, path);
  return { loaded: { ...loaded, config: config as unknown as VedetteConfig }, variables: {} };
}

function remove(from: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  if (rest.length === 0) delete from[key];
  else if (typeof from[key] === 'object' && from[key] !== null) remove(from[key] as Record<string, unknown>, rest);
}
