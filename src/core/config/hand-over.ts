import { takeHandedOver } from '../children/handed-over.js';
import { variablesToHandOver } from './child-environment.js';
import { deepFreeze } from './deep-freeze.js';
import type { LoadedConfig } from './load-config.js';

/** What a process of ours gets from its parent in place of an environment and a config file of its own. */
export interface HandOver {
  /** Absent: it reads its own. */
  readonly loaded?: LoadedConfig;
  /** Variables besides those of {@link nodeEnvironment}: secrets that the config names, and settings of libraries. */
  readonly variables: Readonly<Record<string, string>>;
}

/** For a role that `vedette up` starts: everything, with the address of the database that runs. */
export function roleHandOver(loaded: LoadedConfig, databaseUrl: string, environment: NodeJS.ProcessEnv = process.env): Required<HandOver> {
  const { config } = loaded;
  return {
    loaded: { ...loaded, config: { ...config, database: { ...config.database, url: databaseUrl } } },
    variables: variablesToHandOver(environment),
  };
}

/**
 * Takes what the parent handed over; undefined in a process that was started by hand. Its variables go into `process.env`, where
 * libraries look for them: that is this process's own memory, not the environment that the system shows of it.
 */
export function takeHandOver(environment: NodeJS.ProcessEnv = process.env): HandOver | undefined {
  const handed = takeHandedOver(environment) as HandOver | undefined;
  if (handed === undefined) return undefined;
  Object.assign(environment, handed.variables);
  if (handed.loaded !== undefined) deepFreeze(handed.loaded.config);
  return handed;
}

/** For a process that is started for one thing: what that is, as its parent handed it over. */
export function takeOrder(environment: NodeJS.ProcessEnv = process.env): unknown {
  return takeHandedOver(environment);
}
