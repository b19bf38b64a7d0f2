import { INITIALIZATION_NAME, segmentFileName } from '../../media/segment-name.js';
import type { SegmentPart, SegmentParts } from '../../persistence/notify/segment-parts.js';
import { atMsOf, type LiveWindow, type PlaylistEpoch, type PlaylistSegment } from '../../persistence/read/playlist-media.js';
import { dateRange } from './date-range.js';

export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
/** EXT-X-GAP came with version 8. */
export const VERSION = 8;
/** A player stays so many parts behind what was written last (RFC 8216bis, 4.4.3.8: at least three). */
const HOLD_BACK_PARTS = 3;

/** What a live playlist says of its newest epoch beyond its segments, for players that know Low-Latency HLS. */
export interface LowLatencyTail {
  /** No part is longer. */
  readonly partTargetUs: number;
  /** Of segments that the playlist names, by their sequence. */
  readonly complete: ReadonlyMap<number, SegmentParts>;
  /** Of the segment after the last one that it names. */
  readonly open: SegmentParts | undefined;
}

/**
 * The live playlist of a stream: its newest segments, over as many epochs as they span. Media sequence numbers rise over
 * epochs; each epoch after the first begins with a discontinuity. It ends only when the stream is stopped for good: between two
 * epochs a player is to wait.
 * @param leastTargetSeconds the target duration that was told before: it must not shrink
 * @param tail absent: no word of parts
 */
export function livePlaylist(window: LiveWindow, leastTargetSeconds = 1, tail?: LowLatencyTail): string {
  const epochs = playable(window.epochs);
  const first = epochs[0];
  const firstSequence = first === undefined ? 0 : first.firstMediaSequence + (first.segments[0]?.sequence ?? 0);
  const lines = [
    ...head(epochs, leastTargetSeconds),
    ...(tail === undefined ? [] : lowLatencyHead(tail.partTargetUs)),
    `#EXT-X-MEDIA-SEQUENCE:${firstSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.discontinuity ?? 0}`,
    ...(window.events ?? []).map(dateRange),
  ];
  for (const epoch of epochs) {
    if (epoch !== first) lines.push('#EXT-X-DISCONTINUITY');
    lines.push(...initialization(epoch, `${epoch.epochId}/`));
    const complete = epoch === epochs.at(-1) ? tail?.complete : undefined;
    const partsOf = ({ sequence }: PlaylistSegment): readonly SegmentPart[] => complete?.get(sequence)?.parts ?? [];
    lines.push(...epoch.segments.flatMap((segment) => entry(epoch, segment, `${epoch.epochId}/`, partsOf(segment))));
  }
  const newest = epochs.at(-1);
  if (newest !== undefined && tail?.open !== undefined) lines.push(...openEntry(newest, tail.open));
  if (window.ended) lines.push('#EXT-X-ENDLIST');
  return lines.join('\n') + '\n';
}

/** An initialization is for all segments after it: what follows fMP4 without one begins a playlist of its own. */
function playable(epochs: readonly PlaylistEpoch[]): readonly PlaylistEpoch[] {
  const from = epochs.findLastIndex((epoch, i) => !epoch.isFragmented && epochs[i - 1]?.isFragmented === true);
  return epochs.slice(Math.max(0, from));
}

/**
 * A whole epoch, as far as retention has left it: it grows while the epoch is open and is a recording once it is closed.
 * @param leastTargetSeconds as for {@link livePlaylist}
 */
export function epochPlaylist(epoch: PlaylistEpoch, leastTargetSeconds = 1): string {
  const lines = [
    ...head([epoch], leastTargetSeconds),
    // Of an EVENT nothing is ever taken away.
    ...(epoch.open && epoch.isCut ? [] : [`#EXT-X-PLAYLIST-TYPE:${epoch.open ? 'EVENT' : 'VOD'}`]),
    `#EXT-X-MEDIA-SEQUENCE:${epoch.segments[0]?.sequence ?? 0}`,
    ...initialization(epoch, ''),
    ...epoch.segments.flatMap((segment) => entry(epoch, segment, '')),
  ];
  if (!epoch.open) lines.push('#EXT-X-ENDLIST');
  return lines.join('\n') + '\n';
}

/** What a playlist must promise of these segments: the longest, in whole seconds. */
export function targetSeconds(epochs: readonly PlaylistEpoch[]): number {
  let longestUs = 1_000_000;
  for (const epoch of epochs) for (const segment of epoch.segments) longestUs = Math.max(longestUs, segment.durationUs);
  return Math.round(longestUs / 1_000_000);
}

function head(epochs: readonly PlaylistEpoch[], leastTargetSeconds: number): string[] {
  const isIndependent = epochs.every(({ segments }) => segments.every(({ independent }) => independent));
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    ...(isIndependent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
    `#EXT-X-TARGETDURATION:${Math.max(leastTargetSeconds, targetSeconds(epochs))}`,
  ];
}

/** What players need before the epoch's segments. */
export function initialization({ isFragmented }: PlaylistEpoch, folder: string): string[] {
  return isFragmented ? [`#EXT-X-MAP:URI="${folder}${INITIALIZATION_NAME}"`] : [];
}

function lowLatencyHead(partTargetUs: number): string[] {
  const targetMs = Math.ceil(partTargetUs / 1000);
  return [
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${((HOLD_BACK_PARTS * targetMs) / 1000).toFixed(3)}`,
    `#EXT-X-PART-INF:PART-TARGET=${(targetMs / 1000).toFixed(3)}`,
  ];
}

/** The segment that is being written, and where its next part will be. */
function openEntry(epoch: PlaylistEpoch, { sequence, parts, isComplete }: SegmentParts): string[] {
  const last = parts.at(-1);
  const next = isComplete ? sequence + 1 : sequence;
  const fromBytes = isComplete || last === undefined ? 0 : last.offsetBytes + last.sizeBytes;
  return [
    ...parts.map((part) => partTag(segmentUri(epoch, sequence, `${epoch.epochId}/`), part)),
    `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${segmentUri(epoch, next, `${epoch.epochId}/`)}",BYTERANGE-START=${fromBytes}`,
  ];
}

function partTag(uri: string, { offsetBytes, sizeBytes, durationUs, isIndependent }: SegmentPart): string {
  const duration = (durationUs / 1_000_000).toFixed(6);
  return `#EXT-X-PART:DURATION=${duration},URI="${uri}",BYTERANGE="${sizeBytes}@${offsetBytes}"${isIndependent ? ',INDEPENDENT=YES' : ''}`;
}

export const segmentUri = ({ isFragmented }: PlaylistEpoch, sequence: number, folder: string): string =>
  `${folder}${segmentFileName(sequence, isFragmented ? 'fmp4' : 'mpegts')}`;

/** PROGRAM-DATE-TIME is the epoch's clock: the same map from pts to wall time that results carry as `at`. */
export function entry(epoch: PlaylistEpoch, segment: PlaylistSegment, folder: string, parts: readonly SegmentPart[] = []): string[] {
  const uri = segmentUri(epoch, segment.sequence, folder);
  return [
    ...(segment.gap ? ['#EXT-X-GAP'] : []),
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(atMsOf(epoch, segment))).toISOString()}`,
    ...parts.map((part) => partTag(uri, part)),
    `#EXTINF:${(segment.durationUs / 1_000_000).toFixed(6)},`,
    uri,
  ];
}
