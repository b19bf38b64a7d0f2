import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from '../core/config/load-config.js';
import { bootError } from '../core/errors/boot.errors.js';
import { writeWholeFile } from '../core/plugin-api/whole-file.js';

/** Where `vedette up` leaves its embedded server's address for other commands on this machine; readable by its user only. */
const addressFile = (dataDir: string): string => join(dataDir, 'secrets', 'database-url');

export async function publishDatabaseUrl(dataDir: string, url: string): Promise<void> {
  const file = addressFile(dataDir);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await writeWholeFile(file, `${url}\n`, { mode: 0o600 });
}

export function withdrawDatabaseUrl(dataDir: string): void {
  rmSync(addressFile(dataDir), { force: true });
}

/** The database of the config, or the embedded one of a running `vedette up`. @throws VD_BOOT_NOT_RUNNING */
export function databaseUrlOf({ config }: LoadedConfig): string {
  if (config.database.url !== undefined) return config.database.url;
  const file = addressFile(config.dataDir);
  // Empty after a power cut, in which the database ended as well: the next start writes it anew.
  const url = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (!URL.canParse(url)) throw bootError('VD_BOOT_NOT_RUNNING', `No database runs on ${config.dataDir}`);
  return url;
}
