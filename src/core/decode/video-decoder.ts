import { Codec, CodecContext, Frame as AvFrame, Log, Packet } from 'node-av/lib';
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP9,
  AV_LOG_FATAL,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from 'node-av/constants';
import { libavOk } from './libav.js';
import type { AccessUnit, VideoCodec } from './segment/index.js';

const CODEC_IDS = { h264: AV_CODEC_ID_H264, hevc: AV_CODEC_ID_HEVC, av1: AV_CODEC_ID_AV1, vp9: AV_CODEC_ID_VP9 } as const;
/** libav's own mark on a picture that was concealed or built on missing ones. */
const FRAME_FLAG_CORRUPT = 1;

/** Pictures above this are refused before anything is allocated for them. */
export const MAX_PICTURE_PIXELS = 8192 * 8192;

/** Position of pictures that were decoded only because others build on them. */
export const OF_LEAD = -1;

/** One decoded picture. `av` is reused: it is valid until the next one is asked for. */
export interface DecodedPicture {
  /** Position in decode order of the unit it came from; {@link OF_LEAD} for pictures of what went before. */
  readonly position: number;
  readonly av: AvFrame;
  /** Errors were concealed, or pictures it refers to are missing. */
  readonly damaged: boolean;
}

/**
 * A warm decoder: node-av's synchronous calls on one thread, no demuxer, no filter graph. Segments are independent: it is
 * flushed between them, so that it may serve any stream of its codec and picture size.
 */
export class VideoDecoder {
  private readonly context = new CodecContext();
  private readonly packet = new Packet();
  private readonly frame = new AvFrame();

  constructor(codec: VideoCodec) {
    const decoder = Codec.findDecoder(CODEC_IDS[codec]);
    this.context.allocContext3(decoder);
    this.context.threadCount = 1;
    libavOk(this.context.setOption('max_pixels', MAX_PICTURE_PIXELS), 'limiting the size of pictures');
    libavOk(this.context.open2Sync(decoder, null), 'opening the decoder');
    this.packet.alloc();
    this.frame.alloc();
  }

  /** Bytes from the network make libav talkative: a broken segment is reported once, by its run. */
  static quietLibav(): void {
    Log.setLevel(AV_LOG_FATAL);
  }

  /**
   * Decodes the units at `positions` and gives their pictures in display order.
   * The unit's position travels through the decoder in place of a pts, which a damaged file may repeat.
   * @param lead units that go before, of the segment before
   */
  *pictures(
    units: readonly AccessUnit[],
    positions: readonly number[],
    lead: readonly AccessUnit[] = [],
  ): Generator<DecodedPicture, void, void> {
    try {
      for (const unit of lead) yield* this.decoded(unit, OF_LEAD);
      for (const position of positions) {
        const unit = units[position];
        if (unit !== undefined) yield* this.decoded(unit, position);
      }
      this.context.sendPacketSync(null);
      yield* this.received();
    } finally {
      this.frame.unref();
      this.packet.unref();
      this.context.flushBuffers();
    }
  }

  private *decoded(unit: AccessUnit, position: number): Generator<DecodedPicture, void, void> {
    this.packet.data = unit.data;
    this.packet.pts = BigInt(position);
    this.packet.isKeyframe = unit.keyframe;
    // A unit it refuses gives no picture, which is counted by whoever expects one.
    this.context.sendPacketSync(this.packet);
    yield* this.received();
  }

  private *received(): Generator<DecodedPicture, void, void> {
    for (;;) {
      const status = this.context.receiveFrameSync(this.frame);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
      if (status < 0) continue;
      const damaged = this.frame.decodeErrorFlags !== 0 || (this.frame.flags & FRAME_FLAG_CORRUPT) !== 0;
      yield { position: Number(this.frame.pts), av: this.frame, damaged };
      this.frame.unref();
    }
  }

  close(): void {
    this.frame.free();
    this.packet.free();
    this.context.freeContext();
  }
}
