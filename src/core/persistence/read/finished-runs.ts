import { Inject, Injectable } from '@nestjs/common';
import { HOUR_MS } from '../../plugin-api/index.js';
import type { DetectionWire, EventWire, MetricWire, ObservationWire, RunWire, SegmentWire } from '../../wire/wire.js';
import { ARCHIVE_OPTIONS, type ArchiveOptions } from '../archive/archive-options.js';
import type { ResultRows } from '../archive/archived-rows.js';
import type { ResultKind } from '../archive/block-kinds.js';
import { Database, type Statement } from '../database.js';
import { archivedResultsOf, archivedRunsById } from './archived-finished.js';
import * as rows from './wire-rows.js';

export interface FinishedRun {
  readonly run: RunWire;
  readonly detections: DetectionWire[];
  readonly metrics: MetricWire[];
  readonly events: EventWire[];
  readonly observations: ObservationWire[];
  readonly truncated: boolean;
}

/** Results beyond this ordinal are left to REST: a message must stay a message. */
export const RESULTS_PER_MESSAGE = 5_000;

const SEGMENTS = { name: 'finished_segments', text: `SELECT ${rows.segmentColumns} FROM segments s WHERE s.id = ANY($1::bigint[])` };

/** Results are looked for within so much of their segment. */
const AROUND_MS = HOUR_MS;

/** $1 runs, $2 for how long results stay rows for certain, in ms. */
const RUNS = {
  name: 'finished_runs',
  text: `SELECT ${rows.runColumns}, (extract(epoch FROM s.at) * 1000)::float8 AS segment_at_ms,
      r.finished_at < now() - $2::float8 * interval '1 millisecond' AS may_be_packed
    FROM analysis_runs r JOIN segments s ON s.id = r.segment_id WHERE r.id = ANY($1::bigint[])`,
};

/** $1 runs, $2 ordinals below, $3..$4 when. */
const resultsOf = (table: 'detections' | 'metrics' | 'observations', columns: string): Statement => ({
  name: `finished_${table}`,
  text: `SELECT ${columns} FROM ${table} t WHERE t.run_id = ANY($1::bigint[]) AND t.ordinal < $2 AND t.at BETWEEN $3 AND $4
    ORDER BY t.run_id, t.ordinal`,
});
const DETECTIONS = resultsOf('detections', rows.detectionColumns);
const METRICS = resultsOf('metrics', rows.metricColumns);
const OBSERVATIONS = resultsOf('observations', rows.observationColumns);

const EVENTS = { name: 'events_by_id', text: `SELECT ${rows.eventColumns} FROM events v WHERE v.id = ANY($1::bigint[])` };

/** An event goes with the run that touched it last: an earlier run's message would carry the same state once more. */
const EVENTS_OF_RUNS = {
  name: 'events_of_runs',
  text: `SELECT ${rows.eventColumns} FROM events v WHERE v.last_run_id = ANY($1::bigint[]) ORDER BY v.id`,
};

interface FoundRun extends rows.RunRow {
  readonly segment_at_ms: number;
  readonly may_be_packed: boolean;
}

/** Segments, and runs with all they produced, by id and in bulk: a handful of queries however many there are. */
@Injectable()
export class FinishedRuns {
  constructor(
    private readonly database: Database,
    @Inject(ARCHIVE_OPTIONS) private readonly archive: ArchiveOptions,
  ) {}

  async segments(ids: readonly string[]): Promise<SegmentWire[]> {
    if (ids.length === 0) return [];
    const found = await this.database.rows<rows.SegmentRow>(SEGMENTS, [ids]);
    return found.map(rows.segmentFromRow);
  }

  /** @param streamIds of the streams that the runs are of */
  async runs(ids: readonly string[], streamIds: readonly string[]): Promise<FinishedRun[]> {
    if (ids.length === 0) return [];
    const found = await this.found(ids, streamIds);
    const withResults = found.filter((run) => (run.result_count ?? 1) > 0);
    const keys = withResults.map((run) => run.id);
    const [detections, metrics, observations, events] = await Promise.all([
      this.results('detections', DETECTIONS, withResults),
      this.results('metrics', METRICS, withResults),
      this.results('observations', OBSERVATIONS, withResults),
      keys.length === 0 ? [] : this.database.rows<rows.EventRow>(EVENTS_OF_RUNS, [keys]),
    ]);
    return found.map((row) => ({
      run: rows.runFromRow(row),
      detections: (detections.get(row.id) ?? []).map(rows.detectionFromRow),
      metrics: (metrics.get(row.id) ?? []).map(rows.metricFromRow),
      observations: (observations.get(row.id) ?? []).map(rows.observationFromRow),
      events: events.filter((event) => event.last_run_id === row.id).map(rows.eventFromRow),
      truncated: (row.result_count ?? 0) > RESULTS_PER_MESSAGE,
    }));
  }

  private async found(ids: readonly string[], streamIds: readonly string[]): Promise<FoundRun[]> {
    // By half the time: what is a row now is one still when the results are read.
    const found = await this.database.rows<FoundRun>(RUNS, [ids, this.archive.resultsStayMs / 2]);
    const missing = new Set(ids);
    for (const { id } of found) missing.delete(id);
    if (missing.size === 0) return found;
    const packed = await this.database.snapshot((query) => archivedRunsById(query, missing, streamIds));
    return [...found, ...packed.map((run) => ({ ...run, segment_at_ms: run.segment_at_us / 1000, may_be_packed: true }))];
  }

  /** Rows first, then blocks: what is packed in between is in both. */
  private async results<K extends ResultKind>(
    kind: K,
    statement: Statement,
    runs: readonly FoundRun[],
  ): Promise<ReadonlyMap<string, ResultRows[K][]>> {
    if (runs.length === 0) return new Map();
    // Bounds on `at` leave out all but a day or two of partitions.
    const [from, to] = around(runs);
    const found = await this.database.rows<ResultRows[K]>(statement, [
      runs.map(({ id }) => id),
      RESULTS_PER_MESSAGE,
      new Date(from),
      new Date(to),
    ]);
    const old = runs.filter((run) => run.may_be_packed);
    if (old.length === 0) return Map.groupBy(found, (row) => row.run_id);
    const range = around(old).map((ms) => ms * 1000) as [number, number];
    const packed = await this.database.snapshot((query) => archivedResultsOf(query, kind, old, range));
    const each = new Map<string, ResultRows[K]>();
    for (const row of [...found, ...packed]) if (row.ordinal < RESULTS_PER_MESSAGE) each.set(`${row.run_id} ${row.ordinal}`, row);
    return Map.groupBy(
      [...each.values()].sort((a, b) => a.ordinal - b.ordinal),
      (row) => row.run_id,
    );
  }

  async eventsByIds(ids: readonly string[]): Promise<EventWire[]> {
    if (ids.length === 0) return [];
    const found = await this.database.rows<rows.EventRow>(EVENTS, [ids]);
    return found.map(rows.eventFromRow);
  }
}

const around = (runs: readonly FoundRun[]): [number, number] => [
  Math.min(...runs.map((run) => run.segment_at_ms)) - AROUND_MS,
  Math.max(...runs.map((run) => run.segment_at_ms)) + AROUND_MS,
];
