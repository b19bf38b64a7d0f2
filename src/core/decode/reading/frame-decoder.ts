import { Codec, CodecContext, Frame as AvFrame, Packet, type CodecParameters } from 'node-av/lib';
import { libavOk } from '../libav.js';
import { MAX_PICTURE_PIXELS } from '../video-decoder.js';
import type { TimedBytes } from './copied-track.js';

/** Decodes one track, in the order it comes; times are microseconds. */
export class FrameDecoder {
  private readonly context = new CodecContext();
  private readonly packet = new Packet();
  private readonly frame = new AvFrame();

  private constructor(codec: Codec, parameters: CodecParameters) {
    this.context.allocContext3(codec);
    libavOk(this.context.parametersToContext(parameters), 'preparing a decoder');
    this.context.threadCount = 1;
    this.context.pktTimebase = { num: 1, den: 1_000_000 } as CodecContext['pktTimebase'];
    this.context.setOption('max_pixels', MAX_PICTURE_PIXELS);
    libavOk(this.context.open2Sync(codec, null), 'opening a decoder');
    this.packet.alloc();
    this.frame.alloc();
  }

  /** @returns undefined where libav has none for the codec */
  static of(parameters: CodecParameters): FrameDecoder | undefined {
    const codec = Codec.findDecoder(parameters.codecId);
    return codec === null ? undefined : new FrameDecoder(codec, parameters);
  }

  /** @returns false when the decoder refuses it */
  send(coded: TimedBytes | null): boolean {
    if (coded === null) return this.context.sendPacketSync(null) >= 0;
    this.packet.data = coded.data;
    this.packet.pts = BigInt(Math.round(coded.ptsUs));
    this.packet.dts = BigInt(Math.round(coded.dtsUs));
    this.packet.isKeyframe = coded.keyframe;
    const status = this.context.sendPacketSync(this.packet);
    this.packet.unref();
    return status >= 0;
  }

  /** What has come out by now; each is valid until the next one is asked for. */
  *received(): Generator<AvFrame, void, void> {
    while (this.context.receiveFrameSync(this.frame) >= 0) {
      yield this.frame;
      this.frame.unref();
    }
  }

  close(): void {
    this.frame.free();
    this.packet.free();
    this.context.freeContext();
  }
}
