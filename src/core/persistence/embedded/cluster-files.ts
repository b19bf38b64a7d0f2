import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseError } from '../../errors/database.errors.js';
import { writeWholeFile } from '../../plugin-api/whole-file.js';

const VERSION = /^\d{1,3}\s*$/;
/** What initdb writes for us, less the local sockets that we do not have. */
const HOST_ACCESS = ['host all all 127.0.0.1/32 scram-sha-256', 'host all all ::1/128 scram-sha-256', ''].join('\n');

/**
 * Looks at the cluster's small files, which a power cut or a repaired file system may leave empty, and writes anew what they must hold.
 * @returns false where there is no cluster yet
 * @throws VD_DATABASE_FILES_DAMAGED where a folder holds something, and nothing says that it is a cluster: it may be all that there is
 */
export async function mendCluster(clusterDir: string): Promise<boolean> {
  const names = await readdir(clusterDir).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return false;
  await mendVersion(clusterDir);
  const access = join(clusterDir, 'pg_hba.conf');
  // Half of what initdb writes is comment: without an entry the server lets nobody in.
  if (!/^\s*[^#\s]/m.test(withoutZeros(await textOf(access)))) await writeWholeFile(access, HOST_ACCESS, { mode: 0o600 });
  return true;
}

async function mendVersion(clusterDir: string): Promise<void> {
  const file = join(clusterDir, 'PG_VERSION');
  if (VERSION.test(await textOf(file))) return;
  // Each database has it as well.
  const kept = await textOf(join(clusterDir, 'base', '1', 'PG_VERSION'));
  if (VERSION.test(kept)) return writeWholeFile(file, kept, { mode: 0o600 });
  throw databaseError('VD_DATABASE_FILES_DAMAGED', `${file} should hold PostgreSQL's major version, and ${clusterDir} is not empty`);
}

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
/** Some file systems fill with zeros what was not written in time. */
const withoutZeros = (text: string): string => text.replaceAll('\0', '');
