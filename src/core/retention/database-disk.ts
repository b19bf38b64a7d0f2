import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { VedetteConfig } from '../config/schema.js';
import { diskSpace, type DiskSpace } from '../media/store/free-space.js';

const UNKNOWN: DiskSpace = { freeBytes: null, totalBytes: null };
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;

type Where = Pick<VedetteConfig, 'database' | 'dataDir'>;

/** Whether it is the one that `vedette up` runs here, whose address roles are handed. */
export function isDatabaseEmbedded({ database, dataDir }: Where): boolean {
  return LOOPBACK.test(URL.parse(database.url ?? '')?.hostname ?? '') && existsSync(join(dataDir, 'postgres'));
}

/** The disk of the database where it is the embedded one; of a server elsewhere this machine knows none. */
export async function databaseDisk(config: Where): Promise<DiskSpace> {
  return isDatabaseEmbedded(config) ? diskSpace(config.dataDir) : UNKNOWN;
}
