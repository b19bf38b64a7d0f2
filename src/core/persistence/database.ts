import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { apiError } from '../errors/api.errors.js';
import { databaseError } from '../errors/database.errors.js';
import { isConnectionLoss, sqlState } from './sql-errors.js';

/** One statement of a hot path: planned once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Query = <R>(sql: string, params?: readonly unknown[]) => Promise<R[]>;

/** Statements within a manager's transaction. */
export const queryOf =
  (manager: EntityManager): Query =>
  (sql, params = []) =>
    manager.query(sql, [...params]);

const QUERY_CANCELED = '57014';
/** How long one query of a client may take. */
export const QUERY_TIMEOUT_MS = 5_000;

/**
 * The one way to PostgreSQL: repositories for what is kept, prepared statements for hot paths, bounded queries for what a client
 * asks for. Whatever goes through it, a lost connection is `VD_DATABASE_UNREACHABLE`.
 * @example await database.run((manager) => manager.findOneBy(StreamEntity, { id }));
 */
@Injectable()
export class Database {
  constructor(private readonly source: DataSource) {}

  /** Works with entities; each call of the manager is a transaction of its own. */
  run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return named(work(this.source.manager));
  }

  /** Several statements in one transaction. */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return named(this.source.transaction(work));
  }

  /** A statement by its name, prepared once on each connection of TypeORM's pool. */
  rows<T>(statement: Statement, values: readonly unknown[] = []): Promise<T[]> {
    return this.onConnection(async (connection) => {
      const { rows } = await connection.query({ name: statement.name, text: statement.text, values: [...values] });
      return rows as T[];
    });
  }

  /** Statements that cannot be prepared (DDL, several at once); they form one transaction. */
  async script(text: string): Promise<void> {
    await this.onConnection((connection) => connection.query(text));
  }

  /** Short look-ups by key. */
  query<T>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    return named(this.source.query<T[]>(sql, [...params]));
  }

  /**
   * A query whose cost depends on what a client asked for: read-only, planned for its values, and ended by the server after `timeoutMs`.
   * @throws VD_API_QUERY_TIMEOUT
   */
  bounded<T>(sql: string, params: readonly unknown[], timeoutMs = QUERY_TIMEOUT_MS): Promise<T[]> {
    return this.snapshot((query) => query<T>(sql, params), timeoutMs);
  }

  /**
   * Several such queries, all of one moment: what another process moves from table to table meanwhile is seen once.
   * @param timeoutMs of each
   * @throws VD_API_QUERY_TIMEOUT
   */
  snapshot<T>(work: (query: Query) => Promise<T>, timeoutMs = QUERY_TIMEOUT_MS): Promise<T> {
    return this.onConnection(async (connection) => {
      await connection.query(
        `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${Math.trunc(timeoutMs)};
         SET LOCAL plan_cache_mode = force_custom_plan`,
      );
      try {
        const result = await work(async <R>(sql: string, params: readonly unknown[] = []) => {
          const { rows } = await connection.query(sql, [...params]);
          return rows as R[];
        });
        await connection.query('COMMIT');
        return result;
      } catch (error) {
        await connection.query('ROLLBACK').catch(() => undefined); // the first error is the one that counts
        throw sqlState(error) === QUERY_CANCELED
          ? apiError('VD_API_QUERY_TIMEOUT', 'The query was ended after its time limit.', { cause: error })
          : error;
      }
    });
  }

  /** A query runner's connection is the driver's own: what TypeORM has no word for goes there. */
  private async onConnection<T>(work: (connection: pg.ClientBase) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      return await named(runner.connect().then((connection) => work(connection as pg.ClientBase)));
    } finally {
      await runner.release();
    }
  }
}

async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    throw databaseError('VD_DATABASE_UNREACHABLE', 'PostgreSQL cannot be reached at the moment.', { cause: error });
  }
}
