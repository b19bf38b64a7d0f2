import { DAY_MS, type EpochHandle, errorText, type SourceContext } from 'vedette/plugin';
import type { MediaAnnouncement } from '../protocol/command.js';
import { FlvEpoch } from './flv-epoch.js';
import type { FlowGate } from './flow-gate.js';
import { flvTag, TagType } from './flv.js';
import { MediaClock, type Track } from './media-clock.js';
import { readAudioMessage, readVideoMessage, shiftComposition } from './message.js';

/** How long an epoch waits for the audio that its publisher announced, in media time. */
const AUDIO_WAIT_MS = 1000;
const AUDIO_WAIT_BYTES = 16_000_000;
/**
 * FLV counts 32 bits of milliseconds, which demuxers neither unwrap nor all take as unsigned: an epoch that has lasted
 * 24 days ends at its next keyframe, well before 2^31.
 */
const MAX_EPOCH_MS = 24 * DAY_MS;

export interface EpochFeedHooks {
  readonly context: SourceContext;
  readonly remote: string;
  readonly flow: FlowGate;
  /** Settles when the stream's previous publisher has left the stream. */
  readonly streamFree: Promise<void>;
  readonly wallClockMs: () => number;
  /** True while nothing can be packaged: no keyframe has come since the publish or the last change of format. */
  awaitingKeyframe(waiting: boolean): void;
  /** The packager stopped, or could not be started. */
  lost(reason: string, error?: unknown): void;
}

/**
 * Turns a publisher's messages into epochs: each begins with a keyframe at time 0 and has one video and one audio
 * configuration throughout. A new sequence header or a jump of the publisher's clock ends it; the next keyframe begins
 * another.
 */
export class EpochFeed {
  private readonly clock = new MediaClock();
  private announced: MediaAnnouncement | undefined;
  private avcRecord: Buffer | undefined;
  private aacConfig: Buffer | undefined;
  private epoch: FlvEpoch | undefined;
  private lastEnd: Promise<void>;
  private closed = false;

  constructor(private readonly hooks: EpochFeedHooks) {
    this.lastEnd = hooks.streamFree;
    hooks.awaitingKeyframe(true);
  }

  /** Between two pictures, in milliseconds, as the publisher announced it; undefined where it did not. */
  get announcedFrameMs(): number | undefined {
    const { framesPerSecond } = this.announced ?? {};
    return framesPerSecond === undefined ? undefined : 1000 / framesPerSecond;
  }

  announce(announcement: MediaAnnouncement): void {
    this.announced = announcement;
  }

  /** @throws Refusal for media that cannot be packaged */
  video(timestamp32: number, payload: Buffer): void {
    const message = readVideoMessage(payload);
    if (message.kind === 'none') return;
    if (message.kind === 'frame') return this.frame('video', timestamp32, message.payload, message.keyframe);
    if (this.avcRecord?.equals(message.record)) return;
    this.avcRecord = Buffer.from(message.record);
    this.endEpoch('video format changed');
  }

  /** @throws Refusal for media that cannot be packaged */
  audio(timestamp32: number, payload: Buffer): void {
    const message = readAudioMessage(payload);
    if (message.kind === 'frame' && this.aacConfig !== undefined) return this.frame('audio', timestamp32, message.payload, false);
    if (message.kind !== 'header' || this.aacConfig?.equals(message.config)) return;
    this.aacConfig = Buffer.from(message.config);
    if (this.epoch !== undefined) this.beginWhenReady(this.epoch, 0);
  }

  /** Ends what is open. Resolves when the packager has stopped; never rejects. */
  end(reason: string): Promise<void> {
    this.closed = true;
    this.endEpoch(reason);
    return this.lastEnd;
  }

  private frame(track: Track, timestamp32: number, payload: Buffer, keyframe: boolean): void {
    const timeMs = this.clock.unwrap(timestamp32);
    // Video goes on until the next keyframe, so that a change of the audio costs no picture.
    if (keyframe && this.audioChanged) this.endEpoch('audio format changed');
    if (keyframe && this.epoch !== undefined && timeMs - this.epoch.baseMs > MAX_EPOCH_MS) this.endEpoch('the epoch is 24 days long');
    if (this.epoch === undefined) return this.start(track, timeMs, payload, keyframe);
    const dtsMs = this.clock.take(track, timeMs);
    if (dtsMs === 'jump') {
      this.endEpoch('timestamps jumped');
      return this.start(track, timeMs, payload, keyframe);
    }
    if (track === 'audio' && (this.audioChanged || dtsMs < this.epoch.baseMs)) return;
    this.put(this.epoch, track, dtsMs, dtsMs === timeMs ? payload : this.moved(track, payload, dtsMs - timeMs));
  }

  private start(track: Track, timeMs: number, payload: Buffer, keyframe: boolean): void {
    if (!keyframe || this.avcRecord === undefined || this.closed) return;
    this.clock.restart(timeMs);
    this.clock.take(track, timeMs);
    this.epoch = new FlvEpoch(timeMs, this.avcRecord, this.hooks.flow);
    this.hooks.awaitingKeyframe(false);
    this.put(this.epoch, track, timeMs, payload);
  }

  private put(epoch: FlvEpoch, track: Track, dtsMs: number, payload: Buffer): void {
    const timestampMs = dtsMs - epoch.baseMs;
    epoch.write(flvTag(TagType[track], timestampMs, payload));
    this.beginWhenReady(epoch, timestampMs);
  }

  private moved(track: Track, payload: Buffer, shiftMs: number): Buffer {
    return track === 'video' ? shiftComposition(payload, shiftMs) : payload;
  }

  private get audioChanged(): boolean {
    const epoch = this.epoch;
    if (epoch === undefined || !epoch.begun || this.aacConfig === undefined) return false;
    return epoch.aacConfig === undefined || !epoch.aacConfig.equals(this.aacConfig);
  }

  private beginWhenReady(epoch: FlvEpoch, timestampMs: number): void {
    if (epoch.begun) return;
    const ready =
      this.aacConfig !== undefined ||
      this.announced?.hasAudio === false ||
      timestampMs >= AUDIO_WAIT_MS ||
      epoch.heldBytes >= AUDIO_WAIT_BYTES;
    if (ready) this.begin(epoch);
  }

  private begin(epoch: FlvEpoch): void {
    const { context, remote, wallClockMs, lost } = this.hooks;
    const startedAtMs = wallClockMs();
    const streamFree = this.lastEnd;
    const open = async (): Promise<EpochHandle> => {
      await streamFree;
      return context.openEpoch({ startedAtMs, input: { kind: 'flv' }, remote });
    };
    const begun = epoch.begin(open, this.aacConfig, this.announced);
    const watch = async (): Promise<void> => {
      const handle = await begun;
      if (this.epoch === epoch) context.report('live');
      const stopped = await handle?.done;
      if (this.epoch === epoch) lost(stopped?.reason ?? 'the packager stopped', stopped?.error);
    };
    watch().catch((error: unknown) => lost('the packager failed', error));
  }

  private endEpoch(reason: string): void {
    const epoch = this.epoch;
    if (epoch === undefined) return;
    this.epoch = undefined;
    if (!epoch.begun) this.begin(epoch); // media that still waited for its audio is kept, too
    if (!this.closed) this.hooks.awaitingKeyframe(true);
    this.lastEnd = epoch.end(reason).catch((error: unknown) => {
      this.hooks.context.logger.error('The end of an epoch failed', { error: errorText(error) });
    });
  }
}
