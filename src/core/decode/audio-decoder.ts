import { Codec, CodecContext, Frame as AvFrame, Packet } from 'node-av/lib';
import { AV_CODEC_ID_AAC, AV_SAMPLE_FMT_FLTP } from 'node-av/constants';
import { libavOk } from './libav.js';

/** Sound as it came out of the decoder: one run of samples, interleaved. */
export interface DecodedSound {
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly sampleCount: number;
  readonly data: Float32Array;
}

/** More than a programme has; memory is taken by channel. */
const MAX_CHANNELS = 16;

/**
 * A decoder of AAC: node-av's synchronous calls on one thread. It costs a fraction of a millisecond to open, and part of its
 * state is reset by nothing but opening it anew (the seed of its noise, for one): so each segment has its own, primed with
 * the end of the segment before, and says the same wherever it is decoded.
 */
export class AudioDecoder {
  private readonly context = new CodecContext();
  private readonly packet = new Packet();
  private readonly frame = new AvFrame();

  constructor() {
    const decoder = Codec.findDecoder(AV_CODEC_ID_AAC);
    this.context.allocContext3(decoder);
    this.context.threadCount = 1;
    libavOk(this.context.open2Sync(decoder, null), 'opening the decoder');
    this.packet.alloc();
    this.frame.alloc();
  }

  /** @returns undefined for a frame that the decoder refuses, or that gives no finite sound */
  decode(adtsFrame: Buffer): DecodedSound | undefined {
    this.packet.data = adtsFrame;
    const accepted = this.context.sendPacketSync(this.packet) >= 0;
    this.packet.unref();
    let sound: DecodedSound | undefined;
    while (this.context.receiveFrameSync(this.frame) >= 0) {
      sound = interleaved(this.frame);
      this.frame.unref();
    }
    return accepted ? sound : undefined;
  }

  close(): void {
    this.frame.free();
    this.packet.free();
    this.context.freeContext();
  }
}

function interleaved(frame: AvFrame): DecodedSound | undefined {
  const { nbSamples: sampleCount, channels: channelCount, sampleRate: sampleRateHz } = frame;
  const planes = frame.extendedData;
  if (frame.format !== AV_SAMPLE_FMT_FLTP || planes === null || channelCount < 1 || channelCount > MAX_CHANNELS) return undefined;
  const data = new Float32Array(sampleCount * channelCount);
  let sum = 0;
  for (let channel = 0; channel < channelCount; channel++) {
    const plane = planes[channel];
    if (plane === undefined || plane.length < sampleCount * Float32Array.BYTES_PER_ELEMENT) return undefined;
    const samples = new Float32Array(plane.buffer, plane.byteOffset, sampleCount);
    for (let i = 0, at = channel; i < sampleCount; i++, at += channelCount) sum += data[at] = samples[i]!;
  }
  return Number.isFinite(sum) ? { sampleRateHz, channelCount, sampleCount, data } : undefined;
}
