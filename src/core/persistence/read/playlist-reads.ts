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
  /** Retention took its beginning. */
  readonly isCut: boolean;
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

interface StreamRow {
  ended: boolean;
  /** Numbers that epochs took whose rows are gone, and how many there were with media. */
  gone_sequences: number;
  gone_epochs: number;
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

const firstWhere = (kept: string): string =>
  `(SELECT s.sequence FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'deleted' AND s.kept ${kept} ORDER BY s.sequence LIMIT 1)`;
/** Where retention has left epoch `e` to begin: at 0 unless it took something. `f` is its first segment that is not deleted. */
const FIRST_KEPT = `CASE WHEN f.sequence IS NULL THEN COALESCE((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0)
  WHEN EXISTS (SELECT 1 FROM segments s WHERE s.epoch_id = e.id AND s.sequence < f.sequence AND s.state = 'deleted')
    OR EXISTS (SELECT 1 FROM gaps g WHERE g.epoch_id = e.id AND g.after_sequence < f.sequence AND g.reason = 'retention') THEN f.sequence
  ELSE 0 END`;
const FIRST_SEGMENT = `CROSS JOIN LATERAL (SELECT LEAST(${firstWhere('IS NULL')}, ${firstWhere('IS NOT NULL')}) AS sequence) f`;

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
    const streams = await this.database.query<StreamRow>(
      `SELECT gone_sequences::float8 AS gone_sequences, gone_epochs, (NOT enabled OR deleted_at IS NOT NULL)
         AND NOT EXISTS (SELECT FROM epochs e WHERE e.stream_id = t.id AND e.state = 'open') AS ended FROM streams t WHERE id = $1`,
      [streamId],
    );
    if (streams[0] === undefined) return null;
    const spans = await this.spans(streamId, streams[0]);
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

  /** An epoch of that stream, from the first segment that retention left; null when there is none. */
  async epoch(streamId: string, epochId: string): Promise<PlaylistEpoch | null> {
    const rows = await this.database.query<EpochSpanRow & { first: number }>(
      `SELECT e.id, e.state, e.started_at, e.pts_origin_us, FALSE AS recent, ${FRAGMENTED}, ${FIRST_KEPT} AS first,
         coalesce((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0) AS span
       FROM epochs e ${FIRST_SEGMENT} WHERE e.id = $1 AND e.stream_id = $2`,
      [epochId, streamId],
    );
    const row = rows[0];
    if (row === undefined) return null;
    const segments = await this.segments(row.id, row.first, row.span);
    return { ...toEpoch({ ...row, firstMediaSequence: 0, discontinuity: 0 }), isCut: row.first > 0, segments };
  }

  /** Epochs with media and where their numbers begin. A later epoch waits until the one before it has its tail. */
  private async spans(streamId: string, gone: Pick<StreamRow, 'gone_sequences' | 'gone_epochs'>): Promise<EpochSpan[]> {
    const rows = await this.database.query<EpochSpanRow>(
      `SELECT e.id, e.state, e.started_at, e.pts_origin_us, e.started_at > now() - interval '10 seconds' AS recent, ${FRAGMENTED},
         coalesce((SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id), 0) AS span
       FROM epochs e WHERE e.stream_id = $1 ORDER BY e.ordinal`,
      [streamId],
    );
    const spans: EpochSpan[] = [];
    let firstMediaSequence = gone.gone_sequences;
    for (const row of rows) {
      const previous = spans.at(-1);
      if (previous?.state === 'open' && row.recent) break;
      if (row.span === 0) continue;
      spans.push({ ...row, firstMediaSequence, discontinuity: gone.gone_epochs + spans.length });
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
