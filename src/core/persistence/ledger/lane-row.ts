import type { ClaimedRun, ClaimedSegment, LaneKey, PoisonedRun } from './run-ledger.js';

/** What a job needs to know of a segment. */
export interface SegmentFacts {
  stream_name: string;
  is_private: boolean;
  node_id: string;
  waited_ms: number;
  epoch_id: string;
  sequence: number;
  path: string;
  size_bytes: string;
  pts_start_us: string;
  pts_end_us: string;
  frame_count: number;
  keyframe_count: number;
  started_at_ms: number;
  pts_origin_us: string | null;
  epoch_closed: boolean;
  width_px: number | null;
  height_px: number | null;
  video_codec: string | null;
  last_of_epoch: boolean;
}

type RunOfRow = Omit<ClaimedRun, 'checkpoint'> & { readonly checkpoint: ClaimedRun['checkpoint'] | null };

/** What became of a lane, as the statements that enter it or go on with it tell. */
export interface LaneRow extends SegmentFacts {
  readonly lane_stream_id: string;
  readonly lane_queue: string;
  fence: string;
  held?: boolean;
  again?: boolean | null;
  segment_id: string | null;
  runs: RunOfRow[] | null;
  poisoned: Omit<PoisonedRun, 'segmentId' | 'sequence' | 'streamName'>[] | null;
  /** Runs that this look ended without a claim. */
  ended: number;
  due_in_ms: number | null;
}

export const isOf = ({ streamId, queue }: LaneKey, row: LaneRow): boolean => row.lane_stream_id === streamId && row.lane_queue === queue;

export function claimedSegment(streamId: string, row: SegmentFacts, segmentId: string, runs: readonly RunOfRow[]): ClaimedSegment {
  return {
    segmentId,
    stream: {
      streamId,
      streamName: row.stream_name,
      isPrivate: row.is_private,
      epochId: row.epoch_id,
      widthPx: row.width_px ?? 0,
      heightPx: row.height_px ?? 0,
      codec: row.video_codec ?? 'unknown',
    },
    segment: {
      streamId,
      epochId: row.epoch_id,
      sequence: row.sequence,
      ptsStartUs: Number(row.pts_start_us),
      ptsEndUs: Number(row.pts_end_us),
      path: row.path,
      nodeId: row.node_id,
      sizeBytes: Number(row.size_bytes),
      frameCount: row.frame_count,
      keyframeCount: row.keyframe_count,
      // Unknown while the epoch is open: later segments may come.
      ...(row.epoch_closed ? { lastOfEpoch: row.last_of_epoch } : {}),
    },
    epoch: { startedAtMs: row.started_at_ms, ptsOriginUs: Number(row.pts_origin_us ?? 0), closed: row.epoch_closed },
    waitedMs: row.waited_ms,
    runs: runs.map(({ checkpoint, ...run }) => (checkpoint === null ? run : { ...run, checkpoint })),
  };
}
