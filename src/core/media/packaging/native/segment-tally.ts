import { type EncodedFrame, ptsUsToTicks, ticksToPtsUs, type PtsUs } from '../../../plugin-api/index.js';
import { frameStep } from '../../../decode/segment/index.js';

/** How much of a tally is in a file: what came later is not. */
export interface TallyMark {
  readonly videoFrames: number;
  readonly audioFrames: number;
  readonly keyframes: number;
}

export const NOTHING: TallyMark = { videoFrames: 0, audioFrames: 0, keyframes: 0 };

/** Steps that differ by no more than this are even. */
const EVEN_US = 2_000;
/** A single picture, or sound, of which nothing else is known lasts as long as this. */
const LONE_US = 40_000;

/** What went into one segment, in the order it was written. */
export class SegmentTally {
  private readonly pictures: PtsUs[] = [];
  private readonly sounds: PtsUs[] = [];
  private readonly keyframes: PtsUs[] = [];
  private beginsWithSound = false;
  /** Pictures that are missing in it. */
  missing = 0;

  add(frame: EncodedFrame, isWhole: boolean): void {
    const ptsUs = asStored(frame.ptsUs);
    if (frame.track === 'audio') {
      if (this.pictures.length === 0) this.beginsWithSound = true;
      this.sounds.push(ptsUs);
    } else {
      this.pictures.push(ptsUs);
      if (frame.keyframe && isWhole) this.keyframes.push(ptsUs);
    }
  }

  /** The first in the order of writing; of sound where there are no pictures. */
  get firstUs(): PtsUs | undefined {
    return this.pictures[0] ?? this.sounds[0];
  }

  get mark(): TallyMark {
    return { videoFrames: this.pictures.length, audioFrames: this.sounds.length, keyframes: this.keyframes.length };
  }

  /**
   * @param mark how much of it is in the file
   * @param nextUs where the next segment begins; absent where none does, or something is lost before it
   * @param frameUs how long a picture was on show before, where one alone does not say it
   */
  describe(mark: TallyMark, nextUs: PtsUs | undefined, frameUs: number | undefined): TallyFacts {
    const pictures = Float64Array.from(this.pictures.slice(0, mark.videoFrames)).sort();
    const sounds = this.sounds.slice(0, mark.audioFrames);
    const timed = pictures.length > 0 ? pictures : Float64Array.from(sounds);
    const stepUs = frameStep(timed, EVEN_US);
    const ownStartUs = timed[0] ?? 0;
    const startUs = this.beginsWithSound && sounds.length > 0 ? Math.min(ownStartUs, sounds[0]!) : ownStartUs;
    const lastUs = timed.at(-1) ?? 0;
    const ownEndUs = lastUs + (stepUs ?? frameUs ?? LONE_US);
    return {
      ptsStartUs: startUs,
      // A segment that had to end between pictures that refer to each other ends no earlier than it begins.
      ptsEndUs: nextUs === undefined ? ownEndUs : Math.max(asStored(nextUs), startUs),
      lastUs,
      stepUs,
      frameCount: mark.videoFrames,
      audioFrameCount: mark.audioFrames,
      keyframePtsUs: this.keyframes.slice(0, mark.keyframes).sort((a, b) => a - b),
    };
  }
}

export interface TallyFacts {
  readonly ptsStartUs: PtsUs;
  readonly ptsEndUs: PtsUs;
  /** The latest picture, or sound where there are none. */
  readonly lastUs: PtsUs;
  /** How long a picture, or without pictures a frame of sound, lasts; undefined where there is only one. */
  readonly stepUs: number | undefined;
  readonly frameCount: number;
  readonly audioFrameCount: number;
  readonly keyframePtsUs: readonly PtsUs[];
}

/** A time as it stands in the file: see {@link PtsUs}. */
export const asStored = (ptsUs: PtsUs): PtsUs => ticksToPtsUs(ptsUsToTicks(ptsUs));
