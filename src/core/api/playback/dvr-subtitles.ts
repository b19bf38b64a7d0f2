import { apiError } from '../../errors/api.errors.js';
import type { PlaylistEpoch } from '../../persistence/read/playlist-media.js';
import type { MediaRange } from '../../persistence/read/range-reads.js';
import { VERSION } from './playlist.js';

/** A range as it stands in addresses: these stay good below whatever path Vedette is served at. */
export const rangeQuery = ({ fromMs, toMs }: Omit<MediaRange, 'streamId'>): string => `from=${fromMs}&to=${toMs}`;

/**
 * The media of a range, and what was found in it as subtitles.
 * @param media the query by which the media is asked for
 * @param peakBitsPerSecond of the media's densest segment
 */
export function subtitledPlaylist(media: string, range: MediaRange, peakBitsPerSecond: number): string {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="results",NAME="Results",AUTOSELECT=YES,DEFAULT=NO,URI="dvr-subtitles.m3u8?${rangeQuery(range)}"`,
    `#EXT-X-STREAM-INF:BANDWIDTH=${Math.max(1, Math.ceil(peakBitsPerSecond))},SUBTITLES="results"`,
    `dvr.m3u8?${media}`,
    '',
  ].join('\n');
}

/**
 * A file of cues for each epoch: players keep one clock for what lies between two discontinuities.
 * @throws VD_API_NOTHING_RECORDED
 */
export function subtitlePlaylist(range: MediaRange, epochs: readonly PlaylistEpoch[]): string {
  const [first] = epochs;
  if (first === undefined) throw apiError('VD_API_NOTHING_RECORDED', `Nothing of stream ${range.streamId} was recorded in the range.`);
  const lengths = epochs.map(({ segments }) => segments.reduce((sum, { durationUs }) => sum + durationUs, 0) / 1_000_000);
  const file = ({ epochId }: PlaylistEpoch): string =>
    `../../api/streams/${range.streamId}/tracks.vtt?${rangeQuery(range)}&epochId=${epochId}`;
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${Math.max(1, ...lengths.map(Math.round))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first.discontinuity}`,
    ...epochs.flatMap((epoch, i) => [...(i > 0 ? ['#EXT-X-DISCONTINUITY'] : []), `#EXTINF:${lengths[i]!.toFixed(6)},`, file(epoch)]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}
