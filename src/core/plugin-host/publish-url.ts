import type { PluginRegistry, RegisteredSource } from './plugin-registry.js';

/**
 * Every address that publishers of a source send to, the one to try first first; none where nothing listens.
 * @param hostName what stands for a listener on all addresses
 */
export function publishUrlsOf({ definition, config }: Pick<RegisteredSource, 'definition' | 'config'>, hostName: string): string[] {
  const urls = definition.publishUrl?.(config, hostName) ?? [];
  return typeof urls === 'string' ? [urls] : [...urls];
}

/**
 * Where encoders send to: the address of the first source that listens.
 * @param hostName what stands for a listener on all addresses
 */
export function publishUrl(registry: PluginRegistry, hostName: string): string | null {
  const listener = registry.sources.find(({ definition }) => definition.publishUrl !== undefined);
  return listener === undefined ? null : (publishUrlsOf(listener, hostName)[0] ?? null);
}
