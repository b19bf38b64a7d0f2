import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { checkRecording, type SentFrames } from './recording-invariants.js';

/** One broken promise: which, and the rows that show it. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';
  readonly what: string;
  readonly evidence: unknown;
}

export interface InvariantExpectations {
  /** All work is done by now: no run may be waiting (I1). Without it, none may have waited longer than `maxAgeMs`. */
  readonly idle?: boolean;
  /** I1: how long a run may take to its end. Default 60 s. */
  readonly maxAgeMs?: number;
  /** I2: analyzers that every readable segment must have a run of; default those that the stream has any run of. */
  readonly analyzers?: readonly string[];
  /** I5: wall-clock length of each closed epoch's media as the publisher sent it, by epoch id, and the length of a frame. */
  readonly published?: { readonly frameUs: number; readonly byEpoch: Readonly<Record<string, number>> };
  /** I5: what publishers counted of their frames, by stream, all epochs together. */
  readonly sentFrames?: SentFrames;
  /** I7: the one metric whose values, over all runs, must be exactly these (frame numbers of a barcode clip), per stream. */
  readonly metricValues?: { readonly streamId: string; readonly name: string; readonly values: readonly number[] };
  /** I8: ids of runs a client connected throughout was told of. */
  readonly toldRunIds?: readonly string[];
}

export interface InvariantOptions {
  /** Holds `<stream>/<epoch>/<sequence>.ts`; without it there is no recording: what is promised of one (I4 to I6) is not looked at. */
  readonly mediaDir?: string;
  readonly expectations?: InvariantExpectations;
}

type Query = <T>(sql: string, values?: unknown[]) => Promise<T[]>;
/** A database's address, or anything with TypeORM's `query`. */
export type InvariantSource = string | { query(sql: string, values?: unknown[]): Promise<unknown> };

const EVENTS_ENDED_WITHIN_MS = 15_000;
const LEFT_OPEN = `SELECT v.id, v.key, v.epoch_id FROM events v JOIN epochs e ON e.id = v.epoch_id WHERE v.state = 'open'
  AND e.state = 'closed'
  AND $1 AND NOT EXISTS (SELECT 1 FROM analysis_runs r WHERE r.epoch_id = e.id AND r.state IN ('queued', 'running'))`;
const RESULT_TABLES = ['detections', 'metrics', 'observations'] as const;

/**
 * Holds the ledger against everything that is promised of it: to be called after every fault.
 * @returns every violation found; an empty list when all promises hold
 * @example expect(await checkInvariants(databaseUrl, { mediaDir, expectations: { idle: true } })).toEqual([])
 */
export async function checkInvariants(source: InvariantSource, options: InvariantOptions = {}): Promise<Violation[]> {
  if (typeof source !== 'string') {
    return check(async <T>(sql: string, values?: unknown[]) => (await source.query(sql, values)) as T[], options);
  }
  const client = new pg.Client({ connectionString: source });
  await client.connect();
  try {
    return await check(async <T>(sql: string, values?: unknown[]) => (await client.query(sql, values)).rows as T[], options);
  } finally {
    await client.end();
  }
}

async function check(query: Query, { mediaDir, expectations = {} }: InvariantOptions): Promise<Violation[]> {
  const found: Violation[] = [];
  const mustBeEmpty = async (invariant: Violation['invariant'], what: string, sql: string, values: unknown[] = []): Promise<void> => {
    const evidence = await query(`${sql} LIMIT 20`, values);
    if (evidence.length > 0) found.push({ invariant, what, evidence });
  };

  await mustBeEmpty(
    'I1',
    'a run came to no end in time',
    `SELECT id, stream_id, sequence, analyzer_id, state, attempt, created_at FROM analysis_runs WHERE state IN ('queued', 'running')
     AND created_at <= now() - $1::float8 * interval '1 millisecond'`,
    [expectations.idle === true ? 0 : (expectations.maxAgeMs ?? 60_000)],
  );
  await mustBeEmpty(
    'I1',
    'an ended run has no time of its end, or an open one has',
    `SELECT id, state FROM analysis_runs WHERE (state IN ('queued', 'running')) = (finished_at IS NOT NULL)`,
  );
  // A process that died between the last of an epoch and the end of its events leaves them to a worker's next look around: every 5 s.
  for (
    const deadline = Date.now() + EVENTS_ENDED_WITHIN_MS;
    Date.now() < deadline && (await query(`${LEFT_OPEN} LIMIT 1`, [expectations.idle === true])).length > 0;
  ) {
    await delay(200);
  }
  await mustBeEmpty('I1', 'an event stayed open although its epoch has ended and was analysed', LEFT_OPEN, [expectations.idle === true]);

  await mustBeEmpty(
    'I2',
    'a segment has no run of an analyzer that its stream goes to',
    `SELECT s.id AS segment_id, s.stream_id, s.sequence, a.analyzer_id
     FROM segments s
     JOIN LATERAL (
       SELECT unnest($1::text[]) AS analyzer_id
       UNION SELECT DISTINCT r.analyzer_id FROM analysis_runs r WHERE $1::text[] IS NULL AND r.epoch_id = s.epoch_id
     ) a ON true
     WHERE NOT EXISTS (SELECT 1 FROM analysis_runs r WHERE r.segment_id = s.id AND r.analyzer_id = a.analyzer_id)`,
    [expectations.analyzers ?? null],
  );

  for (const table of RESULT_TABLES) {
    await mustBeEmpty(
      'I3',
      `${table} hold results of a run that did not end with results`,
      `
      SELECT t.run_id, r.state, count(*)::int AS rows FROM ${table} t LEFT JOIN analysis_runs r ON r.id = t.run_id
      WHERE r.state IS NULL OR r.state NOT IN ('done', 'partial') GROUP BY 1, 2`,
    );
    await mustBeEmpty(
      'I3',
      `${table} hold one result twice`,
      `
      SELECT run_id, ordinal, count(*)::int AS times FROM ${table} GROUP BY 1, 2 HAVING count(*) > 1`,
    );
  }
  await mustBeEmpty(
    'I3',
    'a run kept more results than its one attempt gave',
    `
    SELECT r.id, r.result_count, n.kept FROM analysis_runs r JOIN (
      SELECT run_id, count(*)::int AS kept FROM (${RESULT_TABLES.map((table) => `SELECT run_id FROM ${table}`).join(' UNION ALL ')}) t GROUP BY 1
    ) n ON n.run_id = r.id WHERE n.kept > r.result_count`,
  );
  await mustBeEmpty(
    'I3',
    'a run is called done although frames are missing',
    `SELECT id, frames_seen, frames_expected FROM analysis_runs WHERE state = 'done' AND frames_seen < frames_expected`,
  );

  // Of analyzers that keep state (a checkpoint tells): committed in the order of the media, or on record as too late for it. What is
  // analysed again has a state of its own.
  const stateful = `SELECT r.*, r.state IN ('done', 'partial') AS counts FROM analysis_runs r WHERE r.queue <> 'backfill' AND EXISTS (
    SELECT 1 FROM analyzer_checkpoints k WHERE k.stream_id = r.stream_id AND k.analyzer_id = r.analyzer_id
      AND k.config_hash = r.config_hash)`;
  await mustBeEmpty(
    'I3',
    'an analyzer that keeps state went back',
    `
    SELECT * FROM (
      SELECT id, stream_id, analyzer_id, epoch_ordinal, sequence, lag(ARRAY[epoch_ordinal, sequence]) OVER (
        PARTITION BY stream_id, analyzer_id, config_hash ORDER BY finished_at, epoch_ordinal, sequence) AS before
      FROM (${stateful}) r WHERE counts
    ) r WHERE before >= ARRAY[epoch_ordinal, sequence]`,
  );
  await mustBeEmpty(
    'I3',
    'a run is called late although its analyzer was not past it',
    `
    SELECT r.id, r.stream_id, r.analyzer_id, r.sequence FROM analysis_runs r WHERE r.state = 'skipped' AND r.reason = 'late'
      AND NOT EXISTS (
      SELECT 1 FROM (${stateful}) n WHERE n.counts AND n.stream_id = r.stream_id AND n.analyzer_id = r.analyzer_id
        AND n.config_hash = r.config_hash
        AND (n.epoch_ordinal, n.sequence) > (r.epoch_ordinal, r.sequence) AND n.finished_at <= r.finished_at)`,
  );

  await mustBeEmpty(
    'I4',
    'sequence numbers are missing without a gap on record',
    `
    SELECT * FROM (
      SELECT epoch_id, sequence, sequence - COALESCE(lag(sequence) OVER (PARTITION BY epoch_id ORDER BY sequence), -1) - 1 AS missing
        FROM segments
    ) s WHERE missing > (
      SELECT COALESCE(sum(g.missing_sequences), 0) FROM gaps g
      WHERE g.epoch_id = s.epoch_id AND g.after_sequence BETWEEN s.sequence - s.missing - 1 AND s.sequence - 1)`,
  );

  await mustBeEmpty(
    'I5',
    'segments of one epoch overlap or run backwards',
    `
    SELECT * FROM (
      SELECT epoch_id, sequence, pts_start_us, pts_end_us, lag(pts_end_us) OVER (PARTITION BY epoch_id ORDER BY sequence) AS previous_end_us
      FROM segments WHERE state <> 'unreadable'
    ) s WHERE pts_end_us < pts_start_us OR pts_start_us < previous_end_us`,
  );
  await mustBeEmpty(
    'I5',
    'an epoch whose packager broke off has no gap for what was lost with it',
    `
    SELECT e.id FROM epochs e WHERE e.state = 'closed' AND e.end_reason = 'packager-failed'
      AND NOT EXISTS (SELECT 1 FROM gaps g WHERE g.epoch_id = e.id AND g.reason = 'packager-failed')`,
  );
  await mustBeEmpty(
    'I4',
    'a segment is lost without a gap on record, or a gap says so of one that is there',
    `
    SELECT s.epoch_id, s.sequence, s.state FROM segments s WHERE (s.state = 'lost') <> EXISTS (
      SELECT 1 FROM gaps g WHERE g.epoch_id = s.epoch_id AND g.reason = 'lost' AND g.after_sequence = s.sequence - 1
        AND g.from_pts_us = s.pts_start_us AND g.to_pts_us = s.pts_end_us) AND s.state <> 'deleted'`,
  );
  await mustBeEmpty(
    'I5',
    'a gap runs backwards',
    'SELECT id, epoch_id, reason, from_pts_us, to_pts_us FROM gaps WHERE to_pts_us < from_pts_us AND missing_sequences = 0 AND ' +
      `reason IN ('lost', 'retention', 'disk-full')`,
  );
  if (expectations.published !== undefined) {
    const { frameUs, byEpoch } = expectations.published;
    await mustBeEmpty(
      'I5',
      'segments and gaps do not add up to what was published',
      `
      SELECT e.id, p.value::bigint AS published_us, m.segments_us, g.gaps_us FROM epochs e
      JOIN jsonb_each_text($1::jsonb) p ON p.key = e.id::text
      CROSS JOIN LATERAL (SELECT COALESCE(sum(pts_end_us - pts_start_us), 0) AS segments_us FROM segments s WHERE s.epoch_id = e.id
        AND s.state <> 'lost') m
      CROSS JOIN LATERAL (SELECT COALESCE(sum(to_pts_us - from_pts_us), 0) AS gaps_us FROM gaps g WHERE g.epoch_id = e.id) g
      WHERE abs(m.segments_us + g.gaps_us - p.value::bigint) > $2`,
      [JSON.stringify(byEpoch), frameUs],
    );
  }

  if (mediaDir !== undefined) {
    found.push(...(await checkFiles(query, mediaDir)));
    await checkRecording(mustBeEmpty, expectations.sentFrames);
  }
  if (expectations.metricValues !== undefined) found.push(...(await checkValues(query, expectations.metricValues)));

  await mustBeEmpty(
    'I8',
    'an ended run is missing from the feed',
    `
    SELECT r.id, r.state FROM analysis_runs r WHERE r.state NOT IN ('queued', 'running')
      AND NOT EXISTS (SELECT 1 FROM feed f WHERE f.kind = 'run.finished' AND f.payload ->> 'runId' = r.id::text)`,
  );
  if (expectations.toldRunIds !== undefined) {
    await mustBeEmpty(
      'I8',
      'a client was not told of a run, or of one that is none',
      `
      SELECT COALESCE(r.id::text, t.id) AS run_id, r.id IS NULL AS unknown FROM (SELECT DISTINCT unnest($1::text[]) AS id) t
      FULL JOIN (SELECT id FROM analysis_runs WHERE state NOT IN ('queued', 'running')) r ON r.id::text = t.id
      WHERE r.id IS NULL OR t.id IS NULL`,
      [expectations.toldRunIds],
    );
  }
  return found;
}

/** I6: files without a row, rows without a file. */
async function checkFiles(query: Query, mediaDir: string): Promise<Violation[]> {
  const entries = await readdir(mediaDir, { recursive: true, withFileTypes: true });
  const onDisk = new Set(
    entries
      .filter((entry) => entry.isFile() && /\.(ts|m4s)$/.test(entry.name))
      .map((entry) => relative(mediaDir, join(entry.parentPath, entry.name)).split(sep).join('/')),
  );
  const rows = await query<{ path: string; state: string }>(`SELECT path, state FROM segments`);
  const inLedger = new Set(rows.map(({ path }) => path));
  const unknown = [...onDisk].filter((path) => !inLedger.has(path));
  const lost = rows.filter(({ path, state }) => state !== 'deleted' && state !== 'lost' && !onDisk.has(path)).map(({ path }) => path);
  const undeleted = rows.filter(({ path, state }) => state === 'deleted' && onDisk.has(path)).map(({ path }) => path);
  return [
    ...(unknown.length > 0
      ? [{ invariant: 'I6', what: 'segment files are not in the ledger', evidence: unknown.slice(0, 20) } as const]
      : []),
    ...(lost.length > 0 ? [{ invariant: 'I6', what: 'files of the ledger are missing', evidence: lost.slice(0, 20) } as const] : []),
    ...(undeleted.length > 0
      ? [{ invariant: 'I6', what: 'files of deleted segments are still there', evidence: undeleted.slice(0, 20) } as const]
      : []),
  ];
}

/** I7: every expected value once, nothing else. */
async function checkValues(query: Query, expected: NonNullable<InvariantExpectations['metricValues']>): Promise<Violation[]> {
  const rows = await query<{ value: number }>('SELECT value FROM metrics WHERE stream_id = $1 AND name = $2 ORDER BY value', [
    expected.streamId,
    expected.name,
  ]);
  const left = new Map<number, number>();
  for (const value of expected.values) left.set(value, (left.get(value) ?? 0) + 1);
  for (const { value } of rows) left.set(value, (left.get(value) ?? 0) - 1);
  const lost = [...left].filter(([, count]) => count > 0).map(([value]) => value);
  const surplus = [...left].filter(([, count]) => count < 0).map(([value]) => value);
  if (lost.length === 0 && surplus.length === 0) return [];
  return [
    {
      invariant: 'I7',
      what: `results of ${expected.name} differ from the reference`,
      evidence: { lost: lost.slice(0, 20), surplus: surplus.slice(0, 20) },
    },
  ];
}
