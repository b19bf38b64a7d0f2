import {
  EpochSequence,
  isSameAudio,
  isSameVideo,
  type AudioFormat,
  type EpochHooks,
  type FrameLossReason,
  type MediaAnnouncement,
  type PushedTrackKind,
  type VideoFormat,
} from 'vedette/plugin';
import { audioDamage, videoDamage } from './frame-damage.js';
import { readAudioMessage, readVideoMessage, type AudioMessage, type MessageFrame, type VideoMessage } from './message.js';
import { mp3Format } from './mp3-format.js';

/** Between decoding and showing of a picture: more than any encoder has reason for. */
const MAX_COMPOSITION_MS = 10_000;
/** Pictures that are far apart may be as many of them away from their place. */
const MAX_COMPOSITION_FRAMES = 4;

/**
 * Turns a publisher's messages into frames of epochs. Each frame that is counted where it enters is put into an epoch or told of as lost,
 * with the reason: its codec's configuration is missing, it is damaged, or its clock has no place for it.
 */
export class EpochFeed {
  private readonly sequence: EpochSequence;
  private announced: MediaAnnouncement | undefined;
  private video: VideoFormat | undefined;
  private audio: AudioFormat | undefined;
  private readonly said = new Set<string>();

  constructor(private readonly hooks: EpochHooks) {
    this.sequence = new EpochSequence(hooks);
  }

  /** Between two pictures, in milliseconds, as the publisher announced it; undefined where it did not. */
  get announcedFrameMs(): number | undefined {
    const { framesPerSecond } = this.announced ?? {};
    return framesPerSecond === undefined ? undefined : 1000 / framesPerSecond;
  }

  announce(announcement: MediaAnnouncement): void {
    this.announced = announcement;
    this.sequence.announced = announcement;
  }

  /** @throws Refusal for media that cannot be taken */
  takeVideo(timestamp32: number, payload: Buffer): void {
    if (this.sequence.closed) return;
    const { message, otherFrames } = this.readVideo(payload);
    this.skipTracks('video', otherFrames);
    if (message.kind === 'header') this.videoHeader(message);
    else if (message.kind === 'frame') this.videoFrame(timestamp32, message);
  }

  /** @throws Refusal for media that cannot be taken */
  takeAudio(timestamp32: number, payload: Buffer): void {
    if (this.sequence.closed) return;
    const { message, otherFrames } = readAudioMessage(payload);
    this.skipTracks('audio', otherFrames);
    if (message.kind === 'header') this.audioFormat({ codec: message.codec, configuration: Buffer.from(message.configuration) });
    else if (message.kind === 'frame') this.audioFrame(timestamp32, message);
    else if (message.kind === 'unusable') this.unusableSound(timestamp32, message);
  }

  /** Ends what is open. Resolves when the packager has stopped and all losses are told; never rejects. */
  end(reason: string): Promise<void> {
    return this.sequence.end(reason);
  }

  private readVideo(payload: Buffer): ReturnType<typeof readVideoMessage> {
    try {
      return readVideoMessage(payload);
    } catch (error) {
      this.sequence.pictureRefused();
      throw error;
    }
  }

  private videoHeader({ codec, configuration }: VideoMessage & { kind: 'header' }): void {
    const format = { codec, configuration };
    if (isSameVideo(this.video, format)) return;
    this.video = { codec, configuration: Buffer.from(configuration) };
    this.sequence.videoFormat(this.video);
  }

  private videoFrame(timestamp32: number, frame: MessageFrame<VideoFormat['codec']>): void {
    const { keyframe, compositionMs, laterUs, data } = frame;
    const { video } = this;
    const lose = (reason: FrameLossReason) => this.sequence.lose(reason, 'video', timestamp32, keyframe);
    if (video === undefined || video.codec !== frame.codec) return lose('no-configuration');
    if (Math.abs(compositionMs) > Math.max(MAX_COMPOSITION_MS, MAX_COMPOSITION_FRAMES * (this.announcedFrameMs ?? 0))) {
      this.say('picture', `with a composition offset of ${compositionMs} ms`);
      return lose('composition-offset');
    }
    const damage = videoDamage(video.codec, video.configuration as Buffer, data);
    if (damage !== undefined) {
      this.say('picture', damage);
      return lose('damaged');
    }
    this.sequence.take({ track: 'video', timestamp32, laterUs, compositionUs: compositionMs * 1000, keyframe, data: Buffer.from(data) });
  }

  private audioFormat(format: AudioFormat): void {
    if (isSameAudio(this.audio, format)) return;
    this.audio = format;
    this.sequence.audioFormat(format);
  }

  private audioFrame(timestamp32: number, { codec, laterUs, data }: MessageFrame<AudioFormat['codec']>): void {
    const lose = (reason: FrameLossReason) => this.sequence.lose(reason, 'audio', timestamp32);
    const damage = audioDamage(codec, data);
    if (damage !== undefined) {
      this.say('sound', damage);
      return lose('damaged');
    }
    if (codec === 'mp3') this.audioFormat(mp3Format(data));
    if (this.audio?.codec !== codec) return lose('no-configuration');
    this.sequence.take({ track: 'audio', timestamp32, laterUs, compositionUs: 0, keyframe: true, data: Buffer.from(data) });
  }

  private unusableSound(timestamp32: number, { isFrame, reason }: AudioMessage & { kind: 'unusable' }): void {
    this.sequence.notice(reason);
    this.sequence.soundUnusable();
    if (isFrame) this.sequence.lose('codec-unsupported', 'audio', timestamp32);
  }

  private skipTracks(track: PushedTrackKind, frames: number): void {
    if (frames > 0) this.sequence.notice(`Of several ${track === 'video' ? 'pictures' : 'sounds'} only the first one (track 0) is kept`);
  }

  /** Names what is wrong with frames, once a kind; how many there are is counted with the losses. */
  private say(what: 'picture' | 'sound', damage: string): void {
    const kind = `${what} ${damage.replace(/-?\d+/, 'n')}`;
    if (this.said.has(kind)) return;
    this.said.add(kind);
    const { logger, streamId } = this.hooks.context;
    logger.warn(`A publisher sends frames that are not taken: a ${what} ${damage}`, { streamId });
  }
}
