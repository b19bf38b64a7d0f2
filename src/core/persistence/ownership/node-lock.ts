import type pg from 'pg';
import { createClient, STATEMENT_TIMEOUT_MS } from '../connection.js';

/** Class of advisory locks on ingest nodes' ids. The letters VDND. */
const NODE_LOCK = 0x56444e44;

/**
 * An advisory lock held for as long as this process lives: the server lets go of it when the connection breaks, so that a
 * process that takes the place of one that was killed need not wait for a lease. It proves that another process is gone,
 * never that one is there: a connection may be lost and not be missed for a while.
 */
export class NodeLock {
  private client: pg.Client | undefined;
  private released = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly nodeId: string,
  ) {}

  /** @returns whether this process has it; false as well while the database cannot be reached */
  async acquire(): Promise<boolean> {
    if (this.client !== undefined) return true;
    const client = createClient({
      databaseUrl: this.databaseUrl,
      name: 'vedette ingest node',
      statementTimeoutMs: STATEMENT_TIMEOUT_MS.atOnce,
    });
    const lost = (): void => {
      if (this.client === client) this.client = undefined;
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS got', [
        NODE_LOCK,
        this.nodeId,
      ]);
      if (rows[0]?.got === true && !this.released) {
        this.client = client;
        return true;
      }
    } catch {
      // As good as not got: the lease decides.
    }
    await client.end().catch(() => undefined);
    return false;
  }

  async release(): Promise<void> {
    this.released = true;
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}
