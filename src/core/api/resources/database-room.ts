import { Inject, Injectable } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { databaseDisk } from '../../retention/database-disk.js';

/** Room for the database, where it is the embedded one: of a server elsewhere SQL does not tell. */
@Injectable()
export class DatabaseRoom {
  constructor(@Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig) {}

  /** @returns null where it cannot be told */
  async freeBytes(): Promise<number | null> {
    return (await databaseDisk(this.config)).freeBytes;
  }
}
