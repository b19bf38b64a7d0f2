import { open } from 'node:fs/promises';
import { boxesIn, boxIn, BoxReader } from '../../decode/fmp4/boxes.js';
import { readMovie, type MovieTrack } from '../../decode/fmp4/movie.js';
import { clipError } from '../../errors/clip.errors.js';

/** What an MP4 of ours says of itself. */
export interface MovieFacts {
  readonly durationMs: number;
  readonly tracks: readonly MovieTrack[];
}

/** The index of hours of video takes some megabytes. */
const MOST_INDEX_BYTES = 128 * 1024 ** 2;
const BOX_HEAD_BYTES = 8;

/** Reads the index of an MP4 that begins with it. @throws VD_CLIP_FFMPEG_FAILED where there is none */
export async function movieFacts(file: string): Promise<MovieFacts> {
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(BOX_HEAD_BYTES);
    for (let at = 0; (await handle.read(head, 0, BOX_HEAD_BYTES, at)).bytesRead === BOX_HEAD_BYTES;) {
      const sizeBytes = head.readUInt32BE(0);
      if (head.toString('latin1', 4) === 'moov' && sizeBytes <= MOST_INDEX_BYTES) {
        const bytes = Buffer.alloc(sizeBytes);
        await handle.read(bytes, 0, sizeBytes, at);
        return factsOf(bytes);
      }
      if (sizeBytes < BOX_HEAD_BYTES) break;
      at += sizeBytes;
    }
  } finally {
    await handle.close();
  }
  throw clipError('VD_CLIP_FFMPEG_FAILED', 'What ffmpeg wrote has no index at its beginning.');
}

function factsOf(bytes: Buffer): MovieFacts {
  const [moov] = boxesIn(bytes, 0, bytes.length);
  const header = moov && boxIn(bytes, moov, 'mvhd');
  if (moov === undefined || header === undefined) throw clipError('VD_CLIP_FFMPEG_FAILED', 'What ffmpeg wrote has no header.');
  const reader = new BoxReader(bytes, header);
  const isLong = reader.uint32() >>> 24 === 1;
  reader.skip(isLong ? 16 : 8);
  const timescale = reader.uint32();
  const duration = isLong ? reader.uint64() : reader.uint32();
  return { durationMs: timescale === 0 ? 0 : Math.round((duration * 1_000) / timescale), tracks: readMovie(bytes, moov).tracks };
}

/** Whether one can go on from the other without a decoder being told anything new. */
export function isAlike(one: MovieFacts, other: MovieFacts): boolean {
  return (
    one.tracks.length === other.tracks.length &&
    one.tracks.every(
      ({ codec, configuration }, at) => codec === other.tracks[at]!.codec && configuration.equals(other.tracks[at]!.configuration),
    )
  );
}
