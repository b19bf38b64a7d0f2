import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** One listed segment, or a hole where one is missing or unreadable. */
export interface PlaylistSegment {
  readonly sequence: number;
  /** Above 0: a playlist may not say that a segment lasts no time. */
  readonly durationUs: number;
  readonly ptsStartUs: number;
  readonly gap: boolean;
  /** It can be decoded without the segment before. */
  readonly independent: boolean;
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
  /** Its segments are fMP4: players need its initialization before them. */
  readonly isFragmented: boolean;
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
  fragmented: boolean | null;
  recent: boolean;
}
type EpochSpan = EpochSpanRow & { readonly firstMediaSequence: number; readonly discontinuity: number };

interface SegmentSpanRow {
  epoch_id: string;
  sequence: number;
  state: string;
  pts_start_us: string;
  pts_end_us: string;
  independent: boolean;
}

/** An epoch has segments of one container. */
const FRAGMENTED = `(SELECT s.path LIKE '%.m4s' FROM segments s WHERE s.epoch_id = e.id ORDER BY s.sequence DESC LIMIT 1) AS fragmented`;
/** The length of a hole of which nothing is known. */
const UNKNOWN_US = 1_000_000;

/**
 * What playlists are made of. Numbers are derived from the ledger alone, so that every API process and every restart counts the
 * same: a segment's media sequence is its epoch's first number plus its sequence, holes included.
 */
@Injectable()
export class PlaylistReads {
  constructor(private readonly database: Database) {}

  /**
   * The newest `size` segments, over as many epochs as that takes; null when there is no such stream.
   * @param leastUs as many more as it takes to last this long, if there are as many
   */
  async liveWindow(streamId: string, size: number, leastUs = 0): Promise<LiveWindow | null> {
    const streams = await this.database.query<{ ended: boolean }>(
      `SELECT (NOT enabled OR deleted_at IS NOT NULL)
         AND NOT EXISTS (SELECT FROM epochs e WHERE e.stream_id = t.id AND e.state = 'open') AS ended FROM streams t WHERE id = $1`,
      [streamId],
    );
    if (streams[0] === undefined) return null;
    const spans = await this.spans(streamId);
    for (let wanted = size; ; wanted *= 2) {
      const epochs = await this.newest(spans, wanted);
      const isAll = epochs.reduce((sum, { segments }) => sum + segments.length, 0) < wanted;
      if (isAll || lengthOfAll(epochs) >= leastUs) return { ended: streams[0].ended, epochs: newestOf(epochs, size, leastUs) };
    }
  }

  private async newest(spans: readonly EpochSpan[], count: number): Promise<PlaylistEpoch[]> {
    const listed: PlaylistEpoch[] = [];
    let wanted = count;
    for (const span of spans.toReversed()) {
      if (wanted === 0) break;
      const segments = await this.segments(span.id, Math.max(0, span.span - wanted), span.span);
      wanted -= segments.length;
      listed.unshift({ ...toEpoch(span), segments });
    }
    return listed;
  }

  /** A whole epoch of that stream; null when there is none. */
  async epoch(streamId: string, epochId: string): Promise<PlaylistEpoch | null> {
    const rows = await this.database.query<EpochSpanRow>(
      `SELECT e.id, e.state, e.started_at, e.pts_origin_us, FALSE AS recent, ${FRAGMENTED},
         coalesce((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0) AS span
       FROM epochs e WHERE e.id = $1 AND e.stream_id = $2`,
      [epochId, streamId],
    );
    const row = rows[0];
    if (row === undefined) return null;
    return { ...toEpoch({ ...row, firstMediaSequence: 0, discontinuity: 0 }), segments: await this.segments(row.id, 0, row.span) };
  }

  /** Epochs with media and where their numbers begin. A later epoch waits until the one before it has its tail. */
  private async spans(streamId: string): Promise<EpochSpan[]> {
    const rows = await this.database.query<EpochSpanRow>(
      `SELECT e.id, e.state, e.started_at, e.pts_origin_us, e.started_at > now() - interval '10 seconds' AS recent, ${FRAGMENTED},
         coalesce((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0) AS span
       FROM epochs e WHERE e.stream_id = $1 ORDER BY e.ordinal`,
      [streamId],
    );
    const spans: EpochSpan[] = [];
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
      `SELECT epoch_id, sequence, state, pts_start_us, pts_end_us,
         (frame_count = 0 OR keyframe_pts_us[1] IS NOT DISTINCT FROM pts_start_us) AS independent FROM segments
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
    const missing = here === undefined ? 1 : here.sequence - sequence;
    const startUs = before === undefined ? (here?.ptsStartUs ?? 0) - missing * UNKNOWN_US : before.ptsStartUs + before.durationUs;
    const durationUs = here === undefined || before === undefined ? 0 : Math.max(0, Math.floor((here.ptsStartUs - startUs) / missing));
    segments.push({ sequence, durationUs, ptsStartUs: startUs, gap: true, independent: true });
  }
  return segments.map((segment, i) => (segment.durationUs > 0 ? segment : { ...segment, durationUs: lengthOf(segments, i) }));
}

const lengthOfAll = (epochs: readonly PlaylistEpoch[]): number =>
  epochs.reduce((sum, { segments }) => sum + segments.reduce((length, { durationUs }) => length + durationUs, 0), 0);

/** The last of them that are `size`, or more where those last less than `leastUs`. */
function newestOf(epochs: readonly PlaylistEpoch[], size: number, leastUs: number): PlaylistEpoch[] {
  let count = 0;
  let lengthUs = 0;
  return epochs
    .toReversed()
    .map((epoch) => {
      const from = epoch.segments.findLastIndex(({ durationUs }) => {
        const isEnough = count >= size && lengthUs >= leastUs;
        if (!isEnough) [count, lengthUs] = [count + 1, lengthUs + durationUs];
        return isEnough;
      });
      return { ...epoch, segments: epoch.segments.slice(from + 1) };
    })
    .filter(({ segments }) => segments.length > 0)
    .toReversed();
}

/** Until the next one begins, else as long as the one before: of a segment that has no length of its own. */
function lengthOf(segments: readonly PlaylistSegment[], i: number): number {
  const untilNextUs = (segments[i + 1]?.ptsStartUs ?? 0) - segments[i]!.ptsStartUs;
  if (untilNextUs > 0) return untilNextUs;
  return segments.slice(0, i).findLast(({ durationUs }) => durationUs > 0)?.durationUs ?? UNKNOWN_US;
}

function toSegment(row: SegmentSpanRow): PlaylistSegment {
  const ptsStartUs = Number(row.pts_start_us);
  const durationUs = Math.max(0, Number(row.pts_end_us) - ptsStartUs);
  return { sequence: row.sequence, ptsStartUs, durationUs, gap: row.state !== 'ready', independent: row.independent };
}

function toEpoch(row: EpochSpan): Omit<PlaylistEpoch, 'segments'> {
  return {
    epochId: row.id,
    open: row.state === 'open',
    startedAtMs: row.started_at.getTime(),
    ptsOriginUs: Number(row.pts_origin_us ?? 0),
    firstMediaSequence: row.firstMediaSequence,
    discontinuity: row.discontinuity,
    isFragmented: row.fragmented === true,
  };
}
