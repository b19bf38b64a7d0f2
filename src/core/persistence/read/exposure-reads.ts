import { Injectable } from '@nestjs/common';
import { apiError } from '../../errors/api.errors.js';
import type { Sighting } from '../../exposure/brand-sighting.js';
import { Database } from '../database.js';
import { SqlWhere } from './sql-where.js';

const CHUNK_ROWS = 20_000;
/** A month of two brands at 2.5 frames a second is 13 million: whoever wants that asks day by day. */
const MAX_ROWS = 5_000_000;
const CHUNK_TIMEOUT_MS = 10_000;

export interface SightingFilter {
  readonly streamId: string;
  readonly analyzerIds: readonly string[];
  readonly epochId?: string;
  /** Wall clock, inclusive and exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly minScore: number;
  readonly labels?: readonly string[];
}

interface SightingRow {
  run_id: string;
  ordinal: number;
  at_us: string;
  epoch_id: string;
  pts_us: string;
  label: string;
  score: number;
  x: number;
  y: number;
  width: number;
  height: number;
  subject_id: string | null;
  clarity: number | null;
  sample_ms: number | null;
}

/** Time that a detection stands for where its analyzer did not say. */
const DEFAULT_SAMPLE_MS = 400;

/** Reads what exposures are made of, in the order of media, a chunk at a time. */
@Injectable()
export class ExposureReads {
  constructor(private readonly database: Database) {}

  /** @throws VD_API_RANGE_TOO_WIDE when the range holds more than can be added up in one request */
  async *sightings(filter: SightingFilter): AsyncGenerator<Sighting[], void, void> {
    let after: SightingRow | undefined;
    for (let read = 0; ; read += CHUNK_ROWS) {
      if (read >= MAX_ROWS) {
        throw apiError(
          'VD_API_RANGE_TOO_WIDE',
          `The range holds more than ${MAX_ROWS} detections; ask for a shorter one, or for fewer brands.`,
        );
      }
      const rows = await this.chunk(filter, after);
      if (rows.length > 0) yield rows.map(sightingFromRow);
      if (rows.length < CHUNK_ROWS) return;
      after = rows.at(-1);
    }
  }

  /** Seconds of media in the range with a finished run of one of the analyzers; a segment counts once. */
  async analysedSeconds(filter: SightingFilter): Promise<number> {
    const where = new SqlWhere()
      .add('s.stream_id = ?', filter.streamId)
      .add("s.at > ?::timestamptz - interval '1 hour'", new Date(filter.fromMs).toISOString())
      .add('s.at < ?::timestamptz', new Date(filter.toMs).toISOString())
      .add(
        "EXISTS (SELECT 1 FROM analysis_runs r WHERE r.segment_id = s.id AND r.state IN ('done', 'partial') AND r.analyzer_id = " +
          'ANY(?::text[]))',
        filter.analyzerIds,
      );
    if (filter.epochId !== undefined) where.add('s.epoch_id = ?', filter.epochId);
    const [from, to] = [where.param(new Date(filter.fromMs).toISOString()), where.param(new Date(filter.toMs).toISOString())];
    const [row] = await this.database.bounded<{ seconds: number }>(
      `SELECT COALESCE(sum(GREATEST(0, extract(epoch FROM
         LEAST(s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond',
           ${to}::timestamptz) - GREATEST(s.at, ${from}::timestamptz)))), 0)::float8 AS seconds
       FROM segments s WHERE ${where}`,
      where.params,
      CHUNK_TIMEOUT_MS,
    );
    return Math.round((row?.seconds ?? 0) * 1e6) / 1e6;
  }

  private chunk(filter: SightingFilter, after: SightingRow | undefined): Promise<SightingRow[]> {
    const where = new SqlWhere()
      .add('t.stream_id = ?', filter.streamId)
      .add('t.analyzer_id = ANY(?::text[])', filter.analyzerIds)
      .add('t.at >= ?::timestamptz', new Date(filter.fromMs).toISOString())
      .add('t.at < ?::timestamptz', new Date(filter.toMs).toISOString())
      .add('t.score >= ?::real', filter.minScore);
    if (filter.epochId !== undefined) where.add('t.epoch_id = ?', filter.epochId);
    if (filter.labels !== undefined) where.add('t.label = ANY(?::text[])', filter.labels);
    if (after !== undefined) {
      where.add(
        "(t.at, t.run_id, t.ordinal) > (timestamptz 'epoch' + ?::bigint * interval '1 microsecond', ?::bigint, ?::int)",
        after.at_us,
        after.run_id,
        after.ordinal,
      );
    }
    return this.database.bounded<SightingRow>(
      `SELECT t.run_id, t.ordinal, (extract(epoch FROM t.at) * 1000000)::bigint AS at_us, t.epoch_id, t.pts_us, t.label, t.score, t.x,
        t.y, t.width, t.height,
         t.attributes->>'subjectId' AS subject_id,
         CASE WHEN jsonb_typeof(t.attributes->'clarity') = 'number' THEN (t.attributes->>'clarity')::float8 END AS clarity,
         CASE WHEN jsonb_typeof(t.attributes->'sampleMs') = 'number' THEN (t.attributes->>'sampleMs')::float8 END AS sample_ms
       FROM detections t WHERE ${where} ORDER BY t.at, t.run_id, t.ordinal LIMIT ${CHUNK_ROWS}`,
      where.params,
      CHUNK_TIMEOUT_MS,
    );
  }
}

/** What an analyzer writes into attributes is its own affair: only sane values are believed. */
function sightingFromRow(row: SightingRow): Sighting {
  const within = (value: number | null, max: number, fallback: number): number =>
    value !== null && value >= 0 && value <= max ? value : fallback;
  return {
    epochId: row.epoch_id,
    ptsUs: Number(row.pts_us),
    atMs: Number(row.at_us) / 1000,
    subjectId: row.subject_id ?? row.label,
    label: row.label,
    score: row.score,
    box: { x: row.x, y: row.y, width: row.width, height: row.height },
    clarity: within(row.clarity, 1, 1),
    sampleMs: within(row.sample_ms, 60_000, DEFAULT_SAMPLE_MS),
  };
}
