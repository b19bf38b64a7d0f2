import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** One listed segment, or a hole where one is missing or unreadable. */
export interface PlaylistSegment {
  readonly sequence: number;
  readonly durationUs: number;
  readonly ptsStartUs: number;
  readonly gap: boolean;
}
export interface PlaylistEpoch {
  readonly epochId: string;
  readonly open: boolean;
  readonly startedAtMs: number;
  readonly ptsOriginUs: number;
  /** Media sequence number of its segment 0: how many segment numbers the epochs before it took. */
  readonly firstMediaSequence: number;
  /** How many epochs with media came before it. */
  readonly discontinuity: number;
  /** Ascending. */
  readonly segments: readonly PlaylistSegment[];
}
export interface LiveWindow {
  readonly ended: boolean;
  /** Oldest first; none without segments. */
  readonly epochs: readonly PlaylistEpoch[];
}

interface EpochSpanRow {
  id: string;
  state: 'open' | 'closed';
  started_at: Date;
  pts_origin_us: string | null;
  /** Highest sequence + 1; 0 without segments. */
  span: number;
  recent: boolean;
}
interface SegmentSpanRow {
  epoch_id: string;
  sequence: number;
  state: string;
  pts_start_us: string;
  pts_end_us: string;
}

/**
 * What playlists are made of. Numbers are derived from the ledger alone, so that every API process and every restart counts the
 * same: a segment's media sequence is its epoch's first number plus its sequence, holes included.
 */
@Injectable()
export class PlaylistReads {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The newest `size` segments, over as many epochs as that takes; null when there is no such stream. */
  async liveWindow(streamId: string, size: number): Promise<LiveWindow | null> {
    const streams = await this.database.query<{ ended: boolean }>(
      `SELECT (NOT enabled OR deleted_at IS NOT NULL)
         AND NOT EXISTS (SELECT FROM epochs e WHERE e.stream_id = t.id AND e.state = 'open') AS ended FROM streams t WHERE id = $1`,
      [streamId],
    );
    if (streams[0] === undefined) return null;
    const spans = await this.spans(streamId);
    const listed: PlaylistEpoch[] = [];
    let wanted = size;
    for (const span of spans.toReversed()) {
      if (wanted === 0) break;
      const from = Math.max(0, span.span - wanted);
      const segments = await this.segments(span.id, from, span.span);
      wanted -= segments.length;
      listed.unshift({ ...toEpoch(span), segments });
    }
    return { ended: streams[0].ended, epochs: listed };
  }

  /** A whole epoch of that stream; null when there is none. */
  async epoch(streamId: string, epochId: string): Promise<PlaylistEpoch | null> {
    const rows = await this.database.query<EpochSpanRow>(
      `SELECT e.id, e.state, e.started_at, e.pts_origin_us, FALSE AS recent,
         coalesce((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0) AS span
       FROM epochs e WHERE e.id = $1 AND e.stream_id = $2`,
      [epochId, streamId],
    );
    const row = rows[0];
    if (row === undefined) return null;
    return { ...toEpoch({ ...row, firstMediaSequence: 0, discontinuity: 0 }), segments: await this.segments(row.id, 0, row.span) };
  }

  /** Epochs with media and where their numbers begin. A later epoch waits until the one before it has its tail. */
  private async spans(streamId: string): Promise<(EpochSpanRow & { firstMediaSequence: number; discontinuity: number })[]> {
    const rows = await this.database.query<EpochSpanRow>(
      `SELECT e.id, e.state, e.started_at, e.pts_origin_us, e.started_at > now() - interval '10 seconds' AS recent,
         coalesce((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0) AS span
       FROM epochs e WHERE e.stream_id = $1 ORDER BY e.ordinal`,
      [streamId],
    );
    const spans: (EpochSpanRow & { firstMediaSequence: number; discontinuity: number })[] = [];
    let firstMediaSequence = 0;
    for (const row of rows) {
      const previous = spans.at(-1);
      if (previous?.state === 'open' && row.recent) break;
      if (row.span === 0) continue;
      spans.push({ ...row, firstMediaSequence, discontinuity: spans.length });
      firstMediaSequence += row.span;
    }
    return spans;
  }

  private async segments(epochId: string, from: number, to: number): Promise<PlaylistSegment[]> {
    const rows = await this.database.query<SegmentSpanRow>(
      `SELECT epoch_id, sequence, state, pts_start_us, pts_end_us FROM segments
       WHERE epoch_id = $1 AND sequence >= $2 AND sequence < $3 ORDER BY sequence`,
      [epochId, from, to],
    );
    return withHoles(rows.map(toSegment), from, to);
  }
}

/** Fills missing sequence numbers, so that a number in the playlist is a number in the ledger. */
export function withHoles(found: readonly PlaylistSegment[], from: number, to: number): PlaylistSegment[] {
  const segments: PlaylistSegment[] = [];
  let next = 0;
  for (let sequence = from; sequence < to; sequence += 1) {
    const here = found[next];
    if (here?.sequence === sequence) {
      segments.push(here);
      next += 1;
      continue;
    }
    const before = segments.at(-1);
    const startUs = before === undefined ? (here?.ptsStartUs ?? 0) : before.ptsStartUs + before.durationUs;
    const missing = here === undefined ? 1 : here.sequence - sequence;
    const durationUs = here === undefined || before === undefined ? 0 : Math.max(0, Math.floor((here.ptsStartUs - startUs) / missing));
    segments.push({ sequence, durationUs, ptsStartUs: startUs, gap: true });
  }
  return segments;
}

function toSegment(row: SegmentSpanRow): PlaylistSegment {
  const ptsStartUs = Number(row.pts_start_us);
  return { sequence: row.sequence, ptsStartUs, durationUs: Math.max(0, Number(row.pts_end_us) - ptsStartUs), gap: row.state !== 'ready' };
}

function toEpoch(row: EpochSpanRow & { firstMediaSequence: number; discontinuity: number }): Omit<PlaylistEpoch, 'segments'> {
  return {
    epochId: row.id,
    open: row.state === 'open',
    startedAtMs: row.started_at.getTime(),
    ptsOriginUs: Number(row.pts_origin_us ?? 0),
    firstMediaSequence: row.firstMediaSequence,
    discontinuity: row.discontinuity,
  };
}
