import type { PluginRegistry } from './plugin-registry.js';

/**
 * Where encoders send to: the address of the first source that listens.
 * @param hostName what stands for a listener on all addresses
 */
export function publishUrl(registry: PluginRegistry, hostName: string): string | null {
  const listener = registry.sources.find(({ definition }) => definition.publishUrl !== undefined);
  return listener?.definition.publishUrl?.(listener.config, hostName) ?? null;
}
