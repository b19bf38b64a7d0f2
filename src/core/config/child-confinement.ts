import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Confinement } from '../children/confinement.js';
import { findConfinement, type ConfinementWishes } from '../children/find-confinement.js';
import { programEnvironment } from './child-environment.js';
import { DATA_FOLDERS } from './data-folders.js';
import type { LoadedConfig } from './load-config.js';
import type { VedetteConfig } from './schema.js';

/** Nest token of {@link LazyConfinement}. */
export const CHILD_CONFINEMENT = Symbol.for('vedette.child-confinement');

/** Finds out once, when the first child is started, what this machine allows. */
export type LazyConfinement = () => Promise<Confinement>;

/** Files named by variables such as `DATABASE_URL_FILE` hold one secret each. */
const NAMES_A_SECRET = /_FILE$/;

type Place = Pick<LoadedConfig, 'file'> & { readonly config: Pick<VedetteConfig, 'dataDir'> & Partial<Pick<VedetteConfig, 'mediaDir'>> };

/**
 * How children that decode or run what is foreign are kept away from secrets and the database's files.
 * @param as whose children they are going to be, when the folders that they need are theirs; absent: this process's
 */
export function childConfinement(
  place: Place,
  as?: ConfinementWishes['as'],
  environment: NodeJS.ProcessEnv = process.env,
): LazyConfinement {
  let found: Promise<Confinement> | undefined;
  return () => (found ??= find(place, as, environment));
}

async function find(
  { config: { dataDir, mediaDir }, file }: Place,
  as: ConfinementWishes['as'],
  environment: NodeJS.ProcessEnv,
): Promise<Confinement> {
  const written = DATA_FOLDERS.children.map((name) => join(dataDir, name));
  // Made by who starts them: in a data folder of somebody else they could make none themselves.
  if (as === undefined) await Promise.all(written.map((folder) => mkdir(folder, { recursive: true }).catch(() => undefined)));
  const needs =
    as === undefined
      ? { reach: mediaDir === undefined ? [] : [mediaDir], write: written.filter(isWritable) }
      : { as, reach: [], write: [] };
  return findConfinement({
    ...needs,
    hide: hiddenPaths(dataDir, file, environment),
    env: programEnvironment(environment),
  });
}

/** Secrets of this data folder, the files of its database, the config (children get theirs from their parent), secrets in files. */
function hiddenPaths(dataDir: string, file: string | null, environment: NodeJS.ProcessEnv): string[] {
  const named = Object.entries(environment).flatMap(([name, path]) =>
    NAMES_A_SECRET.test(name) && isSecretOfOurs(name) && path ? [path] : [],
  );
  return [...DATA_FOLDERS.hidden.map((name) => join(dataDir, name)), ...(file === null ? [] : [file]), ...named];
}

const isSecretOfOurs = (name: string): boolean => /^(VEDETTE_|DATABASE_URL|REDIS_URL)/.test(name);

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
