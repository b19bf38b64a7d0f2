import type { EncodedFrame, PtsUs } from '../../../plugin-api/index.js';

/** The longest that a track is waited for, in the other's time. */
const LONGEST_WAIT_US = 500_000;
/** A track whose last frame lies further back has fallen silent. */
const SILENT_US = 1_000_000;
/** More pictures than any encoder reorders. */
const MOST_LEADING = 32;
const MOST_BYTES = 4 * 1024 ** 2;

/**
 * A cut that is decided and waits for what belongs before it: sound that comes a little later than the pictures of its time, and, where a
 * GOP is open, pictures that are shown before the keyframe and decoded after it.
 */
export class PendingCut {
  readonly frames: EncodedFrame[];
  /** Where the next segment begins, as far as is known. */
  startUs: PtsUs;
  private leadingAwaited: boolean;
  private soundAwaited: boolean;
  private pictures = 1;
  private sizeBytes: number;

  /** @param soundUs the latest sound; at or past the frame's own time: none is waited for */
  constructor(
    private readonly first: EncodedFrame,
    isOpenGop: boolean,
    soundUs: number | undefined,
  ) {
    this.frames = [first];
    this.sizeBytes = first.data.length;
    this.startUs = first.ptsUs;
    this.leadingAwaited = isOpenGop;
    this.soundAwaited = soundUs !== undefined && soundUs < first.ptsUs && first.ptsUs - soundUs < SILENT_US;
  }

  get isReady(): boolean {
    return !this.leadingAwaited && !this.soundAwaited;
  }

  /** Sound of the time before the cut. */
  isBefore({ track, ptsUs }: EncodedFrame): boolean {
    return track === 'audio' && ptsUs < this.startUs;
  }

  hold(frame: EncodedFrame): void {
    this.frames.push(frame);
    this.sizeBytes += frame.data.length;
    if (this.sizeBytes >= MOST_BYTES) this.leadingAwaited = this.soundAwaited = false;
    if (frame.track === 'audio') {
      this.soundAwaited = false;
      if (frame.ptsUs - this.first.ptsUs >= LONGEST_WAIT_US) this.leadingAwaited = false;
      return;
    }
    this.pictures += 1;
    this.startUs = Math.min(this.startUs, frame.ptsUs);
    if (frame.ptsUs > this.first.ptsUs || this.pictures >= MOST_LEADING) this.leadingAwaited = false;
    if (frame.dtsUs - this.first.dtsUs >= LONGEST_WAIT_US) this.leadingAwaited = this.soundAwaited = false;
  }
}
