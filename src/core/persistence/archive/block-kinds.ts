import type { Columns } from './block.js';
import type { ColumnType } from './columns.js';

export type ResultKind = 'detections' | 'metrics' | 'observations';
export type BlockKind = ResultKind | 'runs';

/** How a kind of row is packed. */
export interface PackedKind {
  readonly columns: Columns;
  /** The column by whose texts a block is looked for. */
  readonly named: string;
  /** The column of which a block tells sum, least and greatest, by name. */
  readonly measured?: string;
  readonly groupedBy?: string;
  /** What each column is read from the rows by; of those that are missing, the column of their own name. */
  readonly sql: Readonly<Record<string, string>>;
}

const RESULT = { run_id: 'whole', ordinal: 'whole', pts_us: 'whole', clock_us: 'whole' } as const satisfies Columns;
const usOf = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::bigint::float8`;
/** The wall clock of pts 0: of one epoch it is the same for all results, to the rounding. */
const RESULT_SQL = { clock_us: `((extract(epoch FROM t.at) * 1000000)::bigint - t.pts_us)::float8` };

const NUMBERS = { score: 'number', x: 'number', y: 'number', width: 'number', height: 'number' } as const satisfies Columns;
const RUN_TEXTS = {
  ...{ queue: 'text', analyzer_version: 'text', config_hash: 'text', state: 'text', owner: 'text', reason: 'text', error_code: 'text' },
  ...{ error_message: 'text', strategy: 'text', strategy_reason: 'text', executed_by: 'text' },
} as const satisfies Columns;

export const PACKED = {
  detections: {
    columns: { ...RESULT, label: 'text', ...NUMBERS, track_id: 'text', attributes: 'text' },
    named: 'label',
    measured: 'score',
    sql: RESULT_SQL,
  },
  metrics: {
    columns: { ...RESULT, name: 'text', unit: 'text', value: 'number' },
    named: 'name',
    measured: 'value',
    groupedBy: 'name',
    sql: RESULT_SQL,
  },
  observations: { columns: { ...RESULT, type: 'text', data: 'text' }, named: 'type', sql: RESULT_SQL },
  runs: {
    columns: {
      ...{ id: 'whole', segment_id: 'whole', epoch_ordinal: 'whole', sequence: 'whole', attempt: 'whole', deferrals: 'whole' },
      ...{ frames_seen: 'whole', frames_expected: 'whole', result_count: 'whole' },
      ...{ created_us: 'whole', started_us: 'whole', finished_us: 'whole', not_before_us: 'whole' },
      ...{ segment_at_us: 'whole', pts_start_us: 'whole', pts_end_us: 'whole' },
      ...RUN_TEXTS,
      ...{ wall_ms: 'number', cpu_ms: 'number', decode_cpu_ms: 'number', cost: 'number' },
    },
    named: 'state',
    sql: {
      created_us: usOf('t.created_at'),
      started_us: usOf('t.started_at'),
      finished_us: usOf('t.finished_at'),
      not_before_us: usOf('t.not_before'),
      segment_at_us: usOf('s.at'),
      pts_start_us: 's.pts_start_us::float8',
      pts_end_us: 's.pts_end_us::float8',
    },
  },
} as const satisfies Readonly<Record<BlockKind, PackedKind>>;

/** The list of a `SELECT` or `RETURNING` that gives rows as they are packed; `t` is their table, `s` their segment's. */
export function packedColumns({ columns, sql }: PackedKind): string {
  return Object.entries(columns)
    .map(([name, type]) => `${sql[name] ?? cellOf(`t.${name}`, type)} AS ${name}`)
    .join(', ');
}

/** The driver gives a bigint as text; a double holds every one that occurs here. */
const cellOf = (column: string, type: ColumnType): string =>
  type === 'whole' ? `${column}::float8` : type === 'text' ? `${column}::text` : column;
