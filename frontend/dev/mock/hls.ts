import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ClipSegment } from '../clip/clip-files.ts';
import { isSignedIn, notFound, refuse, SIGNED_OUT } from './answers.ts';
import type { Stage } from './stage.ts';

/** Segments in the live playlist. */
const LIVE_WINDOW = 45;

/** Serves `/streaming`: the live playlist, and the clip's segments under the epochs' names. */
export function serveHls(stage: Stage, clip: readonly ClipSegment[], folder: string) {
  return (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    if (!isSignedIn(request)) return refuse(response, SIGNED_OUT);
    const match = /^\/streaming\/([^/]+)\/(?:live\.m3u8|[^/]+\/(\d+)\.ts)$/.exec(url.pathname);
    const stream = stage.streams.find(({ id }) => id === match?.[1]);
    if (stream === undefined) return refuse(response, notFound(url.pathname));
    const sequence = match?.[2];
    if (sequence === undefined) {
      const playlist = stream === stage.live ? livePlaylist(stage, stream.id) : null;
      if (playlist === null) return refuse(response, { ...notFound('No segments yet.'), fix: 'Wait.' });
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'no-store' }).end(playlist);
      return;
    }
    const entry = clip[Number(sequence)];
    if (entry === undefined) return refuse(response, notFound(url.pathname));
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    createReadStream(join(folder, entry.file)).pipe(response);
  };
}

function livePlaylist({ store }: Stage, streamId: string): string | null {
  const segments = store.segments.slice(-LIVE_WINDOW);
  const [first] = segments;
  if (first === undefined) return null;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-TARGETDURATION:2',
    `#EXT-X-MEDIA-SEQUENCE:${store.segments.length - segments.length}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${store.epochs.findIndex(({ id }) => id === first.epochId)}`,
  ];
  let epochId = first.epochId;
  for (const segment of segments) {
    if (segment.epochId !== epochId) lines.push('#EXT-X-DISCONTINUITY');
    epochId = segment.epochId;
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${segment.at}`,
      `#EXTINF:${((segment.ptsEndUs - segment.ptsStartUs) / 1e6).toFixed(6)},`,
      segment.url.replace(`/streaming/${streamId}/`, ''),
    );
  }
  return `${lines.join('\n')}\n`;
}
