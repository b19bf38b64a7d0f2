import { randomBytes } from 'node:crypto';
import type { LedgerSql } from '../sql.js';

/** Secrets that every process of an installation must agree on. They never leave the database but into memory. */
export class SharedSecrets {
  constructor(private readonly sql: LedgerSql) {}

  /** The secret of that name; random and new where nobody asked before. However many ask at once, all get the same. */
  async read(name: string, sizeBytes: number): Promise<Buffer> {
    const known = await this.find(name);
    if (known !== undefined) return known;
    await this.sql.rows({ name: 'secret_make', text: 'INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING' }, [name, randomBytes(sizeBytes)]);
    const made = await this.find(name);
    if (made === undefined) throw new Error(`The secret ${name} was taken away while it was made`);
    return made;
  }

  private async find(name: string): Promise<Buffer | undefined> {
    const [row] = await this.sql.rows<{ value: Buffer }>({ name: 'secret_read', text: 'SELECT value FROM secrets WHERE name = $1' }, [name]);
    return row?.value;
  }
}
