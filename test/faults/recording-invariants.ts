import type { Violation } from './invariants.js';

type MustBeEmpty = (invariant: Violation['invariant'], what: string, sql: string, values?: unknown[]) => Promise<void>;

/** What a publisher counted of its own frames, by stream. */
export type SentFrames = Readonly<Record<string, { readonly video: number; readonly audio: number }>>;

/** A segment is cut by a keyframe, or by time: nothing that anybody sends makes one as long as this. */
const LONGEST_SEGMENT_US = 180_000_000;
/** Between two segments that follow each other: rounding, and the jitter of a camera. */
const UNNOTICED_HOLE_US = 1_000_000;

/** What is promised of a recording, whoever made it: it lies on the wall clock without folds, and what is missing in it is on record. */
export async function checkRecording(mustBeEmpty: MustBeEmpty, sent: SentFrames | undefined): Promise<void> {
  await mustBeEmpty(
    'I4',
    'a gap ends before it begins, or counts less than nothing',
    `SELECT id, epoch_id, reason, from_pts_us, to_pts_us, video_frames, audio_frames FROM gaps
     WHERE to_pts_us < from_pts_us OR missing_sequences < 0 OR video_frames < 0 OR audio_frames < 0`,
  );
  await mustBeEmpty(
    'I4',
    'a gap of a closed epoch has a beginning and no end',
    `SELECT g.id, g.epoch_id, g.reason FROM gaps g JOIN epochs e ON e.id = g.epoch_id
     WHERE e.state = 'closed' AND g.from_pts_us IS NOT NULL AND g.to_pts_us IS NULL`,
  );
  await mustBeEmpty(
    'I4',
    'media is missing between two segments without a gap on record',
    `SELECT * FROM (
       SELECT epoch_id, sequence, pts_start_us, lag(sequence) OVER w AS before, lag(pts_end_us) OVER w AS before_end_us
       FROM segments WHERE state <> 'unreadable' WINDOW w AS (PARTITION BY epoch_id ORDER BY sequence)
     ) s WHERE pts_start_us - before_end_us > $1
       AND NOT EXISTS (SELECT FROM gaps g WHERE g.epoch_id = s.epoch_id AND g.after_sequence BETWEEN s.before AND s.sequence - 1)`,
    [UNNOTICED_HOLE_US],
  );
  await mustBeEmpty(
    'I5',
    'two epochs of a stream overlap on the wall clock',
    `SELECT * FROM (
       SELECT id, stream_id, started_at, lag(id) OVER w AS before, max(until) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
         AS before_until
       FROM (
         SELECT e.*, e.started_at + (SELECT max(s.pts_end_us) - min(s.pts_start_us) FROM segments s WHERE s.epoch_id = e.id
           AND s.state <> 'unreadable') * interval '1 microsecond' AS until FROM epochs e
       ) e WINDOW w AS (PARTITION BY stream_id ORDER BY ordinal)
     ) e WHERE before_until - started_at > interval '1 millisecond'`,
  );
  await mustBeEmpty(
    'I5',
    'a segment lasts longer than any',
    `SELECT id, epoch_id, sequence, pts_end_us - pts_start_us AS length_us FROM segments
     WHERE state <> 'unreadable' AND pts_end_us - pts_start_us > $1`,
    [LONGEST_SEGMENT_US],
  );
  await mustBeEmpty(
    'I5',
    'a segment that is said to be whole holds nothing',
    `SELECT id, epoch_id, sequence FROM segments WHERE state = 'ready' AND error IS NULL AND frame_count = 0
     AND COALESCE(audio_frame_count, 1) = 0`,
  );
  if (sent === undefined) return;
  await mustBeEmpty(
    'I5',
    'frames in segments and in gaps are not those that were sent',
    `SELECT p.key AS stream_id, p.value AS sent, s.video AS stored_video, g.video AS lost_video, s.audio AS stored_audio, g.audio AS lost_audio
     FROM jsonb_each($1::jsonb) p
     CROSS JOIN LATERAL (SELECT COALESCE(sum(frame_count), 0) AS video, COALESCE(sum(audio_frame_count), 0) AS audio
       FROM segments WHERE stream_id::text = p.key) s
     CROSS JOIN LATERAL (SELECT COALESCE(sum(video_frames), 0) AS video, COALESCE(sum(audio_frames), 0) AS audio
       FROM gaps WHERE stream_id::text = p.key) g
     WHERE s.video + g.video <> (p.value ->> 'video')::int OR s.audio + g.audio <> (p.value ->> 'audio')::int`,
    [JSON.stringify(sent)],
  );
}
