import { Inject, Injectable } from '@nestjs/common';
import { join } from 'node:path';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { endOfLog, roleLogs } from '../../observability/log-files.js';
import type { RoleLogsWire } from '../../wire/system.wire.js';

/** What roles wrote, as `vedette up` keeps it in the data folder. One that was started by itself writes to standard output only. */
@Injectable()
export class RoleLogReader {
  private readonly folder: string;

  constructor(@Inject(VEDETTE_CONFIG) { dataDir }: Pick<VedetteConfig, 'dataDir'>) {
    this.folder = join(dataDir, 'logs');
  }

  async list(): Promise<RoleLogsWire> {
    try {
      const logs = (await roleLogs(this.folder)).map(({ modifiedAt, ...log }) => ({ ...log, modifiedAt: modifiedAt.toISOString() }));
      return { logs, obstacle: logs.length === 0 ? 'none' : null };
    } catch (error) {
      return { logs: [], obstacle: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : 'unreadable' };
    }
  }

  /** The end of one. @throws VD_API_NOT_FOUND */
  async end(name: string, maxBytes: number): Promise<string> {
    try {
      return await endOfLog(this.folder, name, maxBytes);
    } catch (cause) {
      throw apiError('VD_API_NOT_FOUND', `There is no log of ${name} here that can be read.`, { cause });
    }
  }
}
