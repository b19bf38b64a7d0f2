import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** Runs that failed for longer ago say little of now. */
const RECENT = '10 minutes';

/** An analyzer of which runs failed for good lately, in all or of one stream. */
export interface AnalyzerFailures {
  readonly analyzerId: string;
  readonly runs: number;
  readonly streams: number;
  /** Of the newest one. */
  readonly code: string;
  readonly message: string;
}

/** So many runs of a stream are looked back over for the last that succeeded: hours of it. */
const LOOKED_BACK = 20_000;

/** What fails just now, wherever in the system the failure was made. */
@Injectable()
export class FailureReads {
  constructor(private readonly database: Database) {}

  /**
   * Since when an analyzer has done nothing but fail on a stream, as far back as is looked; absent where its newest run succeeded.
   * @param pairs the same place of both is one pair
   */
  async since(pairs: { readonly streamIds: readonly string[]; readonly analyzerIds: readonly string[] }): Promise<FailingSince[]> {
    if (pairs.streamIds.length === 0) return [];
    return this.database.rows<FailingSince>(FAILING_SINCE, [pairs.streamIds, pairs.analyzerIds]);
  }

  /** The last ten minutes, the most failures first. @param streamId null: of all streams that are not removed */
  async recent(streamId: string | null): Promise<AnalyzerFailures[]> {
    const rows = await this.database.query<{
      analyzer_id: string;
      runs: number;
      streams: number;
      code: string | null;
      message: string | null;
    }>(
      `SELECT r.analyzer_id, count(*)::int AS runs, count(DISTINCT r.stream_id)::int AS streams,
         (array_agg(r.error_code ORDER BY r.finished_at DESC))[1] AS code, (array_agg(r.error_message
           ORDER BY r.finished_at DESC))[1] AS message
       FROM analysis_runs r JOIN streams t ON t.id = r.stream_id
       WHERE r.state = 'failed' AND r.finished_at > now() - interval '${RECENT}' AND t.deleted_at IS NULL
          AND ($1::uuid IS NULL OR r.stream_id = $1)
       GROUP BY r.analyzer_id ORDER BY runs DESC, r.analyzer_id LIMIT 50`,
      [streamId],
    );
    return rows.map(({ analyzer_id, runs, streams, code, message }) => ({
      analyzerId: analyzer_id,
      runs,
      streams,
      code: code ?? 'unknown',
      message: message ?? '',
    }));
  }
}

export interface FailingSince {
  readonly streamId: string;
  readonly analyzerId: string;
  readonly sinceMs: number;
}

const FAILING_SINCE = {
  name: 'failing_since',
  text: `
SELECT p.stream_id AS "streamId", p.analyzer_id AS "analyzerId", extract(epoch FROM f.since)::float8 * 1000 AS "sinceMs"
FROM unnest($1::uuid[], $2::text[]) AS p(stream_id, analyzer_id) CROSS JOIN LATERAL (
  SELECT min(finished_at) AS since FROM (
    SELECT finished_at, state, count(*) FILTER (WHERE state IN ('done', 'partial')) OVER (ORDER BY id DESC) AS good_since FROM (
      SELECT id, analyzer_id, finished_at, state FROM analysis_runs WHERE stream_id = p.stream_id ORDER BY id DESC LIMIT ${LOOKED_BACK}
    ) newest WHERE analyzer_id = p.analyzer_id
  ) r WHERE good_since = 0 AND state = 'failed'
) f WHERE f.since IS NOT NULL`,
};

/** For whoever sees the stream: with what was said of it. */
export const ofOneStream = ({ analyzerId, runs, code, message }: AnalyzerFailures): string =>
  `Analyzer ${analyzerId} failed on ${counted(runs, 'segment')} in the last ${RECENT}, last with ${code}: ${message}`;

/** For everybody: nothing that would reveal a private stream. */
export const ofAllStreams = ({ analyzerId, runs, streams, code }: AnalyzerFailures): string =>
  `Analyzer ${analyzerId} failed on ${counted(runs, 'segment')} of ${counted(streams, 'stream')} in the last ${RECENT}, last with ${code}`;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
