import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { packBlock } from '../../../src/core/persistence/archive/packed-block.js';
import { STORE_BLOCK } from '../../../src/core/persistence/archive/move-statements.js';
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
