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
  /** Absent: not asked for. */
  readonly events?: readonly RangeEvent[];
}

/** An event as playlists and tracks tell of it. */
export interface RangeEvent {
  readonly id: string;
  readonly epochId: string;
  readonly analyzerId: string;
  readonly name: string;
  readonly startMs: number;
  readonly startPtsUs: number;
  /** Null: it goes on. */
  readonly endMs: number | null;
  readonly endPtsUs: number | null;
  readonly data: Readonly<Record<string, unknown>> | null;
}

export interface SegmentSpanRow {
  readonly epoch_id: string;
  readonly sequence: number;
  readonly state: string;
  readonly pts_start_us: string;
  readonly pts_end_us: string;
  readonly independent: boolean;
}

/** Of a segment `s`. */
export const SEGMENT_SPAN = `s.epoch_id, s.sequence, s.state, s.pts_start_us, s.pts_end_us,
  (s.frame_count = 0 OR s.keyframe_pts_us[1] IS NOT DISTINCT FROM s.pts_start_us) AS independent`;

/** The length of a hole of which nothing is known. */
const UNKNOWN_US = 1_000_000;

/** When a segment begins, on the wall clock of its epoch, in ms since 1970. */
export const atMsOf = (
  { startedAtMs, ptsOriginUs }: Pick<PlaylistEpoch, 'startedAtMs' | 'ptsOriginUs'>,
  { ptsStartUs }: Pick<PlaylistSegment, 'ptsStartUs'>,
): number => startedAtMs + (ptsStartUs - ptsOriginUs) / 1000;

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

/** Until the next one begins, else as long as the one before: of a segment that has no length of its own. */
function lengthOf(segments: readonly PlaylistSegment[], i: number): number {
  const untilNextUs = (segments[i + 1]?.ptsStartUs ?? 0) - segments[i]!.ptsStartUs;
  if (untilNextUs > 0) return untilNextUs;
  return segments.slice(0, i).findLast(({ durationUs }) => durationUs > 0)?.durationUs ?? UNKNOWN_US;
}

export const lengthOfAll = (epochs: readonly PlaylistEpoch[]): number =>
  epochs.reduce((sum, { segments }) => sum + segments.reduce((length, { durationUs }) => length + durationUs, 0), 0);

/** The last of them that are `size`, or more where those last less than `leastUs`. */
export function newestOf(epochs: readonly PlaylistEpoch[], size: number, leastUs: number): PlaylistEpoch[] {
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

export function toSegment(row: SegmentSpanRow): PlaylistSegment {
  const ptsStartUs = Number(row.pts_start_us);
  const durationUs = Math.max(0, Number(row.pts_end_us) - ptsStartUs);
  return { sequence: row.sequence, ptsStartUs, durationUs, gap: row.state !== 'ready', independent: row.independent };
}
