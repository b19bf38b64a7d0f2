import type { EncodedFrame, PtsUs } from '../../../plugin-api/index.js';
import type { MuxedTracks } from '../segment-muxer.js';
import { PendingCut } from './pending-cut.js';
import type { SegmentLimits } from './segment-limits.js';

/** What the segmenter asks for, in this order: `begin`, frames, `end`, `begin` … */
export interface SegmentSink {
  begin(): void;
  /** @returns false when the frame cannot be used; the pictures that need a keyframe that cannot be are dropped then */
  frame(frame: EncodedFrame): boolean;
  /** @param nextUs where the next segment begins; absent at the epoch's end */
  end(nextUs?: PtsUs): void;
  /** A frame that nothing can be done with: no keyframe came before it. */
  drop(frame: EncodedFrame): void;
  /** Pictures from this keyframe on are shown no earlier than it. */
  isClosed(keyframe: EncodedFrame): boolean;
}

/** Sound alone in a segment for longer than this is left to itself when pictures come. */
const SOUND_ALONE_US = 500_000;
/** A frame takes a packet at least, however little is in it. */
const FRAME_OVERHEAD_BYTES = 188;

/**
 * Says which frame goes into which segment. A segment begins with a keyframe and ends where the next one begins, in what is shown as in
 * what is heard: sound goes with the pictures of its time. Without pictures it ends by time.
 */
export class Segmenter {
  private isOpen = false;
  /** Of the open segment: its first picture and its first sound. */
  private pictureStartUs: PtsUs | undefined;
  private soundStartUs: PtsUs | undefined;
  private sizeBytes = 0;
  private pending: PendingCut | undefined;
  /** Of the epoch so far. */
  private latestPictureUs: PtsUs | undefined;
  private latestSoundUs: PtsUs | undefined;
  /** The first sound since the latest picture: each track has its own clock. */
  private soundSincePictureUs: PtsUs | undefined;
  private needsKeyframe: boolean;

  constructor(
    private readonly limits: SegmentLimits,
    private readonly tracks: MuxedTracks,
    private readonly sink: SegmentSink,
    /** The epoch goes on: the first picture may build on those of the segment before. */
    isGoingOn = false,
  ) {
    this.needsKeyframe = !isGoingOn;
  }

  put(frame: EncodedFrame): void {
    const isSound = frame.track === 'audio';
    if (isSound) this.latestSoundUs = Math.max(this.latestSoundUs ?? frame.ptsUs, frame.ptsUs);
    if (this.pending !== undefined) this.hold(this.pending, frame);
    else if (isSound) this.sound(frame);
    else this.picture(frame);
  }

  /** The epoch is over: what is held goes where it belongs, and the open segment ends. */
  finish(): void {
    while (this.pending !== undefined) this.cut(this.pending);
    if (!this.isOpen) return;
    this.isOpen = false;
    this.sink.end();
  }

  /** The open segment cannot go on, and what is held for the next one is let go of: that begins with the next keyframe. */
  breakOff(): void {
    this.pending = undefined;
    this.isOpen = false;
    this.needsKeyframe = true;
    this.soundSincePictureUs = undefined;
  }

  private picture(frame: EncodedFrame): void {
    this.soundSincePictureUs = undefined;
    if (!this.isOpen) {
      if (!frame.keyframe && this.needsKeyframe) return this.sink.drop(frame);
      this.begin();
    } else if (this.isDue(frame) || this.isOverdue(frame)) return this.plan(frame);
    this.write(frame);
  }

  /** A keyframe that ends the segment: its time has come, or there are no pictures in it. */
  private isDue({ keyframe, ptsUs }: EncodedFrame): boolean {
    if (!keyframe) return false;
    const { durationUs, earlyUs } = this.limits;
    if (this.pictureStartUs !== undefined) return ptsUs - this.pictureStartUs >= durationUs - earlyUs;
    return this.soundStartUs !== undefined && this.latestSoundUs! - this.soundStartUs >= SOUND_ALONE_US;
  }

  /** No keyframe comes, or none in time: the segment ends with a picture that is shown after all before it. */
  private isOverdue({ ptsUs }: EncodedFrame): boolean {
    const { longestUs, largestBytes } = this.limits;
    if (this.needsKeyframe || this.pictureStartUs === undefined) return false;
    if (ptsUs <= this.latestPictureUs!) return this.sizeBytes >= 2 * largestBytes;
    return ptsUs - this.pictureStartUs >= longestUs || this.sizeBytes >= largestBytes;
  }

  private plan(frame: EncodedFrame): void {
    const isOpenGop = !frame.keyframe || !this.sink.isClosed(frame);
    const pending = new PendingCut(frame, isOpenGop, this.tracks.audio === undefined ? undefined : this.latestSoundUs);
    this.pending = pending;
    if (pending.isReady) this.cut(pending);
  }

  private hold(pending: PendingCut, frame: EncodedFrame): void {
    if (pending.isBefore(frame)) return this.write(frame);
    pending.hold(frame);
    if (pending.isReady) this.cut(pending);
  }

  private cut(pending: PendingCut): void {
    this.pending = undefined;
    this.sink.end(pending.startUs);
    this.begin();
    this.needsKeyframe = false;
    const [first, ...rest] = pending.frames;
    this.write(first!);
    for (const frame of rest) this.put(frame);
  }

  private sound(frame: EncodedFrame): void {
    if (!this.isOpen) {
      if (!this.isPictureless(frame)) return this.sink.drop(frame);
      this.begin();
    } else if (this.soundStartUs !== undefined && this.isPictureless(frame)) {
      const isTooLarge = this.sizeBytes >= this.limits.largestBytes;
      if (isTooLarge || frame.ptsUs - this.soundStartUs >= this.limits.durationUs) {
        this.sink.end(frame.ptsUs);
        this.begin();
      }
    }
    this.write(frame);
  }

  /** There are no pictures that it could go with: none are announced, or none have come for long. */
  private isPictureless({ ptsUs }: EncodedFrame): boolean {
    if (this.tracks.video === undefined || this.latestPictureUs === undefined) return true;
    this.soundSincePictureUs ??= ptsUs;
    return ptsUs - this.soundSincePictureUs >= this.limits.pictureAwaitedUs;
  }

  private begin(): void {
    this.sink.begin();
    this.isOpen = true;
    this.pictureStartUs = this.soundStartUs = undefined;
    this.sizeBytes = 0;
  }

  private write(frame: EncodedFrame): void {
    if (frame.track === 'video' && this.needsKeyframe && !frame.keyframe) return this.sink.drop(frame);
    this.sizeBytes += frame.data.length + FRAME_OVERHEAD_BYTES;
    const isTaken = this.sink.frame(frame);
    if (frame.track === 'audio') {
      if (isTaken) this.soundStartUs ??= frame.ptsUs;
      return;
    }
    if (frame.keyframe) this.needsKeyframe = !isTaken;
    if (!isTaken) return;
    this.pictureStartUs ??= frame.ptsUs;
    this.latestPictureUs = Math.max(this.latestPictureUs ?? frame.ptsUs, frame.ptsUs);
  }
}
