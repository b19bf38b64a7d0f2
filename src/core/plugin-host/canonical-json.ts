import { createHash } from 'node:crypto';
import type { JsonValue } from '../plugin-api/index.js';

/**
 * JSON with sorted keys and no spaces: equal values give equal texts.
 * @throws TypeError for what JSON cannot carry (functions, dates, NaN, cycles)
 */
export function canonicalJson(value: unknown, path = 'value', ancestors: readonly object[] = []): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}, which JSON cannot carry`);
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') throw new TypeError(`${path} is a ${typeof value}, which JSON cannot carry`);
  if (ancestors.includes(value)) throw new TypeError(`${path} contains itself`);
  const inside = [...ancestors, value];
  if (Array.isArray(value)) return `[${value.map((item, i) => canonicalJson(item ?? null, `${path}[${i}]`, inside)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`${path} is a ${value.constructor.name}, which JSON cannot carry`);
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, `${path}.${key}`, inside)}`);
  return `{${fields.join(',')}}`;
}

/** What tells two configurations of an analyzer apart: 16 hex digits of SHA-256 over id, version and canonical config. */
export function configHash(id: string, version: string, config: JsonValue): string {
  return createHash('sha256')
    .update(canonicalJson([id, version, config]))
    .digest('hex')
    .slice(0, 16);
}
