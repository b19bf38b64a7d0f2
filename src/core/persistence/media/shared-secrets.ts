import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { Database } from '../database.js';
import { SecretEntity } from '../entities/media-node.entity.js';

/** Secrets that every process of an installation must agree on. They never leave the database but into memory. */
@Injectable()
export class SharedSecrets {
  constructor(private readonly database: Database) {}

  /** The secret of that name; random and new where nobody asked before. However many ask at once, all get the same. */
  async read(name: string, sizeBytes: number): Promise<Buffer> {
    return this.database.run(async (manager) => {
      const known = await manager.findOneBy(SecretEntity, { name });
      if (known !== null) return known.value;
      const value = randomBytes(sizeBytes);
      await manager.createQueryBuilder().insert().into(SecretEntity).values({ name, value }).orIgnore().execute();
      return (await manager.findOneByOrFail(SecretEntity, { name })).value;
    });
  }
}
