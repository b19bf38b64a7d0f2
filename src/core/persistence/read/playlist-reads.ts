import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { EPOCH_SPAN, NumberedEpochs, toEpoch, type EpochSpan, type EpochSpanRow } from './numbered-epochs.js';
import { lengthOfAll, newestOf, SEGMENT_SPAN, toSegment, withHoles } from './playlist-media.js';
import type { LiveWindow, PlaylistEpoch, PlaylistSegment, SegmentSpanRow } from './playlist-media.js';

const firstWhere = (kept: string): string =>
  `(SELECT s.sequence FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'deleted' AND s.kept ${kept} ORDER BY s.sequence LIMIT 1)`;
/** Where retention has left epoch `e` to begin: at 0 unless it took something. `f` is its first segment that is not deleted. */
const FIRST_KEPT = `CASE WHEN f.sequence IS NULL THEN COALESCE((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0)
  WHEN EXISTS (SELECT 1 FROM segments s WHERE s.epoch_id = e.id AND s.sequence < f.sequence AND s.state = 'deleted')
    OR EXISTS (SELECT 1 FROM gaps g WHERE g.epoch_id = e.id AND g.after_sequence < f.sequence AND g.reason = 'retention') THEN f.sequence
  ELSE 0 END`;
const FIRST_SEGMENT = `CROSS JOIN LATERAL (SELECT LEAST(${firstWhere('IS NULL')}, ${firstWhere('IS NOT NULL')}) AS sequence) f`;

/** So many epochs more are looked at where the newest do not fill a window. */
const EPOCHS_AT_ONCE = 8;

/**
 * What playlists are made of. Numbers are derived from the ledger alone, so that every API process and every restart counts the
 * same: a segment's media sequence is its epoch's first number plus its sequence, holes included.
 */
@Injectable()
export class PlaylistReads {
  private readonly spans: NumberedEpochs;

  constructor(private readonly database: Database) {
    this.spans = new NumberedEpochs(database);
  }

  /**
   * The newest `size` segments, over as many epochs as that takes; null when there is no such stream. It costs the same however many
   * epochs there were.
   * @param leastUs as many more as it takes to last this long, if there are as many
   */
  async liveWindow(streamId: string, size: number, leastUs = 0): Promise<LiveWindow | null> {
    const streams = await this.database.query<{ ended: boolean }>(
      `SELECT (NOT enabled OR deleted_at IS NOT NULL)
         AND NOT EXISTS (SELECT FROM epochs e WHERE e.stream_id = t.id AND e.state = 'open') AS ended FROM streams t WHERE id = $1`,
      [streamId],
    );
    if (streams[0] === undefined) return null;
    const spans = await this.spans.newest(streamId);
    for (let wanted = size; ; wanted *= 2) {
      const epochs = await this.newest(streamId, spans, wanted);
      const isAll = epochs.reduce((sum, { segments }) => sum + segments.length, 0) < wanted;
      if (isAll || lengthOfAll(epochs) >= leastUs) return { ended: streams[0].ended, epochs: newestOf(epochs, size, leastUs) };
    }
  }

  /** @param spans of the newest; earlier ones are added to it as they are needed */
  private async newest(streamId: string, spans: EpochSpan[], count: number): Promise<PlaylistEpoch[]> {
    const listed: PlaylistEpoch[] = [];
    let wanted = count;
    let after: EpochSpan | undefined;
    for (let i = spans.length - 1; wanted > 0; i--) {
      if (i < 0) {
        const earlier = spans[0] === undefined ? [] : await this.spans.before(streamId, spans[0].ordinal, EPOCHS_AT_ONCE);
        spans.unshift(...earlier.toReversed());
        i += earlier.length;
      }
      const span = spans[i];
      if (span === undefined) break;
      const end = after === undefined ? span.span : after.firstMediaSequence - span.firstMediaSequence;
      // Numbers go on without a hole. What came late, when the next epoch had been named, has none; an epoch between that is gone has all.
      if (end > span.span || (after !== undefined && after.discontinuity !== span.discontinuity + 1)) break;
      const segments = await this.segments(span.id, Math.max(0, end - wanted), end);
      wanted -= segments.length;
      listed.unshift({ ...toEpoch(span), segments });
      after = span;
    }
    return listed;
  }

  /** An epoch of that stream, from the first segment that retention left; null when there is none. */
  async epoch(streamId: string, epochId: string): Promise<PlaylistEpoch | null> {
    const rows = await this.database.query<EpochSpanRow & { first: number }>(
      `SELECT ${EPOCH_SPAN}, ${FIRST_KEPT} AS first FROM epochs e ${FIRST_SEGMENT} WHERE e.id = $1 AND e.stream_id = $2`,
      [epochId, streamId],
    );
    const row = rows[0];
    if (row === undefined) return null;
    const segments = await this.segments(row.id, row.first, row.span);
    return { ...toEpoch({ ...row, firstMediaSequence: 0, discontinuity: 0 }), isCut: row.first > 0, segments };
  }

  private async segments(epochId: string, from: number, to: number): Promise<PlaylistSegment[]> {
    const rows = await this.database.query<SegmentSpanRow>(
      `SELECT ${SEGMENT_SPAN} FROM segments s
       WHERE epoch_id = $1 AND sequence < $3 AND sequence >= COALESCE((SELECT max(sequence) FROM segments WHERE epoch_id = $1
         AND sequence < $2), $2)
       ORDER BY sequence`,
      [epochId, from, to],
    );
    // A hole's time is known by what came before it, be that in the playlist or not.
    const first = Math.min(from, rows[0]?.sequence ?? from);
    return withHoles(rows.map(toSegment), first, to).slice(from - first);
  }
}
