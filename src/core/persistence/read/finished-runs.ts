import { Injectable } from '@nestjs/common';
import type { DetectionWire, EventWire, MetricWire, ObservationWire, RunWire, SegmentWire } from '../../wire/wire.js';
import { Database, type Statement } from '../database.js';
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

const RUNS = {
  name: 'finished_runs',
  text: `SELECT ${rows.runColumns}, s.at - interval '1 hour' AS day_from, s.at + interval '1 hour' AS day_to
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

/** Segments, and runs with all they produced, by id and in bulk: a handful of queries however many there are. */
@Injectable()
export class FinishedRuns {
  constructor(private readonly database: Database) {}

  async segments(ids: readonly string[]): Promise<SegmentWire[]> {
    if (ids.length === 0) return [];
    const found = await this.database.rows<rows.SegmentRow>(SEGMENTS, [ids]);
    return found.map(rows.segmentFromRow);
  }

  async runs(ids: readonly string[]): Promise<FinishedRun[]> {
    if (ids.length === 0) return [];
    const found = await this.database.rows<rows.RunRow & { day_from: Date; day_to: Date }>(RUNS, [ids]);
    const withResults = found.filter((run) => (run.result_count ?? 1) > 0);
    const keys = withResults.map((run) => run.id);
    // Bounds on `at` leave out all but a day or two of partitions.
    const from = new Date(Math.min(...withResults.map((run) => run.day_from.getTime())));
    const to = new Date(Math.max(...withResults.map((run) => run.day_to.getTime())));
    const [detections, metrics, observations, events] =
      keys.length === 0
        ? [[], [], [], []]
        : await Promise.all([
            this.database.rows<rows.DetectionRow>(DETECTIONS, [keys, RESULTS_PER_MESSAGE, from, to]),
            this.database.rows<rows.MetricRow>(METRICS, [keys, RESULTS_PER_MESSAGE, from, to]),
            this.database.rows<rows.ObservationRow>(OBSERVATIONS, [keys, RESULTS_PER_MESSAGE, from, to]),
            this.database.rows<rows.EventRow>(EVENTS_OF_RUNS, [keys]),
          ]);
    const grouped = { detections: groupByRun(detections), metrics: groupByRun(metrics), observations: groupByRun(observations) };
    return found.map((row) => ({
      run: rows.runFromRow(row),
      detections: (grouped.detections.get(row.id) ?? []).map(rows.detectionFromRow),
      metrics: (grouped.metrics.get(row.id) ?? []).map(rows.metricFromRow),
      observations: (grouped.observations.get(row.id) ?? []).map(rows.observationFromRow),
      events: events.filter((event) => event.last_run_id === row.id).map(rows.eventFromRow),
      truncated: (row.result_count ?? 0) > RESULTS_PER_MESSAGE,
    }));
  }

  async eventsByIds(ids: readonly string[]): Promise<EventWire[]> {
    if (ids.length === 0) return [];
    const found = await this.database.rows<rows.EventRow>(EVENTS, [ids]);
    return found.map(rows.eventFromRow);
  }
}

function groupByRun<Row extends { run_id: string }>(found: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of found) {
    const group = groups.get(row.run_id);
    if (group === undefined) groups.set(row.run_id, [row]);
    else group.push(row);
  }
  return groups;
}
