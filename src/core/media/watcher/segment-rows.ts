import type { EpochGap, EpochMedia, ProbedSegment } from '../../persistence/ledger/ingest-ledger.js';
import { mediaError } from '../../errors/media.errors.js';
import { FLUSH_EVERY_MS } from '../packaging/native/flush-clock.js';
import type { CodedError, PtsUs } from '../../plugin-api/index.js';
import type { SegmentFacts } from '../../decode/segment/index.js';
import { holeUs, type LastReady } from './segment-end.js';
import type { FoundSegment } from './segment-reader.js';

/**
 * What the ledger records of a segment file.
 * @param endUs its end, or that of the segment before: an unreadable one takes no time of its own
 */
export function describeSegment(folder: string, { sequence, name, reading }: FoundSegment, endUs: PtsUs): ProbedSegment {
  const place = { sequence, path: `${folder}/${name}` };
  if ('facts' in reading) {
    const { sizeBytes, ptsStartUs, frameCount, audioFrameCount, keyframePtsUs, continuityErrors } = reading.facts;
    const ready = {
      ...place,
      sizeBytes,
      state: 'ready',
      ptsStartUs,
      ptsEndUs: endUs,
      frameCount,
      keyframePtsUs,
      audioFrameCount,
      hasSound: audioFrameCount > 0,
      checksum: reading.checksum,
    } as const;
    if (continuityErrors === 0) return ready;
    return { ...ready, error: text(mediaError('VD_MEDIA_DAMAGED', `${continuityErrors} breaks in its transport packets`)) };
  }
  const { unreadable, sizeBytes } = reading;
  return {
    ...place,
    sizeBytes,
    state: 'unreadable',
    error: text(unreadable),
    ptsStartUs: endUs,
    ptsEndUs: endUs,
    frameCount: 0,
    keyframePtsUs: [],
  };
}

function text(error: CodedError): string {
  return `${error.code}: ${error.message}`;
}

/**
 * What is missing at the end of an epoch: of what a packager that was killed had taken and not written, or of what it could
 * not write any more, nobody can say how much it is.
 * @param next the sequence that was to come
 * @param last the last segment that could be read
 * @param brokeOff the packager did not come to its end by itself
 * @param unwrittenUntilUs until when the packager had taken media in, where the disk was too full to write it
 */
export function lostTail(
  epochId: string,
  next: number,
  last: LastReady | undefined,
  brokeOff: boolean,
  unwrittenUntilUs?: PtsUs,
): EpochGap | null {
  const whole = next === 0 || (last?.sound === true && last.sequence === next - 1);
  const fromPtsUs = last?.ptsEndUs ?? null;
  const gap = { epochId, afterSequence: next - 1, missingSequences: 0, fromPtsUs };
  if (unwrittenUntilUs !== undefined && fromPtsUs !== null && unwrittenUntilUs - fromPtsUs > holeUs(last?.frameUs ?? 0, false)) {
    return { ...gap, toPtsUs: unwrittenUntilUs, reason: 'disk-full' };
  }
  if (whole && !brokeOff) return null;
  const toPtsUs = unwrittenUntilUs === undefined || fromPtsUs === null ? null : Math.max(fromPtsUs, unwrittenUntilUs);
  return { ...gap, toPtsUs, reason: brokeOff ? 'packager-failed' : 'missing-frames' };
}

/**
 * What is missing at the end of an epoch whose process died: all that it had taken and not written.
 * @param outlivedMs how long it lived on after the last that it wrote, as far as that is known
 */
export function lostInCrash(epochId: string, next: number, last: LastReady | undefined, outlivedMs: number): EpochGap {
  const fromPtsUs = last?.ptsEndUs ?? null;
  const toPtsUs = fromPtsUs === null ? null : fromPtsUs + Math.round(1000 * (outlivedMs + FLUSH_EVERY_MS));
  return { epochId, afterSequence: next - 1, missingSequences: 0, fromPtsUs, toPtsUs, reason: 'crash' };
}

export function mediaOf(facts: SegmentFacts): EpochMedia {
  const { videoCodec, audioCodec, widthPx, heightPx, format, ptsStartUs } = facts;
  return { videoCodec, audioCodec, widthPx, heightPx, videoFormat: format, ptsOriginUs: ptsStartUs };
}

/**
 * What is missing before a segment: sequence numbers that never came, or time the media clock jumped over.
 * @param next the sequence that was to come
 * @param last the last segment that could be read
 */
export function gapBefore(epochId: string, segment: ProbedSegment, next: number, last: LastReady | undefined): EpochGap | null {
  const lastEndUs = last?.ptsEndUs;
  const toPtsUs = segment.state === 'ready' ? segment.ptsStartUs : null;
  // A clock that went back left no time out.
  const endUs = toPtsUs === null || lastEndUs === undefined ? toPtsUs : Math.max(toPtsUs, lastEndUs);
  const gap = { epochId, afterSequence: segment.sequence - 1, fromPtsUs: lastEndUs ?? null, toPtsUs: endUs };
  if (segment.sequence > next) {
    return { ...gap, afterSequence: next - 1, missingSequences: segment.sequence - next, reason: 'missing-segment' };
  }
  // A late find below `next` fills a hole: what is known of the clock is from beyond it.
  const contiguous = segment.sequence === next && toPtsUs !== null && lastEndUs !== undefined;
  if (!contiguous) return null;
  const ownFrameUs = segment.frameCount === 0 ? 0 : (segment.ptsEndUs - segment.ptsStartUs) / segment.frameCount;
  // After a segment that is damaged, or that could not be read at all, every missing frame is recorded.
  const tolerated = holeUs(last?.frameUs ?? ownFrameUs, !(last?.sound && last.sequence === next - 1));
  if (Math.abs(toPtsUs - lastEndUs) < tolerated) return null;
  return { ...gap, missingSequences: 0, reason: 'missing-frames' };
}
