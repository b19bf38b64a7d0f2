import type pg from 'pg';

/** What the logo analyzer stores: the same brand in frames 400 ms apart. */
export interface SeenBrand {
  readonly label: string;
  readonly fromS: number;
  readonly frames: number;
  readonly box?: readonly [number, number, number, number];
  readonly score?: number;
  readonly attributes?: object;
}

export interface SeenWhere {
  readonly runId: string;
  readonly streamId: string;
  readonly epochId: string;
  readonly startedAt: Date;
  readonly ptsOriginUs: number;
}

/** Writes detections of brands, as results of the run. */
export async function seeBrands(sql: pg.Pool, where: SeenWhere, seen: readonly SeenBrand[]): Promise<void> {
  let ordinal = 100;
  for (const { label, fromS, frames, box = [0.4, 0.4, 0.2, 0.2], score = 0.9, attributes = {} } of seen) {
    for (let frame = 0; frame < frames; frame++) {
      const offsetUs = Math.round((fromS + frame * 0.4) * 1e6);
      await sql.query(
        `INSERT INTO detections (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height, attributes)
         VALUES ($1::timestamptz + $2 * interval '1 microsecond', $3, $4, $5, $6, 'vedette.test.look', $7, $8, $9, $10, $11, $12, $13, $14)`,
        [
          where.startedAt.toISOString(),
          offsetUs,
          where.runId,
          ordinal++,
          where.streamId,
          where.epochId,
          where.ptsOriginUs + offsetUs,
          label,
          score,
          ...box,
          JSON.stringify(attributes),
        ],
      );
    }
  }
}
