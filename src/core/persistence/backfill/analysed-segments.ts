import { LONGEST_SEGMENT_US, scanRuns } from '../read/archived-runs.js';
import type { Database } from '../database.js';

const PATIENCE_MS = 60_000;
const STATEMENT_MS = 60_000;

export interface AnalysedRange {
  readonly streamIds: readonly string[];
  readonly analyzerId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Segments of a range that the analyzer was done with, or is about to be: of the runs that are rows, and of those that are packed. */
export async function analysedSegments(database: Database, { streamIds, analyzerId, fromMs, toMs }: AnalysedRange): Promise<string[]> {
  return database.snapshot(async (query) => {
    const rows = await query<{ id: string }>(
      `SELECT s.id::text AS id FROM segments s WHERE s.stream_id = ANY ($1::uuid[]) AND s.at < $4
         AND s.at > $3::timestamptz - interval '1 hour'
         AND EXISTS (SELECT 1 FROM analysis_runs r WHERE r.segment_id = s.id AND r.analyzer_id = $2
           AND r.state IN ('done', 'partial', 'queued', 'running'))`,
      [streamIds, analyzerId, new Date(fromMs), new Date(toMs)],
    );
    const found = new Set(rows.map(({ id }) => id));
    const range = { fromUs: fromMs * 1_000 - LONGEST_SEGMENT_US, toUs: toMs * 1_000 };
    const packed = scanRuns(query, { streamIds, analyzerIds: [analyzerId], names: ['done', 'partial'], ...range }, PATIENCE_MS);
    for await (const runs of packed) for (const run of runs) if (run.state === 'done' || run.state === 'partial') found.add(run.segment_id);
    return [...found];
  }, STATEMENT_MS);
}
