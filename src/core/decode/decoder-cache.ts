import { videoSizeIn, type AccessUnit, type VideoCodec } from './segment/index.js';
import { VideoDecoder } from './video-decoder.js';

/** Kept warm per host. A 1080p decoder holds some 60 MB of pictures: streams share them, so that memory does not grow with streams. */
const KEPT = 3;

interface IdleDecoder {
  readonly shape: string;
  readonly decoder: VideoDecoder;
}

/**
 * Lends warm decoders by codec and picture size, each to one at a time. Every segment starts anew with its own parameter sets, so
 * streams of one shape can take turns; a segment without parameter sets gets a fresh decoder and never meets another stream's.
 */
export class DecoderCache {
  /** The longest unused first. */
  private idle: IdleDecoder[] = [];
  private lent = 0;
  /** As many as were ever lent at once are kept, if that is more: what is needed at once will be again. */
  private kept = KEPT;

  /** Lends a decoder to `work`, which has it to itself; the next call may get the same one. */
  async lend<T>(codec: VideoCodec, firstUnit: AccessUnit | undefined, work: (decoder: VideoDecoder) => Promise<T>): Promise<T> {
    const size = firstUnit === undefined ? null : videoSizeIn(codec, firstUnit.data);
    if (size !== null) return this.lendWarm(codec, `${codec} ${size.widthPx}x${size.heightPx}`, work);
    const decoder = new VideoDecoder(codec);
    try {
      return await work(decoder);
    } finally {
      decoder.close();
    }
  }

  close(): void {
    for (const { decoder } of this.idle) decoder.close();
    this.idle = [];
  }

  private async lendWarm<T>(codec: VideoCodec, shape: string, work: (decoder: VideoDecoder) => Promise<T>): Promise<T> {
    const warm = this.idle.findLast((idle) => idle.shape === shape);
    this.idle = this.idle.filter((idle) => idle !== warm);
    const decoder = warm?.decoder ?? new VideoDecoder(codec);
    this.lent++;
    this.kept = Math.max(this.kept, this.lent);
    this.closeSpare();
    try {
      return await work(decoder);
    } finally {
      this.lent--;
      this.idle.push({ shape, decoder });
    }
  }

  private closeSpare(): void {
    for (const { decoder } of this.idle.splice(0, this.idle.length + this.lent - this.kept)) decoder.close();
  }
}
