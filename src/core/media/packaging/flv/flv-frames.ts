import type { EncodedFrame, PushedAudioTrack, PushedVideoTrack } from '../../../plugin-api/index.js';
import type { FlvTag } from './flv-tags.js';

/** What a tag says. `unsupported`: a frame of a codec that this reader does not know. */
export type FlvContent =
  | { readonly kind: 'video-track'; readonly track: PushedVideoTrack }
  | { readonly kind: 'audio-track'; readonly track: PushedAudioTrack }
  | { readonly kind: 'frame'; readonly frame: EncodedFrame }
  | { readonly kind: 'unsupported'; readonly track: EncodedFrame['track'] };

const [AVC, AAC, MP3, MP3_8KHZ] = [7, 10, 2, 14];
const [KEYFRAME, COMMAND_FRAME] = [1, 5];
const WRAP_MS = 2 ** 32;
/** Encoders round: less than this backward is no other clock. */
const ROUNDING_MS = 100;

/** Turns FLV tags of H.264, AAC and MP3 into frames, and 32 bits of milliseconds into a clock that goes on. */
export class FlvFrames {
  private clockMs: number | undefined;
  private readonly lastMs = { video: 0, audio: 0 };
  private knowsMp3 = false;

  *read(tag: FlvTag): Generator<FlvContent> {
    if (tag.data.length === 0) return;
    yield* tag.kind === 'video' ? this.video(tag) : this.audio(tag);
  }

  private *video({ data, timestampMs }: FlvTag): Generator<FlvContent> {
    const first = data[0]!;
    const frameType = (first >> 4) & 7;
    if (frameType === COMMAND_FRAME) return;
    if ((first & 0x80) !== 0 || (first & 0x0f) !== AVC) return yield { kind: 'unsupported', track: 'video' };
    if (data.length <= 5) return;
    const body = data.subarray(5);
    if (data[1] === 0) return yield { kind: 'video-track', track: { codec: 'h264', configuration: body } };
    if (data[1] !== 1) return;
    const offsetMs = (((data[2]! << 24) | (data[3]! << 16) | (data[4]! << 8)) >> 8) | 0;
    const dtsMs = this.dtsMs('video', timestampMs);
    const [dtsUs, ptsUs] = [dtsMs * 1000, (this.clockMs! + offsetMs) * 1000];
    yield { kind: 'frame', frame: { track: 'video', dtsUs, ptsUs, keyframe: frameType === KEYFRAME, data: body } };
  }

  private *audio({ data, timestampMs }: FlvTag): Generator<FlvContent> {
    const codec = data[0]! >> 4;
    if (codec === AAC) {
      if (data.length <= 2) return;
      const body = data.subarray(2);
      if (data[1] === 0) yield { kind: 'audio-track', track: { codec: 'aac', configuration: body } };
      else yield this.sound(timestampMs, body);
    } else if (codec === MP3 || codec === MP3_8KHZ) {
      if (!this.knowsMp3) yield { kind: 'audio-track', track: { codec: 'mp3', configuration: new Uint8Array(0) } };
      this.knowsMp3 = true;
      if (data.length > 1) yield this.sound(timestampMs, data.subarray(1));
    } else yield { kind: 'unsupported', track: 'audio' };
  }

  private sound(timestampMs: number, data: Uint8Array): FlvContent {
    const us = this.dtsMs('audio', timestampMs) * 1000;
    return { kind: 'frame', frame: { track: 'audio', dtsUs: us, ptsUs: us, keyframe: true, data } };
  }

  private dtsMs(track: EncodedFrame['track'], timestampMs: number): number {
    const near = this.clockMs ?? timestampMs;
    const timeMs = near + signed32(timestampMs - (near % WRAP_MS));
    this.clockMs = timeMs;
    const isRounded = timeMs < this.lastMs[track] && timeMs > this.lastMs[track] - ROUNDING_MS;
    const dtsMs = isRounded ? this.lastMs[track] : timeMs;
    this.lastMs[track] = dtsMs;
    return dtsMs;
  }
}

/** The nearest to 0 that 32 bits can mean. */
const signed32 = (ms: number): number => ms | 0;
