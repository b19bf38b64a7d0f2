import { INITIALIZATION_NAME, segmentFileName } from '../../media/segment-name.js';
import type { LiveWindow, PlaylistEpoch, PlaylistSegment } from '../../persistence/read/playlist-reads.js';

/** EXT-X-GAP came with version 8. */
const VERSION = 8;

/**
 * The live playlist of a stream: its newest segments, over as many epochs as they span. Media sequence numbers rise over
 * epochs; each epoch after the first begins with a discontinuity. It ends only when the stream is stopped for good: between two
 * epochs a player is to wait.
 * @param leastTargetSeconds the target duration that was told before: it must not shrink
 */
export function livePlaylist(window: LiveWindow, leastTargetSeconds = 1): string {
  const epochs = playable(window.epochs);
  const first = epochs[0];
  const firstSequence = first === undefined ? 0 : first.firstMediaSequence + (first.segments[0]?.sequence ?? 0);
  const lines = [
    ...head(epochs, leastTargetSeconds),
    `#EXT-X-MEDIA-SEQUENCE:${firstSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.discontinuity ?? 0}`,
  ];
  for (const epoch of epochs) {
    if (epoch !== first) lines.push('#EXT-X-DISCONTINUITY');
    lines.push(...initialization(epoch, `${epoch.epochId}/`));
    lines.push(...epoch.segments.flatMap((segment) => entry(epoch, segment, `${epoch.epochId}/`)));
  }
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
function initialization({ isFragmented }: PlaylistEpoch, folder: string): string[] {
  return isFragmented ? [`#EXT-X-MAP:URI="${folder}${INITIALIZATION_NAME}"`] : [];
}

/** PROGRAM-DATE-TIME is the epoch's clock: the same map from pts to wall time that results carry as `at`. */
function entry(epoch: PlaylistEpoch, segment: PlaylistSegment, folder: string): string[] {
  const atMs = epoch.startedAtMs + (segment.ptsStartUs - epoch.ptsOriginUs) / 1000;
  return [
    ...(segment.gap ? ['#EXT-X-GAP'] : []),
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(atMs)).toISOString()}`,
    `#EXTINF:${(segment.durationUs / 1_000_000).toFixed(6)},`,
    `${folder}${segmentFileName(segment.sequence, epoch.isFragmented ? 'fmp4' : 'mpegts')}`,
  ];
}
