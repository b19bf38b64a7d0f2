import type { EpochHandle, SourceContext } from 'vedette/plugin';
import type { RecordedFrame } from '../matroska/matroska-reader.js';
import { avcConfiguration, isAnnexB, isSame, lengthPrefixed, nalUnitsOf, parameterSetsIn, type ParameterSets } from './annex-b.js';
import { unreadable } from './unreadable.js';

/** Sound comes some frames before its picture; more than this is no recording of both. */
const MAX_HELD_FRAMES = 500;

export interface FrameEpochsOptions {
  readonly context: SourceContext;
  readonly startedAtMs: number;
  readonly remote: string;
  readonly opened: (epoch: EpochHandle) => void;
  /** `avcC`; absent: each keyframe says it itself, as those of Chromium do. */
  readonly configuration?: Buffer | undefined;
  readonly audio?: { readonly codec: 'opus' | 'aac'; readonly configuration: Buffer } | undefined;
}

/** Puts the frames of a recording of H.264 into an epoch, and into another one when its pictures change their format. */
export class FrameEpochs {
  readonly counts = { video: 0, audio: 0 };
  private current: EpochHandle | undefined;
  private sets: ParameterSets | undefined;
  private held: RecordedFrame[] = [];
  private readonly lastUs = { video: -1, audio: -1 };

  constructor(private readonly options: FrameEpochsOptions) {}

  /** Undefined before the first one, and while it changes. */
  get epoch(): EpochHandle | undefined {
    return this.current;
  }

  /** Opens the first epoch where the container says all that is needed. */
  async begin(): Promise<void> {
    if (this.options.configuration !== undefined) await this.open(this.options.configuration, 0);
  }

  /**
   * Settles when more is welcome.
   * @throws VD_BROWSER_MEDIA_UNREADABLE, and what core says when no epoch can be opened
   */
  async put(frame: RecordedFrame): Promise<void> {
    this.counts[frame.track] += 1;
    if (frame.track === 'audio' || this.options.configuration !== undefined) return this.pass(frame);
    if (!isAnnexB(frame.data)) {
      if (this.sets === undefined) throw unreadable('its pictures do not say how they are decoded');
      return this.pass(frame); // core counts what is damaged
    }
    const units = nalUnitsOf(frame.data);
    const sets = frame.keyframe ? parameterSetsIn(units) : undefined;
    if (sets !== undefined && (this.sets === undefined || !isSame(this.sets, sets))) await this.change(sets, frame.ptsUs);
    await this.pass({ ...frame, data: lengthPrefixed(units) });
  }

  private async change(sets: ParameterSets, ptsUs: number): Promise<void> {
    const before = this.current;
    this.current = undefined;
    await before?.end('video format changed');
    await this.open(avcConfiguration(sets), this.sets === undefined ? 0 : ptsUs);
    this.sets = sets;
    for (const frame of this.held.splice(0)) await this.pass(frame);
  }

  private async open(configuration: Buffer, fromUs: number): Promise<void> {
    const { context, startedAtMs, remote, opened, audio } = this.options;
    const input = { kind: 'frames', video: { codec: 'h264', configuration }, ...(audio && { audio }) } as const;
    this.current = await context.openEpoch({ startedAtMs: startedAtMs + Math.round(fromUs / 1000), input, remote });
    opened(this.current);
  }

  /** Recorders show pictures in the order in which they encode them: what is out of order has no place. */
  private async pass(frame: RecordedFrame): Promise<void> {
    const { track, ptsUs, keyframe, data } = frame;
    const epoch = this.current;
    if (epoch === undefined) return this.hold(frame);
    const isVideo = track === 'video';
    if (ptsUs < Math.max(0, this.lastUs[track])) {
      const at = Math.max(0, ptsUs);
      epoch.lost({ reason: 'clock-jump', videoFrames: Number(isVideo), audioFrames: Number(!isVideo), fromPtsUs: at, toPtsUs: at });
      return;
    }
    this.lastUs[track] = ptsUs;
    if (!epoch.put({ track, dtsUs: ptsUs, ptsUs, keyframe, data })) await epoch.drained();
  }

  private hold(frame: RecordedFrame): void {
    if (frame.track === 'video') throw unreadable('its pictures do not begin with a keyframe');
    this.held.push(frame);
    if (this.held.length > MAX_HELD_FRAMES) throw unreadable('its sound has no picture');
  }
}
