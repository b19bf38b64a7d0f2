import type { EncodedFrame, FrameLoss, FrameLossReason, PushedTrackKind } from '../encoded-frame.js';
import type { EpochHandle, EpochOpening } from '../source-adapter.js';
import type { FlowGate } from './flow-gate.js';
import type { AudioFormat, VideoFormat } from './formats.js';
import { LossTally } from './loss-tally.js';
import { MediaClock, type Place } from './media-clock.js';

/** A frame on its way, with the time that it came with. */
export interface StampedFrame {
  readonly track: PushedTrackKind;
  /** When it is decoded, in milliseconds; may have wrapped at 32 bits, as RTMP's do. */
  readonly timestamp32: number;
  /** So much after that. */
  readonly laterUs: number;
  /** From decoding to showing. */
  readonly compositionUs: number;
  readonly keyframe: boolean;
  readonly data: Buffer;
}

/** Opens the epoch at core; rejects when core cannot. */
export type OpenEpoch = (input: EpochOpening['input']) => Promise<EpochHandle>;

/**
 * One epoch on its way to the packager. Frames wait here until the packager is there; from then on they go through at once, and the
 * publisher is held while the packager's buffer is full.
 */
export class PushedEpoch {
  private waiting: EncodedFrame[] = [];
  private waitingBytes = 0;
  private early: FrameLoss[] = [];
  private handle: EpochHandle | undefined;
  private opening: Promise<EpochHandle> | undefined;
  private release: (() => void) | undefined;
  private readonly clock: MediaClock;
  private readonly losses = new LossTally((loss) => this.lost(loss));
  private readonly lastDtsUs: { video?: number; audio?: number } = {};
  /** Sound of the epoch, known when it begins; undefined where there is none. */
  audio: AudioFormat | undefined;
  /** A keyframe was lost: what builds on it is not taken. */
  lacksKeyframe = false;

  constructor(
    readonly video: VideoFormat | undefined,
    base32: number,
    readonly startedAtMs: number,
    private readonly framesPerSecond: number | undefined,
    private readonly flow: FlowGate,
  ) {
    this.clock = new MediaClock(base32, framesPerSecond === undefined ? 0 : 1000 / framesPerSecond);
  }

  get begun(): boolean {
    return this.opening !== undefined;
  }

  get heldBytes(): number {
    return this.waitingBytes;
  }

  place(track: PushedTrackKind, timestamp32: number): Place {
    return this.clock.place(track, timestamp32);
  }

  /** Takes a frame at a place that the clock gave it. */
  put({ track, laterUs, compositionUs, keyframe, data }: StampedFrame, timeMs: number): void {
    this.clock.reached(track, timeMs);
    this.losses.tellDue();
    const atUs = timeMs * 1000 + laterUs;
    const dtsUs = Math.max(0, atUs, this.lastDtsUs[track] ?? 0);
    this.lastDtsUs[track] = dtsUs;
    this.pass({ track, dtsUs, ptsUs: atUs + compositionUs, keyframe, data });
  }

  /** Counts a frame that goes nowhere: where it would be, or, if its clock does not say that, where its track was when it came. */
  lose(reason: FrameLossReason, track: PushedTrackKind, timestamp32: number): void {
    const place = this.clock.place(track, timestamp32);
    const cameAtUs = this.lastDtsUs[track] ?? this.lastDtsUs[track === 'video' ? 'audio' : 'video'];
    this.losses.add(reason, track, typeof place === 'number' ? place * 1000 : cameAtUs);
    this.losses.tellDue();
  }

  /** Opens the epoch, with the sound that is known by now. */
  begin(open: OpenEpoch, audio: AudioFormat | undefined): Promise<EpochHandle> {
    this.audio = audio;
    const release = this.flow.hold();
    this.opening = open(this.input()).then((handle) => {
      this.handle = handle;
      for (const loss of this.early.splice(0)) handle.lost(loss);
      for (const frame of this.waiting.splice(0)) this.pass(frame);
      return handle;
    });
    return this.opening.finally(release);
  }

  /** Tells of frames that were lost before it, or after its end. */
  lost(loss: FrameLoss): void {
    if (this.handle === undefined) this.early.push(loss);
    else this.handle.lost(loss);
  }

  /** Ends the epoch once it is open. Resolves when the packager has stopped; rejects when it never was there. */
  async end(reason: string): Promise<void> {
    this.losses.tellAll();
    const handle = await this.opening;
    await handle?.end(reason);
    this.release?.();
  }

  /** What was taken and could not be handed on, because core could not open the epoch. */
  unopened(): FrameLoss[] {
    const frames = this.waiting.splice(0);
    const videoFrames = frames.filter(({ track }) => track === 'video').length;
    const taken: FrameLoss = { reason: 'packager-failed', videoFrames, audioFrames: frames.length - videoFrames };
    return [...this.early.splice(0), ...(frames.length > 0 ? [taken] : [])];
  }

  private input(): EpochOpening['input'] {
    const { video, audio, framesPerSecond } = this;
    const announced = framesPerSecond === undefined ? {} : { announcedFramesPerSecond: framesPerSecond };
    return {
      kind: 'frames',
      ...(video && { video: { codec: video.codec, configuration: video.configuration, ...announced } }),
      ...(audio && { audio: { codec: audio.codec, configuration: audio.configuration } }),
    };
  }

  private pass(frame: EncodedFrame): void {
    const { handle } = this;
    if (handle === undefined) {
      this.waiting.push(frame);
      this.waitingBytes += frame.data.length;
      return;
    }
    if (handle.put(frame) || this.release !== undefined) return;
    const release = this.flow.hold();
    this.release = () => {
      this.release = undefined;
      release();
    };
    const resume = () => this.release?.();
    handle.drained().then(resume, resume);
  }
}
