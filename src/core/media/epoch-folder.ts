import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWholeFile } from '../plugin-api/index.js';

export const PLAYLIST_NAME = 'index.m3u8';
/** As ffmpeg's hls muxer takes it; `segmentFileName` is the same in TypeScript. */
export const SEGMENT_PATTERN = '%06d.ts';
const MARKERS_NAME = '.open';
const SEGMENT_FILE = /^(\d{6,10})\.(?:ts|m4s)(\.tmp)?$/;

const markerSchema = z.object({
  epochId: z.uuid(),
  streamId: z.uuid(),
  startedAtMs: z.number().int().nonnegative(),
  /** All that its packager had taken is in the folder. */
  isComplete: z.boolean().optional(),
  /** Its packager can tell of segments while it writes them. */
  announcesParts: z.boolean().optional(),
  /** Of media that can be read again: it may be left open, and gone on with. */
  isRecorded: z.boolean().optional(),
});

/** What is needed to finish an epoch whose ingest died. Lies below `.open` in the media folder until the ledger has all of it. */
export type EpochMarker = z.output<typeof markerSchema>;

export interface SegmentFile {
  readonly sequence: number;
  readonly name: string;
  /** False while it is written, and for good if its packager was killed meanwhile. */
  readonly complete: boolean;
}

/** An epoch's folder on the media disk. Its name and its files' names are ids and numbers, never a user's words. */
export class EpochFolder {
  readonly path: string;
  /** Below the media folder, with forward slashes. */
  readonly relativePath: string;

  private readonly mediaDir: string;
  private readonly epochId: string;

  constructor(mediaDir: string, streamId: string, epochId: string) {
    this.mediaDir = mediaDir;
    this.epochId = epochId;
    this.path = join(mediaDir, streamId, epochId);
    this.relativePath = `${streamId}/${epochId}`;
  }

  async create(marker: EpochMarker): Promise<void> {
    await mkdir(join(this.mediaDir, MARKERS_NAME), { recursive: true });
    await writeWholeFile(this.markerPath(), JSON.stringify(marker));
    await mkdir(this.path, { recursive: true });
  }

  /** All that the epoch has is in its folder: whoever finds the marker misses nothing. */
  async markComplete(marker: EpochMarker): Promise<void> {
    await writeWholeFile(this.markerPath(), JSON.stringify({ ...marker, isComplete: true }));
  }

  /** A sign of life, where nothing else is written. */
  async touchMarker(): Promise<void> {
    const now = new Date();
    await utimes(this.markerPath(), now, now);
  }

  /** How long after its last media was written the epoch gave a sign of life; 0 where it gave none. */
  async outlivedMediaMs(): Promise<number> {
    const last = (await this.segments()).at(-1);
    if (last === undefined) return 0;
    const [media, marker] = [await modifiedAtMs(join(this.path, last.name)), await modifiedAtMs(this.markerPath())];
    return media === undefined || marker === undefined ? 0 : Math.max(0, marker - media);
  }

  async removeMarker(): Promise<void> {
    await rm(this.markerPath(), { force: true });
  }

  /** @returns null when ffmpeg has not written one yet */
  async playlist(): Promise<string | null> {
    try {
      return await readFile(join(this.path, PLAYLIST_NAME), 'utf8');
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async writePlaylist(text: string): Promise<void> {
    await writeWholeFile(join(this.path, PLAYLIST_NAME), text);
  }

  /** Segment files, ascending; an unfinished one only where no complete one has its number. */
  async segments(): Promise<SegmentFile[]> {
    let names: string[];
    try {
      names = await readdir(this.path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    const bySequence = new Map<number, SegmentFile>();
    for (const name of names) {
      const match = SEGMENT_FILE.exec(name);
      if (match === null) continue;
      const sequence = Number(match[1]);
      const complete = match[2] === undefined;
      if (complete || !bySequence.has(sequence)) bySequence.set(sequence, { sequence, name, complete });
    }
    return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** Gives an unfinished segment its final name: nobody writes it any more. */
  async settle(file: SegmentFile): Promise<void> {
    if (!file.complete) await rename(join(this.path, file.name), join(this.path, finalName(file)));
  }

  /** Removes what comes after the last segment that is known. */
  async discardAfter(sequence: number): Promise<void> {
    for (const file of await this.segments()) if (file.sequence > sequence) await this.discard(file);
  }

  async discard(file: SegmentFile): Promise<void> {
    await rm(join(this.path, file.name), { force: true });
  }

  private markerPath(): string {
    return markerPath(this.mediaDir, this.epochId);
  }
}

/**
 * Epochs whose markers lie in the media folder: those being written, and those an ingest left when it died.
 * @param onDamaged hears of each marker that says nothing, as a repaired file system may leave it
 */
export async function readMarkers(mediaDir: string, onDamaged: (file: string) => void = () => undefined): Promise<EpochMarker[]> {
  const directory = join(mediaDir, MARKERS_NAME);
  const names = await readdir(directory).catch(emptyWhenMissing);
  const markers = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const text = await readFile(join(directory, name), 'utf8').catch((error: unknown) => {
          if (isMissing(error)) return null; // its epoch was finished meanwhile
          throw error;
        });
        const marker = text === null ? null : parseMarker(text);
        if (text !== null && marker === null) onDamaged(join(directory, name));
        return marker;
      }),
  );
  return markers.filter((marker) => marker !== null);
}

/** Whether an epoch is being written into this media folder, part by part. False as well where the folder is another machine's. */
export async function announcesParts(mediaDir: string, epochId: string): Promise<boolean> {
  const text = await readFile(markerPath(mediaDir, epochId), 'utf8').catch(() => null);
  return text !== null && parseMarker(text)?.announcesParts === true;
}

const markerPath = (mediaDir: string, epochId: string): string => join(mediaDir, MARKERS_NAME, `${epochId}.json`);

function parseMarker(text: string): EpochMarker | null {
  try {
    const parsed = markerSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function emptyWhenMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}

async function modifiedAtMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return undefined;
  }
}

/** The name of a segment's file when it is complete. */
export const finalName = ({ name }: SegmentFile): string => name.replace(/\.tmp$/, '');

export function isMissing(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
