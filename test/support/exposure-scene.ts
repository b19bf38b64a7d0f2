import sharp from 'sharp';
import type pg from 'pg';
import { LedgerSeed } from './ledger-seed.js';

const SEGMENT_S = 2;
const FRAME_MS = 400;

/** A brand of a scene: when it is in sight, in turns, and where. */
export interface ShownBrand {
  readonly id: string;
  readonly label: string;
  /** In sight for the first `inS` of every `everyS` seconds. */
  readonly inS: number;
  readonly everyS: number;
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Drawn into the pictures that are kept of it. */
  readonly svg: string;
}

/** A show of a stream: media, finished runs of the logo analyzer, what it saw, and pictures. */
export async function showBrands(
  sql: pg.Pool,
  show: {
    readonly streamId: string;
    readonly startedAt: Date;
    readonly lengthS: number;
    readonly ordinal: number;
    readonly brands: readonly ShownBrand[];
  },
): Promise<string> {
  const { streamId, startedAt, lengthS, ordinal, brands } = show;
  const seed = new LedgerSeed(sql);
  await seed.partitions(startedAt);
  const epochId = await seed.epoch(streamId, { startedAt, ordinal, state: 'closed', ptsOriginUs: 0 });
  await sql.query(`UPDATE epochs SET ended_at = started_at + $2 * interval '1 second' WHERE id = $1`, [epochId, lengthS]);
  await sql.query(
    `WITH made AS (
       INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count, keyframe_pts_us, at)
       SELECT $1::uuid, $2::uuid, n, 'deleted', $2::text || '/' || n, 1000, n * $4::bigint, (n + 1) * $4::bigint, 50, ARRAY[n * $4::bigint],
         $3::timestamptz + n * $4::bigint * interval '1 microsecond'
       FROM generate_series(0, $5::int - 1) n RETURNING id, sequence)
     INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version, config_hash,
       state, attempt, frames_seen, frames_expected, result_count, wall_ms, cpu_ms, finished_at)
     SELECT id, $1::uuid, $2::uuid, $6::int, sequence, 'logo_detection', 'logo-detection', '1.1.0', 'hash', 'done', 1, 5, 5, 1, 100, 90, now()
     FROM made`,
    [streamId, epochId, startedAt.toISOString(), SEGMENT_S * 1e6, Math.floor(lengthS / SEGMENT_S), ordinal],
  );
  const { rows } = await sql.query<{ id: string }>('SELECT min(id) AS id FROM analysis_runs WHERE epoch_id = $1', [epochId]);
  const runId = rows[0]!.id;
  for (const [number, { id, label, inS, everyS, box }] of brands.entries()) {
    await sql.query(
      `INSERT INTO detections (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height, attributes)
       SELECT $1::timestamptz + n * $2::int * interval '1 millisecond', $3::bigint, $4::int + n, $5::uuid, $6::uuid, 'logo-detection', n * $2::bigint * 1000, $7,
         0.8, GREATEST(0, LEAST(0.9, $8 + 0.02 * sin(n / 40.0))), GREATEST(0, LEAST(0.9, $9 + 0.02 * cos(n / 23.0))), $10, $11,
         jsonb_build_object('subjectId', $12::text, 'clarity', 0.7, 'sampleMs', $2::int)
       FROM generate_series(0, $13::int) n WHERE (n * $2::int / 1000.0)::numeric % $14 < $15`,
      [
        ...[startedAt.toISOString(), FRAME_MS, runId, number * 1_000_000, streamId, epochId, label, ...box],
        ...[id, Math.floor((lengthS * 1000) / FRAME_MS) - 1, everyS, inS],
      ],
    );
    await keepPictures(sql, { streamId, epochId, runId, startedAt, lengthS, brand: brands[number]! });
  }
  return epochId;
}

/** Of the first appearances: enough for a page. */
const PICTURES = 6;

async function keepPictures(
  sql: pg.Pool,
  of: { streamId: string; epochId: string; runId: string; startedAt: Date; lengthS: number; brand: ShownBrand },
): Promise<void> {
  const { streamId, epochId, runId, startedAt, lengthS, brand } = of;
  const logo = await sharp(Buffer.from(brand.svg)).resize(90, 90, { fit: 'inside' }).png().toBuffer();
  for (let nth = 0; nth < Math.min(PICTURES, Math.floor(lengthS / brand.everyS)); nth++) {
    const jpeg = await sharp({
      create: { width: 320, height: 180, channels: 3, background: { r: 40 + nth * 20, g: 90, b: 120 - nth * 10 } },
    })
      .composite([{ input: logo, left: 100 + nth * 8, top: 40 }])
      .jpeg({ quality: 70 })
      .toBuffer();
    const startMs = startedAt.getTime() + nth * brand.everyS * 1000;
    const { rows } = await sql.query<{ id: string }>(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at, data,
         first_run_id, last_run_id)
       VALUES ($1, $2, 'logo-detection', 'hash', $3, 'logo', 'closed', $4, $5, $6, $7, $8, $9, $9) RETURNING id`,
      [
        ...[streamId, epochId, `${brand.id}-${nth}`, nth * brand.everyS * 1e6, new Date(startMs).toISOString()],
        ...[(nth * brand.everyS + brand.inS) * 1e6, new Date(startMs + brand.inS * 1000).toISOString()],
        ...[JSON.stringify({ subjectId: brand.id, label: brand.label }), runId],
      ],
    );
    await sql.query(
      `INSERT INTO evidence (event_id, run_id, pts_us, rank, x, y, width, height, region_x, region_y, region_width, region_height, width_px,
         height_px, jpeg) VALUES ($1, $2, $3, $4, 0.4, 0.3, 0.2, 0.3, 0.1, 0.1, 0.6, 0.6, 320, 180, $5)`,
      [rows[0]!.id, runId, nth * brand.everyS * 1e6, 0.5 + nth / 20, jpeg],
    );
  }
}
