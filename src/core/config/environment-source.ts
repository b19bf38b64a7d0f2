import { parse } from 'yaml';
import type { ZodType } from 'zod';
import { configError } from '../errors/config.errors.js';
import { closest } from '../plugin-api/closest.js';
import { configKeys, type ConfigKey } from './schema-walk.js';
import { readSecretFile } from './secret-file.js';
import { serviceLinks } from './service-links.js';
import { errorText } from '../plugin-api/error.js';

const PREFIX = 'VEDETTE_';
/** Names with our prefix that are not keys of the config. */
const RESERVED = new Set(['VEDETTE_CONFIG']);
/** Names that other tools agree on, for the keys they stand for. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  DATABASE_URL: 'database.url',
  REDIS_URL: 'redis.url',
  MEDIA_URL: 'media.url',
  FFMPEG_PATH: 'packaging.ffmpegPath',
};

/** A value from the environment and the name of the variable it came from. */
export interface EnvironmentValue {
  readonly path: readonly string[];
  readonly variable: string;
  readonly value: unknown;
}

/** The variable of a key. @example variableOf(['packaging', 'segmentDuration']) === 'VEDETTE_PACKAGING_SEGMENT_DURATION' */
export function variableOf(path: readonly string[]): string {
  return PREFIX + path.map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).join('_');
}

/** All names a key can be set by, weakest first. */
export function variablesOf(key: ConfigKey): string[] {
  const wellKnown = Object.keys(WELL_KNOWN).filter((name) => WELL_KNOWN[name] === key.path.join('.'));
  const plain = [...wellKnown, variableOf(key.path)];
  return key.secret ? [...plain, ...plain.map((name) => `${name}_FILE`)] : plain;
}

/**
 * What the environment says about a schema's keys; `…_FILE` beats the plain variable. An empty variable counts as unset,
 * which is what `docker compose` makes of an absent one.
 * @throws VD_CONFIG_UNKNOWN_KEY for a VEDETTE_ variable that names no key, VD_CONFIG_SECRET_FILE
 */
export function readEnvironment(schema: ZodType, given: NodeJS.ProcessEnv): EnvironmentValue[] {
  const keys = configKeys(schema);
  const links = new Set(ignoredVariables(given));
  const env = Object.fromEntries(Object.entries(given).filter(([name]) => !links.has(name)));
  refuseUnknown(env, keys);
  return keys.flatMap((key) => {
    const variable = variablesOf(key).findLast((name) => (env[name] ?? '') !== '');
    if (variable === undefined) return [];
    const text = variable.endsWith('_FILE') && key.secret ? readSecret(variable, env[variable] ?? '') : (env[variable] ?? '');
    return [{ path: key.path, variable, value: coerce(text, key, variable) }];
  });
}

/** Variables with our prefix that speak of services in the network, not of the config. They are ignored. */
export function ignoredVariables(env: NodeJS.ProcessEnv): string[] {
  return serviceLinks(env, PREFIX);
}

function refuseUnknown(env: NodeJS.ProcessEnv, keys: readonly ConfigKey[]): void {
  const known = new Set(keys.flatMap(variablesOf));
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || RESERVED.has(name) || known.has(name)) continue;
    const near = closest(name, [...known]);
    throw configError(
      'VD_CONFIG_UNKNOWN_KEY',
      `${name} in the environment names no config key${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
}

function readSecret(variable: string, file: string): string {
  try {
    return readSecretFile(file).text;
  } catch (cause) {
    throw configError('VD_CONFIG_SECRET_FILE', `${variable}=${file}: ${errorText(cause)}`, { cause });
  }
}

/** Text to the key's kind; what does not convert stays text, so that the schema's message shows what was written. */
function coerce(text: string, key: ConfigKey, variable: string): unknown {
  if (key.kind === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (key.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (key.kind !== 'composite') return text;
  try {
    return parse(text, { schema: 'core', maxAliasCount: 0 }) as unknown;
  } catch (cause) {
    throw configError('VD_CONFIG_SYNTAX', `${variable}: expected YAML or JSON on one line, such as [a, b]: ${errorText(cause)}`, {
      cause,
    });
  }
}
