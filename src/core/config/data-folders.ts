import { join } from 'node:path';

/**
 * What is where in the data folder. Folders that only `vedette up` and PostgreSQL have business with are closed to (or hidden from)
 * everybody else; who adds a folder says here who writes to it (a test holds this list against the code).
 */
export const DATA_FOLDERS = {
  /** Passwords and keys in files, the embedded database's own files, a worker host's key: hidden from children that run what is foreign. */
  hidden: ['secrets', 'postgres', 'worker-host'],
  /** Written by `vedette up`, a role's lines included, which the API reads. */
  supervised: ['logs', 'run'],
  /** Written by roles. */
  roles: ['clips', 'imports', 'models', 'segment-cache'],
  /** Written by analysis hosts and model probes, too. */
  children: ['analyzers', 'model-copies', 'model-probes'],
} as const;

/** All of them, by their paths. */
export const dataFolders = (dataDir: string): readonly string[] =>
  Object.values(DATA_FOLDERS)
    .flat()
    .map((name) => join(dataDir, name));
