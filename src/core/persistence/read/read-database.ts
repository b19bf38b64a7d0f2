import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { apiError } from '../../errors/api.errors.js';
import { isConnectionLoss, sqlState } from '../sql.js';

const QUERY_CANCELED = '57014';

/** The SQL side of what the API reads: rows in, coded errors out. */
@Injectable()
export class ReadDatabase {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Short look-ups by key. */
  async query<T>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    try {
      return await this.dataSource.query<T[]>(sql, [...params]);
    } catch (error) {
      throw asCoded(error);
    }
  }

  /**
   * A query whose cost depends on what a client asked for: read-only and ended by the server after `timeoutMs`.
   * @throws VD_API_QUERY_TIMEOUT
   */
  async bounded<T>(sql: string, params: readonly unknown[], timeoutMs = 5_000): Promise<T[]> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.trunc(timeoutMs)}`);
      try {
        const rows = (await runner.query(sql, [...params])) as T[];
        await runner.query('COMMIT');
        return rows;
      } catch (error) {
        await runner.query('ROLLBACK').catch(() => undefined); // the first error is the one to tell of
        throw error;
      }
    } catch (error) {
      throw asCoded(error);
    } finally {
      await runner.release();
    }
  }

  /** Several statements in one transaction. */
  async transaction<T>(work: (query: <R>(sql: string, params?: readonly unknown[]) => Promise<R[]>) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction((manager) =>
        work(async <R>(sql: string, params: readonly unknown[] = []) => manager.query<R[]>(sql, [...params])),
      );
    } catch (error) {
      throw asCoded(error);
    }
  }
}

function asCoded(error: unknown): unknown {
  if (sqlState(error) === QUERY_CANCELED)
    return apiError('VD_API_QUERY_TIMEOUT', 'The query was ended after its time limit.', { cause: error });
  if (isConnectionLoss(error)) return apiError('VD_API_UNAVAILABLE', 'PostgreSQL cannot be reached at the moment.', { cause: error });
  return error;
}
