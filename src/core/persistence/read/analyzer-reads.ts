import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** What is looked back at. */
export const ANALYZER_WINDOW_MS = 10 * 60_000;

/** What an analyzer took and did within {@link ANALYZER_WINDOW_MS}. */
export interface AnalyzerWork {
  readonly analyzerId: string;
  /** Of its own and its part of the decoding. */
  readonly cpuMs: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  readonly lastError: { readonly code: string; readonly message: string; readonly at: Date } | null;
}

/** How analyzers do, over all streams. */
@Injectable()
export class AnalyzerReads {
  constructor(private readonly database: Database) {}

  async recent(): Promise<AnalyzerWork[]> {
    const rows = await this.database.bounded<
      Omit<AnalyzerWork, 'lastError'> & { code: string | null; message: string | null; failed_at: Date | null }
    >(
      `SELECT analyzer_id AS "analyzerId", COALESCE(sum(COALESCE(cpu_ms, 0) + COALESCE(decode_cpu_ms, 0)), 0)::float8 AS "cpuMs",
         count(*) FILTER (WHERE state IN ('done', 'partial'))::int AS done, count(*) FILTER (WHERE state = 'skipped')::int AS skipped,
         count(*) FILTER (WHERE state = 'failed')::int AS failed, max(finished_at) FILTER (WHERE state = 'failed') AS failed_at,
         (array_agg(error_code ORDER BY finished_at DESC) FILTER (WHERE state = 'failed'))[1] AS code,
         (array_agg(error_message ORDER BY finished_at DESC) FILTER (WHERE state = 'failed'))[1] AS message
       FROM analysis_runs WHERE finished_at > now() - $1::float8 * interval '1 millisecond' GROUP BY analyzer_id`,
      [ANALYZER_WINDOW_MS],
    );
    return rows.map(({ code, message, failed_at, ...work }) => ({
      ...work,
      lastError: failed_at === null ? null : { code: code ?? 'unknown', message: message ?? '', at: failed_at },
    }));
  }
}
