import { av1Size, obus, sequenceHeaderOf, videoFormatOf, vp9KeyframeSize, type VideoFormat } from '../../decode/codec/index.js';
import { mediaError } from '../../errors/media.errors.js';
import type { EncodedFrame, PushedVideoTrack } from '../../plugin-api/index.js';
import { NalFrame } from './nal-frame.js';

type Size = NonNullable<VideoFormat['size']>;

/** What is written of a picture. */
export interface PictureSample {
  readonly data: Buffer;
  /** A decoder can start here. */
  readonly isEntry: boolean;
}

const AV1_CONFIGURATION_BYTES = 4;
const [TEMPORAL_DELIMITER, AV1_FRAME_HEADER, AV1_FRAME] = [2, 3, 6];

/** Checks pictures of one track and gives them the form that they have in ISO BMFF. */
export class PictureSamples {
  readonly format: VideoFormat;
  private known: Size | undefined;
  private readonly nal: NalFrame | undefined;

  /** @throws VD_MEDIA_CODEC_CONFIG_INVALID */
  constructor(private readonly track: PushedVideoTrack) {
    this.format = videoFormatOf(track);
    this.known = this.format.size;
    const { codec } = track;
    if (codec === 'h264' || codec === 'hevc') this.nal = new NalFrame(codec, this.format.nal!.lengthBytes);
  }

  /** Size of the pictures: by the configuration, or by the first keyframe that said it. */
  get size(): Size | undefined {
    return this.known;
  }

  /** @throws VD_MEDIA_FRAME_DAMAGED */
  read({ data, keyframe }: EncodedFrame): PictureSample {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (this.nal !== undefined) {
      this.nal.read(data);
      return { data: bytes, isEntry: keyframe || this.nal.isEntry };
    }
    return { data: this.track.codec === 'av1' ? this.av1(bytes, keyframe) : this.vp9(bytes, keyframe), isEntry: keyframe };
  }

  private vp9(data: Buffer, keyframe: boolean): Buffer {
    // Two bits that each frame begins with.
    if (data.length === 0 || data[0]! >> 6 !== 2) throw damaged(data, 'a frame of VP9');
    if (keyframe) {
      const size = vp9KeyframeSize(data);
      if (size === null) throw damaged(data, 'a keyframe of VP9');
      this.known ??= size;
    }
    return data;
  }

  private av1(data: Buffer, keyframe: boolean): Buffer {
    try {
      let from = 0;
      let hasFrame = false;
      let sequence: Uint8Array | undefined;
      for (const { type, whole, payload } of obus(data)) {
        if (type === TEMPORAL_DELIMITER && whole.byteOffset === data.byteOffset + from) from += whole.length;
        hasFrame ||= type === AV1_FRAME || type === AV1_FRAME_HEADER;
        if (type === 1) sequence = payload;
      }
      if (!hasFrame) throw damaged(data, 'a frame of AV1');
      const units = data.subarray(from);
      if (!keyframe) return units;
      if (sequence !== undefined) {
        this.known ??= av1Size(sequence);
        return units;
      }
      const own = sequenceHeaderOf(this.track.configuration.subarray(AV1_CONFIGURATION_BYTES));
      return own === undefined ? units : Buffer.concat([own.whole, units]);
    } catch (error) {
      if (error instanceof RangeError) throw damaged(data, error.message);
      throw error;
    }
  }
}

function damaged(data: Buffer, what: string): Error {
  return mediaError('VD_MEDIA_FRAME_DAMAGED', `${data.length} bytes are not ${what}`);
}
