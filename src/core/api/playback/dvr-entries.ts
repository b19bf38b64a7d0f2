import { atMsOf, type PlaylistEpoch, type PlaylistSegment, type RangeEvent } from '../../persistence/read/playlist-media.js';
import { dateRange } from './date-range.js';
import { entry, initialization, segmentUri, VERSION } from './playlist.js';

/** The tables of a transport stream stand in its first packets: of ours in two, of ffmpeg's in three. */
const TABLES_BYTES = 3 * 188;

/** The end of what is written. */
export interface DvrEnd {
  readonly epochId: string;
  readonly sequence: number;
}

interface DvrHead {
  readonly fromMs: number;
  /** There is more to come. */
  readonly isGrowing: boolean;
  readonly leastTargetSeconds: number;
  readonly events: Iterable<RangeEvent>;
}

/**
 * The segments of a stretch of time as a playlist names them, over all its epochs. It only grows, as a playlist of the type EVENT has to.
 * Numbers are those of the live playlist.
 */
export class DvrEntries {
  private text = '';
  private longestUs = 1_000_000;
  private lengthUs = 0;
  private isIndependent = true;
  private first: { readonly mediaSequence: number; readonly discontinuity: number; readonly atMs: number } | undefined;
  private last: (DvrEnd & { readonly isFragmented: boolean }) | undefined;
  /** Where the first segment that can be played begins; undefined: there is none. */
  private playableFromUs: number | undefined;

  get end(): DvrEnd | undefined {
    return this.last;
  }

  /** Whether there is anything but gaps. */
  get isPlayable(): boolean {
    return this.playableFromUs !== undefined;
  }

  get sizeBytes(): number {
    return this.text.length;
  }

  /** Adds an epoch, or what comes after the last segment of one that is there. */
  add(epoch: PlaylistEpoch): void {
    const { epochId, isFragmented, segments } = epoch;
    const [head] = segments;
    if (head === undefined) return;
    this.first ??= {
      mediaSequence: epoch.firstMediaSequence + head.sequence,
      discontinuity: epoch.discontinuity,
      atMs: atMsOf(epoch, head),
    };
    const lines: string[] = [];
    if (this.last?.epochId !== epochId) {
      if (this.last !== undefined) lines.push('#EXT-X-DISCONTINUITY');
      lines.push(...initialization(epoch, `${epochId}/`), ...this.tables(epoch));
    }
    for (const segment of segments) {
      lines.push(...entry(epoch, segment, `${epochId}/`));
      this.count(segment);
    }
    this.last = { epochId, sequence: segments.at(-1)!.sequence, isFragmented: isFragmented || this.last?.isFragmented === true };
    this.text += lines.join('\n') + '\n';
  }

  playlist({ fromMs, isGrowing, leastTargetSeconds, events }: DvrHead): string {
    const { first } = this;
    const lines = [
      '#EXTM3U',
      `#EXT-X-VERSION:${VERSION}`,
      ...(this.isIndependent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
      `#EXT-X-TARGETDURATION:${Math.max(leastTargetSeconds, Math.round(this.longestUs / 1_000_000))}`,
      `#EXT-X-PLAYLIST-TYPE:${isGrowing ? 'EVENT' : 'VOD'}`,
      `#EXT-X-MEDIA-SEQUENCE:${first?.mediaSequence ?? 0}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.discontinuity ?? 0}`,
      `#EXT-X-START:TIME-OFFSET=${(this.offsetUs(fromMs) / 1_000_000).toFixed(3)},PRECISE=YES`,
      ...Array.from(events, dateRange),
    ];
    return `${lines.join('\n')}\n${this.text}${isGrowing ? '' : '#EXT-X-ENDLIST\n'}`;
  }

  /** Where playing begins: at `from`, which lies within the first segment, or before it, or in a gap. */
  private offsetUs(fromMs: number): number {
    const askedUs = Math.max(0, (fromMs - (this.first?.atMs ?? fromMs)) * 1000);
    return Math.min(Math.max(askedUs, this.playableFromUs ?? 0), Math.max(0, this.lengthUs - 1000));
  }

  /**
   * An initialization is for all segments after it, and nothing takes it back: a transport stream behind fragments has its tables as one
   * (RFC 8216, 3.2).
   */
  private tables(epoch: PlaylistEpoch): string[] {
    const readable = epoch.segments.find(({ gap }) => !gap);
    if (epoch.isFragmented || this.last?.isFragmented !== true || readable === undefined) return [];
    return [`#EXT-X-MAP:URI="${segmentUri(epoch, readable.sequence, `${epoch.epochId}/`)}",BYTERANGE="${TABLES_BYTES}@0"`];
  }

  private count({ durationUs, gap, independent }: PlaylistSegment): void {
    if (!gap) this.playableFromUs ??= this.lengthUs;
    this.longestUs = Math.max(this.longestUs, durationUs);
    this.lengthUs += durationUs;
    this.isIndependent &&= independent;
  }
}
