import { hostname } from 'node:os';
import type { ListenAddress } from '../../config/listen-address.js';

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

/**
 * Where other machines are told to fetch this node's segments: the address in config, else the one it listens on, by the host's
 * name where it listens on all of them. Null where there is neither.
 */
export function publishedUrl(url: string | undefined, listening: ListenAddress | undefined, host: string = hostname()): string | null {
  if (url !== undefined) return url;
  if (listening === undefined) return null;
  const name = EVERY_ADDRESS.has(listening.host) ? host : listening.host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${listening.port}`;
}
