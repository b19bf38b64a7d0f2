import { parseVideoSize, type AccessUnit, type VideoCodec } from '../../media/mpegts/index.js';
import { VideoDecoder } from './video-decoder.js';

/** Kept warm per host. A 1080p decoder holds some 60 MB of pictures: streams share them, so that memory does not grow with streams. */
const KEPT = 3;

/**
 * Lends warm decoders by codec and picture size. Every segment starts anew with its own parameter sets, so streams of one
 * shape can take turns; a segment without parameter sets gets a fresh decoder and never meets another stream's.
 */
export class DecoderCache {
  readonly #kept = new Map<string, VideoDecoder>();

  /** Lends a decoder to `work`; the next call may get the same one. */
  async lend<T>(codec: VideoCodec, firstUnit: AccessUnit | undefined, work: (decoder: VideoDecoder) => Promise<T>): Promise<T> {
    const size = firstUnit === undefined ? null : parseVideoSize(codec, firstUnit.data);
    if (size !== null) return work(this.#warm(codec, `${codec} ${size.widthPx}x${size.heightPx}`));
    const decoder = new VideoDecoder(codec);
    try {
      return await work(decoder);
    } finally {
      decoder.close();
    }
  }

  close(): void {
    for (const decoder of this.#kept.values()) decoder.close();
    this.#kept.clear();
  }

  #warm(codec: VideoCodec, key: string): VideoDecoder {
    const decoder = this.#kept.get(key) ?? new VideoDecoder(codec);
    this.#kept.delete(key);
    this.#kept.set(key, decoder);
    for (const [oldest, idle] of this.#kept) {
      if (this.#kept.size <= KEPT) break;
      idle.close();
      this.#kept.delete(oldest);
    }
    return decoder;
  }
}
