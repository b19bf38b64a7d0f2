import { CodedError, type Logger, type PtsUs } from '../../plugin-api/index.js';
import { type EpochFolder, finalName, type SegmentFile } from '../epoch-folder.js';
import { segmentFileName } from '../segment-name.js';
import { readSegment } from './segment-reader.js';
import { endPlaylist, parsePlaylist, type PlaylistFacts } from './watched-playlist.js';

/** A playlist further ahead than this is held against the files that exist, instead of being counted through. */
const MAX_AHEAD = 64;

/** An epoch's segments as its folder shows them: those that the packager's playlist names, and those that lie there. */
export class WatchedFiles {
  /** By sequence, as the playlist said when it was read last. */
  durationUs: ReadonlyMap<number, PtsUs> = new Map();
  /** The playlist says that nothing more comes. */
  hasEnd = false;
  private isDoubted = false;

  constructor(
    private readonly folder: EpochFolder,
    private readonly epochId: string,
    private readonly logger: Logger,
  ) {}

  /** What is complete from this sequence on. */
  async complete(next: number): Promise<SegmentFile[]> {
    const listed = await this.read();
    // One that cannot be read (a full disk leaves an empty one) means: whatever has its final name.
    const last = listed === 'unreadable' ? Number.POSITIVE_INFINITY : (listed?.sequences.at(-1) ?? -1);
    if (last < next) return [];
    if (last - next > MAX_AHEAD) {
      const files = await this.folder.segments();
      return files.filter((file) => file.complete && file.sequence >= next && file.sequence <= last);
    }
    return Array.from({ length: last - next + 1 }, (_, i) => completed(next + i));
  }

  /**
   * Everything that lies in the folder but for what is known, holes in the middle and the unfinished tail included: nobody writes any more.
   * @param nearUs a time of the epoch close by
   */
  async rest(known: ReadonlySet<number>, nearUs: PtsUs | undefined): Promise<SegmentFile[]> {
    await this.read();
    const rest: SegmentFile[] = [];
    for (const file of await this.folder.segments()) {
      if (known.has(file.sequence)) continue;
      const settled = file.complete ? file : await this.settleTail(file, nearUs);
      if (settled !== null) rest.push(settled);
    }
    return rest;
  }

  /** Players must not wait for more of an epoch whose packager was killed. Only a convenience: failing is logged. */
  async end(tail: readonly { readonly sequence: number; readonly durationMs: number }[]): Promise<void> {
    try {
      const text = await this.folder.playlist();
      const ended = text === null ? null : endPlaylist(text, tail);
      if (ended !== null) await this.folder.writePlaylist(ended);
    } catch (error) {
      this.logger.warn('The playlist could not be brought to its end', { epochId: this.epochId, error });
    }
  }

  /** What the playlist says; null where there is none yet. */
  private async read(): Promise<PlaylistFacts | 'unreadable' | null> {
    const text = await this.folder.playlist();
    if (text === null) return null;
    try {
      const facts = parsePlaylist(text);
      this.durationUs = facts.durationUs;
      this.hasEnd = facts.ended;
      return facts;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      if (!this.isDoubted) this.logger.warn('The playlist cannot be read; going by the files', { epochId: this.epochId, error });
      this.isDoubted = true;
      return 'unreadable';
    }
  }

  /** What a killed packager left unfinished becomes a segment, unless it holds nothing at all. */
  private async settleTail(file: SegmentFile, nearUs: PtsUs | undefined): Promise<SegmentFile | null> {
    const reading = await readSegment(this.folder.path, file.name, nearUs);
    if (reading === null) return null;
    if ('unreadable' in reading && reading.sizeBytes === 0) {
      await this.folder.discard(file);
      return null;
    }
    await this.folder.settle(file);
    return { sequence: file.sequence, name: finalName(file), complete: true };
  }
}

const completed = (sequence: number): SegmentFile => ({ sequence, name: segmentFileName(sequence), complete: true });
