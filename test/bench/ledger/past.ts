import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { packBlock } from '../../../src/core/persistence/archive/packed-block.js';
import { STORE_BLOCK } from '../../../src/core/persistence/archive/move-statements.js';
import { ledgerDataSourceOptions } from '../../../src/core/persistence/data-source.js';
import { Database } from '../../../src/core/persistence/database.js';
import { HOUR_US, packHour } from '../../../src/core/persistence/timeline/hour-sums.js';
import { SumTable } from '../../../src/core/persistence/timeline/sum-table.js';
import { TimelineHours } from '../../../src/core/persistence/timeline/timeline-hours.js';
import { WINDOW_MS } from '../../../src/core/persistence/archive/windows.js';
import { numbersFrom } from '../../support/numbers-from.js';

const DAY_MS = 86_400_000;
export const DAYS = 30;
export const STREAMS = 8;
export const RARE = 'umbrella';
const LABELS = ['person', 'person', 'person', 'car', 'truck', 'bird'];
/** One in so many is of the rare label. */
const RARELY = 5_000;
const BLOCKS_AT_ONCE = 200;

/** Thirty days of eight streams with so many detections in all, packed as the ledger packs them. @returns the streams */
export async function writePast(databaseUrl: string, detections: number, endMs: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SET synchronous_commit = off');
    const beginMs = Math.floor(endMs / DAY_MS - DAYS) * DAY_MS;
    for (let day = 0; day <= DAYS; day++) {
      const [from, to] = [day, day + 1].map((n) => new Date(beginMs + n * DAY_MS).toISOString()) as [string, string];
      const name = `ledger_archive_${from.slice(0, 10).replaceAll('-', '_')}`;
      await client.query(`CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ledger_archive FOR VALUES FROM ('${from}') TO ('${to}')`);
    }
    const next = numbersFrom(detections);
    const perBlock = Math.round(detections / STREAMS / ((DAYS * DAY_MS) / WINDOW_MS));
    const streams: string[] = [];
    for (let n = 0; n < STREAMS; n++) {
      const [streamId, epochId] = [randomUUID(), randomUUID()];
      const name = `past-${detections}-${n}`;
      await client.query(`INSERT INTO streams (id, name, title, adapter_id) VALUES ($1, $2, $2, 'rtmp')`, [streamId, name]);
      streams.push(streamId);
      let written = 0;
      for (let windowMs = beginMs; windowMs < beginMs + DAYS * DAY_MS; windowMs += WINDOW_MS) {
        if (written++ % BLOCKS_AT_ONCE === 0) await client.query(written === 1 ? 'BEGIN' : 'COMMIT; BEGIN');
        const { keys, runs, rowCount, names, tallies, minutes, data } = packBlock('detections', rowsOf(windowMs, perBlock, next));
        const measures = (['count', 'sum', 'low', 'high'] as const).map((of) => tallies!.map((tally) => tally[of]));
        await client.query(STORE_BLOCK, [
          ...[windowMs, 'detections', streamId, epochId, 'object-detection', ...keys, ...runs, rowCount, names],
          ...[...measures, minutes, data],
        ]);
      }
      await client.query('COMMIT');
    }
    await client.query('VACUUM (ANALYZE) ledger_archive');
    return streams;
  } finally {
    await client.end();
  }
}

function rowsOf(windowMs: number, count: number, next: () => number) {
  const clockUs = windowMs * 1000;
  return Array.from({ length: count }, (_, n) => ({
    ...{ run_id: Math.floor(windowMs / 2_000) + Math.floor((n / count) * 300), ordinal: n, clock_us: clockUs },
    pts_us: Math.floor((n / count) * WINDOW_MS * 1000),
    label: next() * RARELY < 1 ? RARE : LABELS[Math.floor(next() * LABELS.length)]!,
    score: Math.round(next() * 1e8) / 1e8,
    ...{ x: round(next()), y: round(next()), width: round(next() / 5), height: round(next() / 5) },
    track_id: String(Math.floor(next() * 40)),
    attributes: null,
  }));
}

/** Adds up all hours of what was written, as the upkeep of workers does a few at a time. @returns how many, and how long one took */
export async function addUpPast(databaseUrl: string): Promise<{ hours: number; msEach: number }> {
  const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl, poolSize: 2 })).initialize();
  try {
    await source.query(
      `INSERT INTO timeline_stale (stream_id, hour) SELECT DISTINCT stream_id, date_trunc('hour', at, 'UTC') FROM ledger_archive`,
    );
    const beganMs = performance.now();
    const hours = await new TimelineHours(new Database(source)).refresh(undefined, 0);
    await source.query('VACUUM (ANALYZE) timeline_hours');
    // Half of it are pauses.
    return { hours, msEach: (performance.now() - beganMs) / 2 / Math.max(1, hours) };
  } finally {
    await source.destroy();
  }
}

const ANALYZERS = 8;
const METRICS = 26;
const YEAR_HOURS = 365 * 24;
/** Older hours are asked for by the hour only. */
const MINUTE_HOURS = DAYS * 24;

/** A year of hours of one stream with all that eight analyzers say of it, as they are kept. @returns the stream, and bytes of a day */
export async function writeKeptYear(databaseUrl: string, endMs: number): Promise<{ streamId: string; bytesPerDay: number }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const [streamId, next] = [randomUUID(), numbersFrom(1)];
    await client.query(`INSERT INTO streams (id, name, title, adapter_id) VALUES ($1, $2, $2, 'rtmp')`, [streamId, `year-${endMs}`]);
    for (let hour = 1; hour <= YEAR_HOURS; hour++) {
      if (hour % BLOCKS_AT_ONCE === 1) await client.query(hour === 1 ? 'BEGIN' : 'COMMIT; BEGIN');
      const atUs = endMs * 1000 - hour * HOUR_US;
      const packed = packHour(busyHour(atUs, next, hour <= MINUTE_HOURS ? 60 : 1));
      if (packed === null || packed === 'too-much') throw new Error('An hour of sums that is not kept');
      await client.query(
        'INSERT INTO timeline_hours (stream_id, at, hour, tens, minutes) VALUES ($1, to_timestamp($2::float8 / 1000000), $3, $4, $5)',
        [streamId, atUs, packed.hour, packed.tens, packed.minutes],
      );
    }
    await client.query('COMMIT');
    await client.query('VACUUM (ANALYZE) timeline_hours');
    const { rows } = await client.query<{ bytes: number }>(
      `SELECT (sum(pg_column_size(hour) + pg_column_size(tens) + pg_column_size(minutes)) / $2::float8)::float8 AS bytes FROM timeline_hours
       WHERE stream_id = $1 AND at >= to_timestamp($3)`,
      [streamId, DAYS, endMs / 1000 - DAYS * 86_400],
    );
    return { streamId, bytesPerDay: rows[0]!.bytes };
  } finally {
    await client.end();
  }
}

function busyHour(atUs: number, next: () => number, buckets: number): SumTable {
  const sums = new SumTable(HOUR_US / buckets);
  const span = { fromUs: atUs, toUs: atUs + HOUR_US };
  for (let n = 0; n < buckets; n++) {
    const bucket = sums.bucketAt(atUs) + n;
    const measured = () => ({ count: 60, sum: next() * 60, low: round(next()), high: round(next()) });
    for (let m = 0; m < METRICS; m++)
      sums.add({ part: 'metrics', analyzerId: `a${m % 2}`, name: `metric-${m}`, reason: '' }, bucket, measured());
    for (const label of new Set(LABELS)) sums.add({ part: 'detections', analyzerId: 'a3', name: label, reason: '' }, bucket, measured());
  }
  sums.addLasting({ part: 'media', analyzerId: '', name: 'ready', reason: '' }, span, span);
  for (let n = 0; n < ANALYZERS; n++) {
    const edgeUs = Math.floor(atUs + next() * HOUR_US);
    sums.addLasting({ part: 'runs', analyzerId: `a${n}`, name: 'done', reason: '' }, { ...span, toUs: edgeUs }, span);
    sums.addLasting({ part: 'runs', analyzerId: `a${n}`, name: 'skipped', reason: 'no-motion' }, { ...span, fromUs: edgeUs }, span);
    for (let event = 0; event < 12; event++) {
      const fromUs = Math.floor(atUs + next() * HOUR_US);
      sums.addLasting({ part: 'events', analyzerId: `a${n}`, name: 'seen', reason: '' }, { fromUs, toUs: fromUs + 20e6 }, span);
    }
  }
  return sums;
}

const round = (value: number): number => Math.round(value * 1e8) / 1e8;

/** As many rows as bare as can be, with the index that answers without them. @returns its streams */
export async function writeBare(client: pg.Client, detections: number, endMs: number): Promise<string[]> {
  await client.query('DROP TABLE IF EXISTS bare; CREATE TABLE bare (stream_id uuid, at timestamptz, label text, score real)');
  const streams = Array.from({ length: STREAMS }, () => randomUUID());
  await client.query(
    `INSERT INTO bare SELECT ($1::uuid[])[1 + n % ${STREAMS}], to_timestamp($2) - (n::float8 / $3) * interval '${DAYS} days',
       ($4::text[])[1 + n % ${LABELS.length}], random() FROM generate_series(1, $3::int) n`,
    [streams, endMs / 1000, detections, LABELS],
  );
  await client.query('CREATE INDEX ON bare (stream_id, at) INCLUDE (label, score)');
  await client.query('VACUUM (ANALYZE) bare');
  return streams;
}
