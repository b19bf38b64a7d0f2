import { Injectable } from '@nestjs/common';
import { errorText } from '../../plugin-api/index.js';
import { KnownAWhile } from '../../runtime/known-a-while.js';
import { within } from '../../runtime/within.js';
import { Database, queryOf } from '../database.js';

const KNOWN_MS = 4_000;
const PATIENCE_MS = 4_000;
/** Rows of a function's result that do not fit into the smallest `work_mem`: the server writes about a megabyte to its disk. */
const SPILLED_ROWS = 65_536;

/** Whether the database can take anything now: a server whose disk is full answers reads, and may do so for days. */
@Injectable()
export class DatabaseWriteCheck {
  private readonly found = new KnownAWhile(KNOWN_MS, () => this.look());

  constructor(private readonly database: Database) {}

  /** @returns why nothing can be written and committed, for a person; null where it can */
  fault(): Promise<string | null> {
    return this.found.now();
  }

  private look(): Promise<string | null> {
    return within(PATIENCE_MS, this.write(), () => new Error(`no answer within ${PATIENCE_MS} ms`)).then(
      () => null,
      (error: unknown) => errorText(error),
    );
  }

  /** Room on the disk of the tables, then a commit that is flushed to the log; no table is touched. */
  private async write(): Promise<void> {
    await this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      // As hosted servers are made when their disk runs full: they go on to take what changes no table.
      const [state] = await query<{ read_only: string }>(`SELECT current_setting('transaction_read_only') AS read_only`);
      if (state?.read_only === 'on') throw new Error('it is read-only (default_transaction_read_only, or a standby)');
      await query(`SET LOCAL work_mem = '64kB'`);
      await query(`SET LOCAL statement_timeout = ${PATIENCE_MS}`);
      await query(`SELECT count(*) FROM generate_series(1, ${SPILLED_ROWS})`);
      await query(`SELECT pg_logical_emit_message(true, 'vedette.health', '')`);
    });
  }
}
