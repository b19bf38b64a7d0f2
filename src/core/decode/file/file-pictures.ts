import { Codec, CodecContext, CodecParameters, Frame, Packet, Rational, type Stream } from 'node-av/lib';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { importError } from '../../errors/import.errors.js';
import type { EncodedFrame, PtsUs, PushedVideoTrack } from '../../plugin-api/index.js';
import { libavOk } from '../libav.js';
import { MAX_PICTURE_PIXELS } from '../video-decoder.js';
import { DecodedClock } from './decoded-clock.js';
import { FilterChain, type FilterStep } from '../filter-chain.js';
import { lengthPrefixed } from './length-prefixed.js';
import { asStored, rescaledUs } from './file-clock.js';
import { receivedFrames } from './received-frames.js';
import type { TrackReader } from './track-reader.js';

/** Microseconds, as everything here is counted in. */
const TIME_BASE = new Rational(1, 1_000_000);
const KEYFRAME_EVERY_US = 2_000_000;
/** Good enough that nobody sees it beside the file, and as fast as that may be. No picture is shown in another order than it is decoded. */
const ENCODER = { preset: 'veryfast', crf: '20', 'forced-idr': '1', 'x264-params': 'bframes=0:scenecut=0:keyint=100000' } as const;

export interface FilePicturesOptions {
  readonly stream: Stream;
  readonly shiftUs: number;
  /** What makes the pictures progressive, upright and square; they are scaled to `size` after it. */
  readonly filters: readonly FilterStep[];
  readonly size: { readonly widthPx: number; readonly heightPx: number };
}

/** Pictures decoded, put upright and encoded as H.264 that every browser shows. */
export class FilePictures implements TrackReader<PushedVideoTrack> {
  readonly track: PushedVideoTrack;
  fromUs = Number.NEGATIVE_INFINITY;
  readonly missing = 0;
  private readonly decoder = new CodecContext();
  private readonly encoder = new CodecContext();
  private readonly picture = new Frame();
  private readonly out = new Packet();
  private readonly clock = new DecodedClock();
  private chain: FilterChain | undefined;
  private shape = '';
  private lastKeyUs: PtsUs | undefined;
  private lastUs: PtsUs | undefined;

  constructor(private readonly options: FilePicturesOptions) {
    const { codecpar, timeBase } = options.stream;
    const codec = Codec.findDecoder(codecpar.codecId);
    if (codec === null) throw importError('VD_IMPORT_CODEC_UNSUPPORTED', `There is no decoder for ${codecpar.codecTagString}`);
    this.decoder.allocContext3(codec);
    libavOk(this.decoder.parametersToContext(codecpar), 'setting up a decoder');
    this.decoder.pktTimebase = timeBase;
    libavOk(this.decoder.setOption('max_pixels', MAX_PICTURE_PIXELS), 'limiting the size of pictures');
    libavOk(this.decoder.open2Sync(codec, null), 'opening a decoder');
    this.picture.alloc();
    this.out.alloc();
    this.track = { codec: 'h264', configuration: this.openEncoder() };
  }

  take(packet: Packet): EncodedFrame[] {
    // What it refuses gives no picture.
    this.decoder.sendPacketSync(packet);
    return this.decoded();
  }

  finish(): EncodedFrame[] {
    this.decoder.sendPacketSync(null);
    const frames = this.decoded();
    if (this.chain !== undefined) frames.push(...this.filteredFrames(this.chain, null));
    this.encoder.sendFrameSync(null);
    return [...frames, ...this.encoded()];
  }

  close(): void {
    this.chain?.close();
    this.picture.free();
    this.out.free();
    this.decoder.freeContext();
    this.encoder.freeContext();
  }

  private openEncoder(): Uint8Array {
    const { encoder } = this;
    const { widthPx, heightPx } = this.options.size;
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
    encoder.allocContext3(codec);
    encoder.width = widthPx;
    encoder.height = heightPx;
    encoder.pixelFormat = AV_PIX_FMT_YUV420P;
    encoder.timeBase = TIME_BASE;
    encoder.sampleAspectRatio = new Rational(1, 1);
    encoder.threadCount = 0; // as many as there are cores
    encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    for (const [name, value] of Object.entries(ENCODER)) libavOk(encoder.setOption(name, value), `setting ${name} of an encoder`);
    libavOk(encoder.open2Sync(codec, null), 'opening an encoder');
    const parameters = new CodecParameters();
    parameters.alloc();
    libavOk(parameters.fromContext(encoder), 'asking an encoder for its configuration');
    const record = parameters.getDecoderConfigurationRecord();
    parameters.free();
    if (record === null) throw importError('VD_IMPORT_READER_FAILED', 'The encoder does not say how it is decoded');
    return Uint8Array.from(record);
  }

  private decoded(): EncodedFrame[] {
    const frames: EncodedFrame[] = [];
    for (const picture of receivedFrames(this.decoder, this.picture)) {
      const chain = this.chainFor(picture, frames);
      picture.pts = this.clock.shownAt(picture);
      frames.push(...this.filteredFrames(chain, picture));
    }
    return frames;
  }

  /** @param picture null: what is left */
  private filteredFrames(chain: FilterChain, picture: Frame | null): EncodedFrame[] {
    const frames: EncodedFrame[] = [];
    for (const filtered of chain.pass(picture)) {
      const us = asStored(rescaledUs(filtered.pts, chain.timeBase) + this.options.shiftUs);
      if (us >= this.fromUs && us > (this.lastUs ?? Number.NEGATIVE_INFINITY)) {
        this.lastUs = us;
        const isKey = this.lastKeyUs === undefined || us - this.lastKeyUs >= KEYFRAME_EVERY_US;
        if (isKey) this.lastKeyUs = us;
        filtered.pts = BigInt(us);
        filtered.pictType = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
        libavOk(this.encoder.sendFrameSync(filtered), 'encoding a picture');
        frames.push(...this.encoded());
      }
    }
    return frames;
  }

  private encoded(): EncodedFrame[] {
    const frames: EncodedFrame[] = [];
    while (this.encoder.receivePacketSync(this.out) >= 0) {
      const { pts, dts, data, isKeyframe } = this.out;
      if (data !== null)
        frames.push({
          track: 'video',
          dtsUs: Number(dts),
          ptsUs: Number(pts),
          keyframe: isKeyframe,
          data: Uint8Array.from(lengthPrefixed(data)),
        });
      this.out.unref();
    }
    return frames;
  }

  /** Pictures may change in size and format within a file; what comes out does not. */
  private chainFor(picture: Frame, frames: EncodedFrame[]): FilterChain {
    const { timeBase } = this.options.stream;
    const { num, den } = picture.sampleAspectRatio;
    const aspect = num > 0 && den > 0 ? `${num}/${den}` : '1/1';
    const source =
      `video_size=${picture.width}x${picture.height}:pix_fmt=${picture.format}:time_base=${timeBase.num}/${timeBase.den}` +
      `:pixel_aspect=${aspect}:colorspace=${picture.colorSpace}:range=${picture.colorRange}`;
    if (this.chain !== undefined && source === this.shape) return this.chain;
    if (this.chain !== undefined) {
      frames.push(...this.filteredFrames(this.chain, null));
      this.chain.close();
    }
    const { filters, size } = this.options;
    this.shape = source;
    this.chain = new FilterChain(
      ['buffer', source],
      [...filters, ['scale', `w=${size.widthPx}:h=${size.heightPx}:flags=bicubic`], ['format', 'pix_fmts=yuv420p'], ['setsar', '1']],
    );
    return this.chain;
  }
}
