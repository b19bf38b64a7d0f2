import { DataSource } from 'typeorm';
import { expect } from 'vitest';
import type { z } from 'zod';
import { ledgerDataSourceOptions } from '../../../src/core/persistence/data-source.js';
import * as rows from '../../../src/core/persistence/read/wire-rows.js';
import { detectionWire, epochWire, eventWire, metricWire, observationWire, runWire, segmentWire } from '../../../src/core/wire/wire.js';

/** A kind of row that goes over the wire, as every reader reads it. */
interface Kind {
  readonly table: string;
  readonly alias: string;
  /** Tells the rows of a test apart. */
  readonly key: string;
  readonly columns: string;
  readonly fromRow: (row: never) => object;
  readonly schema: z.ZodObject;
  /** Selected for cursors and other questions; not on the wire. */
  readonly helpers: readonly string[];
}
export type Columns = Readonly<Record<string, unknown>>;

const result = { alias: 't', key: 'run_id', helpers: ['at_us'] };
export const KINDS = {
  epoch: { table: 'epochs', alias: 'e', key: 'id', columns: rows.epochColumns, fromRow: rows.epochFromRow, schema: epochWire, helpers: [] },
  segment: {
    table: 'segments',
    alias: 's',
    key: 'sequence',
    columns: rows.segmentColumns,
    fromRow: rows.segmentFromRow,
    schema: segmentWire,
    helpers: ['at_us'],
  },
  run: {
    table: 'analysis_runs',
    alias: 'r',
    key: 'config_hash',
    columns: rows.runColumns,
    fromRow: rows.runFromRow,
    schema: runWire,
    helpers: [],
  },
  detection: { ...result, table: 'detections', columns: rows.detectionColumns, fromRow: rows.detectionFromRow, schema: detectionWire },
  metric: { ...result, table: 'metrics', columns: rows.metricColumns, fromRow: rows.metricFromRow, schema: metricWire },
  observation: {
    ...result,
    table: 'observations',
    columns: rows.observationColumns,
    fromRow: rows.observationFromRow,
    schema: observationWire,
  },
  event: {
    table: 'events',
    alias: 'v',
    key: 'key',
    columns: rows.eventColumns,
    fromRow: rows.eventFromRow,
    schema: eventWire,
    helpers: ['last_run_id', 'at_us'],
  },
} satisfies Record<string, Kind>;

/** Writes rows into a ledger and reads them back through the lists of columns and the mappings that all readers share. */
export class WireRoundTrip {
  private constructor(readonly sql: DataSource) {}

  static async open(databaseUrl: string): Promise<WireRoundTrip> {
    return new WireRoundTrip(await new DataSource(ledgerDataSourceOptions({ databaseUrl, poolSize: 2 })).initialize());
  }

  close(): Promise<void> {
    return this.sql.destroy();
  }

  /** @returns what goes over the wire, held against its schema: nothing is lost as JSON, unknown to the API's document, or read for nothing */
  async of(kind: Kind, written: Columns): Promise<object> {
    const names = Object.keys(written);
    const values = names.map((name) => (isJson(written[name]) ? JSON.stringify(written[name]) : written[name]));
    await this.sql.query(`INSERT INTO ${kind.table} (${names.join()}) VALUES (${names.map((_, i) => `$${i + 1}`).join()})`, values);
    const row = await this.row(kind, written[kind.key]);
    const wire = kind.fromRow(row as never);
    expect(JSON.parse(JSON.stringify(wire))).toEqual(wire);
    expect(kind.schema.strict().safeParse(wire).error?.issues ?? []).toEqual([]);
    expect(Object.keys(row)).toHaveLength(fieldCount(wire) + kind.helpers.length);
    return wire;
  }

  /** The row as PostgreSQL gives it. */
  async row({ table, alias, key, columns }: Kind, value: unknown): Promise<Columns> {
    const found = await this.sql.query<Columns[]>(`SELECT ${columns} FROM ${table} ${alias} WHERE ${alias}.${key} = $1`, [value]);
    if (found.length !== 1) throw new Error(`${found.length} rows of ${table} have ${key} ${String(value)}`);
    return found[0]!;
  }
}

const isJson = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A box is four columns. */
const fieldCount = (wire: object): number => Object.keys(wire).length + ('box' in wire ? 3 : 0);
