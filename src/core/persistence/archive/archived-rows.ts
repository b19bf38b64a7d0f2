import type { DetectionRow, MetricRow, ObservationRow, ResultRow, RunRow } from '../read/wire-rows.js';
import { PACKED, type PackedKind, type ResultKind } from './block-kinds.js';
import { type UnpackedRows, unpack } from './block.js';
import type { Cell } from './columns.js';
import type { StoredBlock } from './block-scan.js';

/** What is asked for of the rows of a block; a row is looked at before it is made. */
export interface RowFilter {
  readonly names?: ReadonlySet<string>;
  readonly minScore?: number;
  readonly runIds?: ReadonlySet<string>;
  readonly fromPtsUs?: number;
  /** Exclusive. */
  readonly toPtsUs?: number;
  readonly fromUs?: number;
  /** Exclusive. */
  readonly toUs?: number;
}

export interface ResultRows {
  readonly detections: DetectionRow;
  readonly metrics: MetricRow;
  readonly observations: ObservationRow;
}

/** A run, and the media that it was of. */
export interface ArchivedRun extends RunRow {
  readonly segment_at_us: number;
  readonly pts_start_us: number;
  readonly pts_end_us: number;
}

/** The rows of a block that are asked for, as a statement would have given them. */
export function resultsOf<K extends ResultKind>(kind: K, block: StoredBlock, filter: RowFilter): ResultRows[K][] {
  const rows = unpackBlock(kind, block);
  const { named }: PackedKind = PACKED[kind];
  const [runIds, ptsUs, clockUs, names] = [rows.column('run_id'), rows.column('pts_us'), rows.column('clock_us'), rows.column(named)];
  const scores = filter.minScore === undefined ? undefined : rows.column('score');
  const make = MAKERS[kind](rows) as (i: number, common: ResultRow) => ResultRows[K];
  const found: ResultRows[K][] = [];
  for (let i = 0; i < rows.count; i++) {
    const pts = ptsUs[i] as number;
    const atUs = pts + (clockUs[i] as number);
    if (pts < (filter.fromPtsUs ?? -Infinity) || pts >= (filter.toPtsUs ?? Infinity)) continue;
    if (atUs < (filter.fromUs ?? -Infinity) || atUs >= (filter.toUs ?? Infinity)) continue;
    if (filter.names !== undefined && !filter.names.has(names[i] as string)) continue;
    // A score is a `real`, and so is what it is held against.
    if (scores !== undefined && Math.fround(scores[i] as number) < Math.fround(filter.minScore!)) continue;
    const runId = String(runIds[i]);
    if (filter.runIds !== undefined && !filter.runIds.has(runId)) continue;
    found.push(make(i, common(block, runId, rows.column('ordinal')[i] as number, pts, atUs)));
  }
  return found;
}

/** All runs of a block. */
export function runsOf(block: StoredBlock): ArchivedRun[] {
  const rows = unpackBlock('runs', block);
  const numbers = (name: string) => rows.column(name) as readonly (number | null)[];
  const texts = (name: string) => rows.column(name) as readonly (string | null)[];
  return Array.from({ length: rows.count }, (_, i): ArchivedRun => ({
    id: String(numbers('id')[i]),
    segment_id: String(numbers('segment_id')[i]),
    stream_id: block.stream_id,
    epoch_id: block.epoch_id,
    sequence: numbers('sequence')[i]!,
    queue: texts('queue')[i]!,
    analyzer_id: block.analyzer_id,
    analyzer_version: texts('analyzer_version')[i]!,
    config_hash: texts('config_hash')[i]!,
    state: texts('state')[i] as RunRow['state'],
    attempt: numbers('attempt')[i]!,
    reason: texts('reason')[i]!,
    error_code: texts('error_code')[i]!,
    error_message: texts('error_message')[i]!,
    strategy: texts('strategy')[i]!,
    strategy_reason: texts('strategy_reason')[i]!,
    executed_by: texts('executed_by')[i]!,
    frames_seen: numbers('frames_seen')[i]!,
    frames_expected: numbers('frames_expected')[i]!,
    result_count: numbers('result_count')[i]!,
    wall_ms: numbers('wall_ms')[i]!,
    cpu_ms: numbers('cpu_ms')[i]!,
    decode_cpu_ms: numbers('decode_cpu_ms')[i]!,
    cost: numbers('cost')[i]!,
    created_at: dateOf(numbers('created_us')[i]!),
    finished_at: numbers('finished_us')[i] === null ? null : dateOf(numbers('finished_us')[i]!),
    segment_at_us: numbers('segment_at_us')[i]!,
    pts_start_us: numbers('pts_start_us')[i]!,
    pts_end_us: numbers('pts_end_us')[i]!,
  }));
}

function unpackBlock(kind: ResultKind | 'runs', block: StoredBlock): UnpackedRows {
  const { columns, groupedBy }: PackedKind = PACKED[kind];
  return unpack(columns, block.data, groupedBy);
}

const common = (block: StoredBlock, runId: string, ordinal: number, ptsUs: number, atUs: number): ResultRow => ({
  run_id: runId,
  ordinal,
  stream_id: block.stream_id,
  epoch_id: block.epoch_id,
  analyzer_id: block.analyzer_id,
  pts_us: String(ptsUs),
  at: dateOf(atUs),
  at_us: String(atUs),
});

/** The driver's `Date` has milliseconds: those of the instant, not the nearest. */
const dateOf = (us: number): Date => new Date(Math.floor(us / 1000));
const jsonOf = (text: Cell): Record<string, unknown> => JSON.parse(text as string) as Record<string, unknown>;

const MAKERS = {
  detections: (rows: UnpackedRows) => {
    const [labels, trackIds, attributes] = [rows.column('label'), rows.column('track_id'), rows.column('attributes')];
    const [scores, xs, ys] = [rows.column('score'), rows.column('x'), rows.column('y')];
    const [widths, heights] = [rows.column('width'), rows.column('height')];
    return (i: number, result: ResultRow): DetectionRow => ({
      ...result,
      label: labels[i] as string,
      score: scores[i] as number,
      x: xs[i] as number,
      y: ys[i] as number,
      width: widths[i] as number,
      height: heights[i] as number,
      track_id: trackIds[i] as string | null,
      attributes: attributes[i] === null ? null : jsonOf(attributes[i]!),
    });
  },
  metrics: (rows: UnpackedRows) => {
    const [names, units, values] = [rows.column('name'), rows.column('unit'), rows.column('value')];
    return (i: number, result: ResultRow): MetricRow => ({
      ...result,
      name: names[i] as string,
      unit: units[i] as string,
      value: values[i] as number,
    });
  },
  observations: (rows: UnpackedRows) => {
    const [types, data] = [rows.column('type'), rows.column('data')];
    return (i: number, result: ResultRow): ObservationRow => ({ ...result, type: types[i] as string, data: jsonOf(data[i]!) });
  },
} as const;
