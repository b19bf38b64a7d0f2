import type { FrameLoss, FrameLossReason, PushedTrackKind } from '../encoded-frame.js';
import { errorText } from '../error.js';
import type { EpochHooks } from './epoch-hooks.js';
import { isSameAudio, type AudioFormat, type VideoFormat } from './formats.js';
import { LossTally } from './loss-tally.js';
import { follows, unwrap } from './media-clock.js';
import type { MediaAnnouncement } from './media-announcement.js';
import { PushedEpoch, type StampedFrame } from './pushed-epoch.js';
import { SoundAhead } from './sound-ahead.js';

/** How long an epoch waits for the audio that its publisher announced, in media time. */
const AUDIO_WAIT_MS = 1000;
const AUDIO_WAIT_BYTES = 16_000_000;
/** Sound from so long before the first keyframe belongs to its epoch: encoders do not begin both tracks at one moment. */
const SOUND_LEAD_MS = 250;

/**
 * The epochs of one publisher, one after the other. Each begins at time 0, with a keyframe where there is a picture, and has one format of
 * each track throughout. A new format ends it at the next keyframe, and so does another clock, once two frames agree on it: a frame that
 * stands alone on its clock is lost, and nothing else.
 */
export class EpochSequence {
  announced: MediaAnnouncement | undefined;
  private video: VideoFormat | undefined;
  private audio: AudioFormat | undefined;
  private epoch: PushedEpoch | undefined;
  /** The last one that core has opened. */
  private opened: PushedEpoch | undefined;
  /** The first frame on another clock, from which another epoch could begin. */
  private candidate: StampedFrame | undefined;
  private readonly ahead = new SoundAhead((frame, reason) => this.lose(reason, frame.track, frame.timestamp32));
  private pictureSeen = false;
  private noSound = false;
  private lastEnd: Promise<void>;
  private ended = false;
  private readonly notices = new Set<string>();
  /** Lost while there was no epoch: the next one is told, or, where none follows, the last. */
  private homeless: FrameLoss[] = [];
  private readonly between = new LossTally((loss) => this.homeless.push(loss));

  constructor(private readonly hooks: EpochHooks) {
    this.lastEnd = hooks.streamFree;
    hooks.awaitingKeyframe(true);
  }

  get closed(): boolean {
    return this.ended;
  }

  /** There are pictures, of which nothing can be taken. */
  pictureRefused(): void {
    this.pictureSeen = true;
  }

  /** Pictures are of another format from now on. */
  videoFormat(format: VideoFormat): void {
    this.video = format;
    if (this.epoch?.video !== undefined) this.endEpoch('video format changed');
  }

  /** Sound is of another format from now on. Pictures go on until their next keyframe, so that it costs none. */
  audioFormat(format: AudioFormat): void {
    this.ahead.lose('no-keyframe');
    this.audio = format;
    this.noSound = false;
    const { epoch } = this;
    if (epoch === undefined) return;
    if (!epoch.begun) this.beginWhenReady(epoch, 0);
    else if (epoch.video === undefined) this.endEpoch('audio format changed');
  }

  /** No sound will come that can be kept. */
  soundUnusable(): void {
    this.noSound = true;
    if (this.epoch !== undefined) this.beginWhenReady(this.epoch, 0);
  }

  /** Something that a person should know while the stream is live. */
  notice(text: string): void {
    if (this.notices.has(text)) return;
    this.notices.add(text);
    const { logger, streamId } = this.hooks.context;
    logger.warn(text, { streamId });
    if (this.opened !== undefined && this.opened === this.epoch) this.reportLive();
  }

  /** Counts a frame that goes nowhere. */
  lose(reason: FrameLossReason, track: PushedTrackKind, timestamp32: number, keyframe = false): void {
    if (track === 'video') this.pictureSeen = true;
    const { epoch } = this;
    if (epoch === undefined) return this.between.add(reason, track);
    if (track === 'video' && keyframe && epoch.video !== undefined) epoch.lacksKeyframe = true;
    epoch.lose(reason, track, timestamp32);
  }

  take(frame: StampedFrame): void {
    if (frame.track === 'video') this.takeVideo(frame);
    else this.takeAudio(frame);
  }

  end(reason: string): Promise<void> {
    const [first, ...rest] = this.pictureSeen || this.epoch !== undefined ? [] : this.ahead.take();
    if (first !== undefined) this.start(first, rest, undefined);
    this.ended = true;
    this.dropCandidate();
    this.ahead.lose('no-keyframe');
    this.endEpoch(reason);
    this.lastEnd = this.lastEnd.then(() => this.tellHomeless());
    return this.lastEnd;
  }

  private takeVideo(frame: StampedFrame): void {
    this.pictureSeen = true;
    if (frame.keyframe && this.epoch?.video !== undefined && this.soundChanged) this.endEpoch('audio format changed');
    const { epoch } = this;
    if (epoch?.video !== undefined) return this.follow(epoch, frame);
    if (!frame.keyframe) return this.lose('no-keyframe', 'video', frame.timestamp32);
    if (epoch !== undefined) this.endEpoch('video begins');
    this.start(frame, this.ahead.take(), this.video);
  }

  private takeAudio(frame: StampedFrame): void {
    const { epoch } = this;
    if (epoch === undefined) return this.soundWithoutEpoch(frame);
    if (epoch.video === undefined) return this.follow(epoch, frame);
    if (epoch.begun && this.soundChanged) return this.lose('no-keyframe', 'audio', frame.timestamp32);
    const place = epoch.place('audio', frame.timestamp32);
    if (typeof place === 'number') return this.put(epoch, frame, place);
    if (place === 'before') return this.lose('no-keyframe', 'audio', frame.timestamp32);
    if (this.candidate !== undefined) return this.ahead.add(frame);
    this.lose('clock-jump', 'audio', frame.timestamp32);
  }

  private soundWithoutEpoch(frame: StampedFrame): void {
    this.ahead.add(frame);
    if (this.pictureSeen || !this.ahead.isLongEnough(this.announced)) return;
    const [first, ...rest] = this.ahead.take();
    if (first !== undefined) this.start(first, rest, undefined);
  }

  /** The next frame of the track whose clock is the epoch's. */
  private follow(epoch: PushedEpoch, frame: StampedFrame): void {
    const place = epoch.place(frame.track, frame.timestamp32);
    if (typeof place !== 'number') return this.elsewhere(frame);
    this.dropCandidate();
    if (epoch.lacksKeyframe && !frame.keyframe) return this.lose('no-keyframe', frame.track, frame.timestamp32);
    epoch.lacksKeyframe = false;
    this.put(epoch, frame, place);
  }

  private elsewhere(frame: StampedFrame): void {
    const { candidate } = this;
    if (candidate !== undefined && follows(unwrap(frame.timestamp32, candidate.timestamp32), candidate.timestamp32)) {
      this.candidate = undefined;
      const sound = this.ahead.take();
      const { video } = this.epoch ?? {};
      this.endEpoch('timestamps jumped');
      this.start(candidate, sound, video);
      return this.take(frame);
    }
    this.dropCandidate();
    if (frame.keyframe) this.candidate = frame;
    else this.lose('clock-jump', frame.track, frame.timestamp32);
  }

  private dropCandidate(): void {
    const { candidate } = this;
    if (candidate === undefined) return;
    this.candidate = undefined;
    this.lose('clock-jump', candidate.track, candidate.timestamp32, candidate.keyframe);
    this.ahead.lose('clock-jump');
  }

  private start(frame: StampedFrame, sound: readonly StampedFrame[], video: VideoFormat | undefined): void {
    const { flow, wallClockMs, awaitingKeyframe } = this.hooks;
    const leads = sound.map((early) => frame.timestamp32 - unwrap(early.timestamp32, frame.timestamp32));
    const leadMs = Math.max(0, ...leads.filter((ms) => ms <= SOUND_LEAD_MS));
    const startedAtMs = wallClockMs() - leadMs;
    const epoch = new PushedEpoch(video, frame.timestamp32 - leadMs, startedAtMs, this.announced?.framesPerSecond, flow);
    this.epoch = epoch;
    this.between.tellAll();
    for (const loss of this.homeless.splice(0)) epoch.lost(loss);
    awaitingKeyframe(false);
    this.put(epoch, frame, leadMs);
    for (const later of sound) this.takeAudio(later);
  }

  private put(epoch: PushedEpoch, frame: StampedFrame, timeMs: number): void {
    epoch.put(frame, timeMs);
    this.beginWhenReady(epoch, timeMs);
  }

  private get soundChanged(): boolean {
    const { epoch, audio } = this;
    return epoch !== undefined && epoch.begun && audio !== undefined && !isSameAudio(epoch.audio, audio);
  }

  private beginWhenReady(epoch: PushedEpoch, timeMs: number): void {
    if (epoch.begun) return;
    const ready =
      this.audio !== undefined ||
      this.noSound ||
      this.announced?.hasAudio === false ||
      timeMs >= AUDIO_WAIT_MS ||
      epoch.heldBytes >= AUDIO_WAIT_BYTES;
    if (ready) this.begin(epoch);
  }

  private begin(epoch: PushedEpoch): void {
    const { context, remote, lost } = this.hooks;
    const streamFree = this.lastEnd;
    const { startedAtMs } = epoch;
    const begun = epoch.begin(async (input) => {
      await streamFree;
      return context.openEpoch({ startedAtMs, input, remote });
    }, this.audio);
    const watch = async (): Promise<void> => {
      const handle = await begun;
      this.opened = epoch;
      if (this.epoch === epoch) this.reportLive();
      const stopped = await handle.done;
      if (this.epoch === epoch) lost(stopped.reason, stopped.error);
    };
    watch().catch((error: unknown) => lost('the packager failed', error));
  }

  private reportLive(): void {
    const { context } = this.hooks;
    if (this.notices.size === 0) context.report('live');
    else context.report('live', [...this.notices].join('. '));
  }

  private endEpoch(reason: string): void {
    this.dropCandidate();
    const { epoch } = this;
    if (epoch === undefined) return;
    this.epoch = undefined;
    if (!epoch.begun) this.begin(epoch); // media that still waited for its audio is kept, too
    if (!this.ended) this.hooks.awaitingKeyframe(true);
    this.lastEnd = epoch.end(reason).catch((error: unknown) => {
      this.homeless.push(...epoch.unopened());
      this.hooks.context.logger.error('The end of an epoch failed', { error: errorText(error) });
    });
  }

  private tellHomeless(): void {
    this.between.tellAll();
    const told = this.opened ?? this.hooks.context;
    for (const loss of this.homeless.splice(0)) told.lost(loss);
  }
}
