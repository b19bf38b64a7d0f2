import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { VedetteConfig } from '../config/schema.js';
import { diskSpace, type DiskSpace } from '../media/store/free-space.js';

const UNKNOWN: DiskSpace = { freeBytes: null, totalBytes: null };
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/** The disk of the database where it is the embedded one; of a server elsewhere this machine knows none. */
export async function databaseDisk({ database, dataDir }: Pick<VedetteConfig, 'database' | 'dataDir'>): Promise<DiskSpace> {
  const host = URL.parse(database.url ?? '')?.hostname ?? '';
  return LOOPBACK.test(host) && existsSync(join(dataDir, 'postgres')) ? diskSpace(dataDir) : UNKNOWN;
}
