import type { EpochMedia, IngestLedger, ProbedSegment } from '../../persistence/ledger/ingest-ledger.js';
import type { PtsUs } from '../../plugin-api/index.js';
import { segmentFileName } from '../epoch-folder.js';
import type { SegmentFacts } from '../mpegts/index.js';
import type { SegmentReading } from './segment-reader.js';

export type Gap = Parameters<IngestLedger['recordGap']>[0];

/** A step of the media clock between segments that is more than jitter. */
const CLOCK_JUMP_US = 500_000;

/**
 * What the ledger is told of a segment file.
 * @param lastEndUs end of the segment before: an unreadable one takes no time of its own
 */
export function describeSegment(folder: string, sequence: number, reading: NonNullable<SegmentReading>, lastEndUs: PtsUs): ProbedSegment {
  const place = { sequence, path: `${folder}/${segmentFileName(sequence)}` };
  if ('facts' in reading) {
    const { sizeBytes, ptsStartUs, ptsEndUs, frameCount, keyframePtsUs } = reading.facts;
    return { ...place, sizeBytes, state: 'ready', ptsStartUs, ptsEndUs, frameCount, keyframePtsUs };
  }
  const { unreadable, sizeBytes } = reading;
  return {
    ...place,
    sizeBytes,
    state: 'unreadable',
    error: `${unreadable.code}: ${unreadable.message}`,
    ptsStartUs: lastEndUs,
    ptsEndUs: lastEndUs,
    frameCount: 0,
    keyframePtsUs: [],
  };
}

export function mediaOf(facts: SegmentFacts): EpochMedia {
  const { videoCodec, audioCodec, widthPx, heightPx, ptsStartUs } = facts;
  return { videoCodec, audioCodec, widthPx, heightPx, ptsOriginUs: ptsStartUs };
}

/**
 * What is missing before a segment: sequence numbers that never came, or time the media clock jumped over.
 * @param next the sequence that was to come
 */
export function gapBefore(epochId: string, segment: ProbedSegment, next: number, lastEndUs: PtsUs | undefined): Gap | null {
  const toPtsUs = segment.state === 'ready' ? segment.ptsStartUs : null;
  const gap = { epochId, afterSequence: segment.sequence - 1, fromPtsUs: lastEndUs ?? null, toPtsUs };
  if (segment.sequence > next) {
    return { ...gap, afterSequence: next - 1, missingSequences: segment.sequence - next, reason: 'missing-segment' };
  }
  // A late find below `next` fills a hole: what is known of the clock is from beyond it.
  const contiguous = segment.sequence === next && toPtsUs !== null && lastEndUs !== undefined;
  if (!contiguous || Math.abs(toPtsUs - lastEndUs) < CLOCK_JUMP_US) return null;
  return { ...gap, missingSequences: 0, reason: 'clock-jump' };
}
