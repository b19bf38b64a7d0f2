import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ffmpeg } from '../media/ffmpeg.js';
import type { WebSource } from './web-source.js';

export interface HlsClip {
  /** Tags that stand before the first segment. */
  readonly head: readonly string[];
  readonly segments: readonly { readonly name: string; readonly durationS: number }[];
  readonly pictures: number;
}

/** Makes segments of a second, 25 pictures each, with sound, and gives them to a web server. */
export async function hlsClip(folder: string, web: WebSource, seconds: number, options: readonly string[] = []): Promise<HlsClip> {
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${seconds}`, '-f', 'lavfi', '-i', `sine=duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-bf', '2', '-pix_fmt', 'yuv420p', '-threads', '1', '-c:a', 'aac'],
    ...['-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', ...options, join(folder, 'index.m3u8')],
  );
  for (const name of await readdir(folder)) if (!name.endsWith('.m3u8')) web.give(`/${name}`, await readFile(join(folder, name)));
  const lines = (await readFile(join(folder, 'index.m3u8'), 'utf8')).split('\n');
  const head = lines.filter((line) => /^#EXT-X-(MAP|KEY)/.test(line));
  const segments = lines.flatMap((line, index) => {
    const durationS = /^#EXTINF:([\d.]+)/.exec(line)?.[1];
    return durationS === undefined ? [] : [{ name: lines[index + 1]!.trim(), durationS: Number(durationS) }];
  });
  return { head, segments, pictures: seconds * 25 };
}

/** A playlist that grows by a segment each time it is asked for, from `first` segments on, and then ends. */
export function growingPlaylist(clip: HlsClip, first = 1, window = 3): () => string {
  let known = first;
  return () => {
    const shown = clip.segments.slice(Math.max(0, known - window), known);
    const hasEnded = known > clip.segments.length;
    known += 1;
    return [
      ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:1'],
      `#EXT-X-MEDIA-SEQUENCE:${Math.max(0, known - 1 - window)}`,
      ...clip.head,
      ...shown.flatMap(({ name, durationS }) => [`#EXTINF:${durationS},`, name]),
      ...(hasEnded ? ['#EXT-X-ENDLIST'] : []),
      '',
    ].join('\n');
  };
}
