import { Injectable } from '@nestjs/common';
import { apiError } from '../../errors/api.errors.js';
import type { Sighting } from '../../exposure/brand-sighting.js';
import { scanBlocks, type StoredBlock } from '../archive/block-scan.js';
import { resultsOf } from '../archive/archived-rows.js';
import { Database, type Query } from '../database.js';
import { orderOfResults } from './archived-results.js';
import { LONGEST_SEGMENT_US, scanRuns } from './archived-runs.js';
import { merged } from './merged.js';
import { SqlWhere } from './sql-where.js';

const CHUNK_ROWS = 20_000;
/** A month of two brands at 2.5 frames a second is 13 million: whoever wants that asks day by day. */
const MAX_ROWS = 5_000_000;
const CHUNK_TIMEOUT_MS = 10_000;
/** All chunks together; whoever asks counts too. */
const PATIENCE_MS = 60_000;
/** Of runs that looked at their segment. */
const ANALYSED: readonly string[] = ['done', 'partial'];

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

  /**
   * Gives them all, in the order of media.
   * @throws VD_API_RANGE_TOO_WIDE when the range holds more than can be added up in one request
   */
  eachSighting(filter: SightingFilter, each: (sightings: readonly Sighting[]) => void): Promise<void> {
    return this.database.snapshot(async (query) => {
      let count = 0;
      for await (const rows of merged(rowsOf(query, filter), packedRowsOf(query, filter), orderOfResults)) {
        count += rows.length;
        if (count > MAX_ROWS) {
          throw apiError(
            'VD_API_RANGE_TOO_WIDE',
            `The range holds more than ${MAX_ROWS} detections; ask for a shorter one, or for fewer brands.`,
          );
        }
        each(rows.map(sightingFromRow));
      }
    }, CHUNK_TIMEOUT_MS);
  }

  /** Seconds of media in the range with a finished run of one of the analyzers; a segment counts once. */
  async analysedSeconds(filter: SightingFilter): Promise<number> {
    const seconds = await this.database.snapshot(
      async (query) => (await secondsOfRows(query, filter)) + (await secondsOfPacked(query, filter)),
      CHUNK_TIMEOUT_MS,
    );
    return Math.round(seconds * 1e6) / 1e6;
  }
}

async function secondsOfRows(query: Query, filter: SightingFilter): Promise<number> {
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
  const [row] = await query<{ seconds: number }>(
    `SELECT COALESCE(sum(GREATEST(0, extract(epoch FROM
         LEAST(s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond',
           ${to}::timestamptz) - GREATEST(s.at, ${from}::timestamptz)))), 0)::float8 AS seconds
       FROM segments s WHERE ${where}`,
    where.params,
  );
  return row?.seconds ?? 0;
}

/** All runs of a segment are packed at once: none of these is among the others. */
async function secondsOfPacked(query: Query, { streamId, analyzerIds, epochId, fromMs, toMs }: SightingFilter): Promise<number> {
  const [fromUs, toUs] = [fromMs * 1000, toMs * 1000];
  const media = { fromUs: fromUs - LONGEST_SEGMENT_US, toUs };
  const seen = new Set<string>();
  let us = 0;
  for await (const runs of scanRuns(query, { streamIds: [streamId], epochId, analyzerIds, names: ANALYSED, ...media }, PATIENCE_MS)) {
    for (const { segment_id, segment_at_us: atUs, pts_start_us, pts_end_us, state } of runs) {
      if (!ANALYSED.includes(state) || atUs <= media.fromUs || atUs >= toUs || seen.has(segment_id)) continue;
      seen.add(segment_id);
      us += Math.max(0, Math.min(atUs + pts_end_us - pts_start_us, toUs) - Math.max(atUs, fromUs));
    }
  }
  return us / 1e6;
}

async function* rowsOf(query: Query, filter: SightingFilter): AsyncGenerator<SightingRow[], void, void> {
  let rows: SightingRow[] = [];
  do {
    rows = await chunkOf(query, filter, rows.at(-1));
    yield rows;
  } while (rows.length === CHUNK_ROWS);
}

async function* packedRowsOf(query: Query, filter: SightingFilter): AsyncGenerator<SightingRow[], void, void> {
  const { streamId, epochId, analyzerIds, labels, minScore } = filter;
  const [fromUs, toUs] = [filter.fromMs * 1000, filter.toMs * 1000];
  const only = { minScore, fromUs, toUs, names: labels === undefined ? undefined : new Set(labels) };
  const blocks = { kinds: ['detections'], streamIds: [streamId], epochId, analyzerIds, names: labels, minScore, fromUs, toUs } as const;
  const open = (block: StoredBlock): SightingRow[] => {
    return resultsOf('detections', block, only).map(({ attributes, ...row }) => ({ ...row, ...saidOf(attributes) }));
  };
  yield* scanBlocks(query, blocks, open, (row) => Number(row.at_us), orderOfResults, PATIENCE_MS);
}

/** As the statement below reads them out of the JSON. */
function saidOf(attributes: Record<string, unknown> | null): Pick<SightingRow, 'subject_id' | 'clarity' | 'sample_ms'> {
  const { subjectId = null, clarity, sampleMs } = attributes ?? {};
  return {
    subject_id: subjectId === null || typeof subjectId === 'string' ? subjectId : JSON.stringify(subjectId),
    clarity: typeof clarity === 'number' ? clarity : null,
    sample_ms: typeof sampleMs === 'number' ? sampleMs : null,
  };
}

function chunkOf(query: Query, filter: SightingFilter, after: SightingRow | undefined): Promise<SightingRow[]> {
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
  return query<SightingRow>(
    `SELECT t.run_id, t.ordinal, (extract(epoch FROM t.at) * 1000000)::bigint AS at_us, t.epoch_id, t.pts_us, t.label, t.score, t.x,
        t.y, t.width, t.height,
         t.attributes->>'subjectId' AS subject_id,
         CASE WHEN jsonb_typeof(t.attributes->'clarity') = 'number' THEN (t.attributes->>'clarity')::float8 END AS clarity,
         CASE WHEN jsonb_typeof(t.attributes->'sampleMs') = 'number' THEN (t.attributes->>'sampleMs')::float8 END AS sample_ms
       FROM detections t WHERE ${where} ORDER BY t.at, t.run_id, t.ordinal LIMIT ${CHUNK_ROWS}`,
    where.params,
  );
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
