import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { AdminBootstrap } from '../core/api/auth/admin-bootstrap.js';
import { ConfigModule } from '../core/config/config.module.js';
import type { LoadedConfig } from '../core/config/load-config.js';
import { bootError } from '../core/errors/boot.errors.js';
import { createLogger, type VedetteLogger } from '../core/observability/logger.js';
import { NestLogger } from '../core/observability/nest-logger.js';
import { ObservabilityModule } from '../core/observability/observability.module.js';
import { StreamStore } from '../core/persistence/streams/stream-store.js';
import { PersistenceModule } from '../core/persistence/persistence.module.js';
import { ReadModule } from '../core/persistence/read/read.module.js';
import { CapacityReads } from '../core/persistence/read/capacity-reads.js';
import { AuditLog } from '../core/persistence/access/audit-log.js';
import { TokenStore } from '../core/persistence/access/token-store.js';
import { writeWholeFile } from '../core/plugin-api/index.js';
import { BrandLibrary } from '../core/references/brand-library.js';
import { ReferencesModule } from '../core/references/references.module.js';

/** What the command line works on when no role is needed for it. */
export interface Stores {
  readonly streams: StreamStore;
  readonly admins: AdminBootstrap;
  readonly brands: BrandLibrary;
  readonly capacity: CapacityReads;
  readonly audit: AuditLog;
}

/** Opens the database for the length of `work`. @throws VD_DATABASE_UNREACHABLE */
export async function withStores<T>(loaded: LoadedConfig, databaseUrl: string, work: (stores: Stores) => Promise<T>): Promise<T> {
  const logger: VedetteLogger = createLogger({ role: 'cli', level: 'warn', format: loaded.config.log.format, destination: process.stderr });
  const config = { ...loaded.config, database: { ...loaded.config.database, url: databaseUrl, poolSize: 2 } };
  const module = {
    module: class CommandLine {},
    imports: [
      ConfigModule.forRoot({ ...loaded, config }),
      ObservabilityModule.forRole(logger),
      PersistenceModule,
      ReadModule,
      ReferencesModule,
    ],
  };
  const app = await NestFactory.createApplicationContext(module, { logger: new NestLogger(logger), abortOnError: false });
  try {
    return await work({
      streams: app.get(StreamStore, { strict: false }),
      admins: new AdminBootstrap(app.get(TokenStore, { strict: false })),
      brands: app.get(BrandLibrary, { strict: false }),
      capacity: app.get(CapacityReads, { strict: false }),
      audit: app.get(AuditLog, { strict: false }),
    });
  } finally {
    await app.close();
  }
}

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
