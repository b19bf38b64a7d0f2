import type { Database } from '../database.js';
import type { PlaylistEpoch } from './playlist-media.js';

export interface EpochSpanRow {
  readonly id: string;
  readonly ordinal: number;
  readonly state: 'open' | 'closed';
  readonly started_at: Date;
  readonly pts_origin_us: string | null;
  /** Highest sequence + 1; 0 without segments. */
  readonly span: number;
  readonly fragmented: boolean | null;
}
/** An epoch with media, and where its numbers begin. */
export type EpochSpan = EpochSpanRow & { readonly firstMediaSequence: number; readonly discontinuity: number };

interface NumberedRow extends EpochSpanRow {
  readonly recent: boolean;
  readonly first_media_sequence: number | null;
  readonly discontinuity: number | null;
  readonly gone_sequences: number;
  readonly gone_epochs: number;
}

/** Of an epoch `e`. It has segments of one container. */
export const EPOCH_SPAN = `e.id, e.ordinal, e.state, e.started_at, e.pts_origin_us,
  COALESCE((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0) AS span,
  (SELECT s.path LIKE '%.m4s' FROM segments s WHERE s.epoch_id = e.id ORDER BY s.sequence DESC LIMIT 1) AS fragmented`;

/**
 * Epochs of a stream as its playlists count them. An epoch's numbers are derived once, when a playlist first names it, and kept with its
 * row: what players were told stays, whatever becomes of earlier epochs, and no poll counts those again.
 */
export class NumberedEpochs {
  constructor(private readonly database: Database) {}

  /**
   * The newest epoch that has its numbers, and those after it, oldest first. A later epoch waits until the one before it has its tail.
   * One statement: what retention takes away it adds to what is counted from.
   */
  async newest(streamId: string): Promise<EpochSpan[]> {
    const rows = await this.database.query<NumberedRow>(
      `SELECT ${EPOCH_SPAN}, e.started_at > now() - interval '10 seconds' AS recent,
         e.first_media_sequence::float8 AS first_media_sequence, e.discontinuity,
         t.gone_sequences::float8 AS gone_sequences, t.gone_epochs
       FROM epochs e JOIN streams t ON t.id = e.stream_id WHERE e.stream_id = $1 AND e.ordinal >= COALESCE((SELECT n.ordinal FROM epochs n
         WHERE n.stream_id = $1 AND n.first_media_sequence IS NOT NULL ORDER BY n.ordinal DESC LIMIT 1), 0)
       ORDER BY e.ordinal`,
      [streamId],
    );
    const spans: EpochSpan[] = [];
    const named: EpochSpan[] = [];
    for (const row of rows) {
      const previous = spans.at(-1);
      if (previous?.state === 'open' && row.recent) break;
      if (row.span === 0) continue;
      const span = {
        ...row,
        firstMediaSequence: row.first_media_sequence ?? (previous && previous.firstMediaSequence + previous.span) ?? row.gone_sequences,
        discontinuity: row.discontinuity ?? (previous && previous.discontinuity + 1) ?? row.gone_epochs,
      };
      spans.push(span);
      if (row.first_media_sequence === null) named.push(span);
    }
    await this.keep(named);
    return spans;
  }

  /** So many epochs with numbers before one, newest first. */
  async before(streamId: string, ordinal: number, count: number): Promise<EpochSpan[]> {
    const rows = await this.database.query<EpochSpanRow & { first_media_sequence: number; discontinuity: number }>(
      `SELECT ${EPOCH_SPAN}, e.first_media_sequence::float8 AS first_media_sequence, e.discontinuity FROM epochs e
       WHERE e.stream_id = $1 AND e.first_media_sequence IS NOT NULL AND e.ordinal < $2 ORDER BY e.ordinal DESC LIMIT $3`,
      [streamId, ordinal, count],
    );
    return rows.map((row) => ({ ...row, firstMediaSequence: row.first_media_sequence }));
  }

  private async keep(spans: readonly EpochSpan[]): Promise<void> {
    if (spans.length === 0) return;
    await this.database.query(
      `UPDATE epochs e SET first_media_sequence = n.first, discontinuity = n.nth
       FROM unnest($1::uuid[], $2::bigint[], $3::int[]) n(id, first, nth) WHERE e.id = n.id AND e.first_media_sequence IS NULL`,
      [spans.map(({ id }) => id), spans.map((span) => span.firstMediaSequence), spans.map((span) => span.discontinuity)],
    );
  }
}

export function toEpoch(row: Omit<EpochSpan, 'ordinal'>): Omit<PlaylistEpoch, 'segments'> {
  return {
    isCut: false,
    epochId: row.id,
    open: row.state === 'open',
    startedAtMs: row.started_at.getTime(),
    ptsOriginUs: Number(row.pts_origin_us ?? 0),
    firstMediaSequence: row.firstMediaSequence,
    discontinuity: row.discontinuity,
    isFragmented: row.fragmented === true,
  };
}
