import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { diskSpace } from '../../media/store/free-space.js';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Room for the database, where it is the embedded one: of a server elsewhere SQL does not tell. */
@Injectable()
export class DatabaseDisk {
  constructor(@Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig) {}

  /** @returns null where it cannot be told */
  async freeBytes(): Promise<number | null> {
    const { dataDir, database } = this.config;
    const host = database.url === undefined ? undefined : URL.parse(database.url)?.hostname;
    return host !== undefined && LOOPBACK.test(host) ? (await diskSpace(join(dataDir, 'postgres'))).freeBytes : null;
  }
}
