import { Codec, CodecContext, Packet, Rational, type CodecParameters, type Frame as AvFrame } from 'node-av/lib';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_NOPTS_VALUE,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import type { MediaEncoding, PushedVideoCodec } from '../../plugin-api/index.js';
import { libavOk } from '../libav.js';
import type { TimedBytes, Track, TrackSink } from './copied-track.js';
import { FilterChain, type FilterStep } from '../filter-chain.js';
import type { FrameDecoder } from './frame-decoder.js';
import { NalStream } from './nal-stream.js';
import { isInterlaced, turnsOf, type QuarterTurns } from './passing.js';

const MICROSECONDS = { num: 1, den: 1_000_000 };
/** More than that on, or any way back: the source's clock is another one, and the encoder begins anew. */
const MAX_STEP_US = 10_000_000n;
const TURNS: Readonly<Record<QuarterTurns, readonly FilterStep[]>> = {
  0: [],
  1: [['transpose', 'clock']],
  2: [['hflip'], ['vflip']],
  3: [['transpose', 'cclock']],
};
/** Pixels as wide as they are high, sides that 4:2:0 has. */
const SQUARE: readonly FilterStep[] = [
  ['scale', "w='max(2,trunc(iw*if(gt(sar,0),sar,1)/2)*2)':h='max(2,trunc(ih/2)*2)':flags=bilinear"],
  ['setsar', '1'],
  ['format', 'yuv420p'],
];

const ENCODER_OPTIONS = [
  ['preset', 'ultrafast'],
  ['tune', 'zerolatency'],
  ['forced-idr', '1'],
  ['x264-params', 'scenecut=0:log-level=none'],
] as const;

interface Encoder {
  readonly context: CodecContext;
  readonly nals: NalStream;
}

/** Pictures that are decoded, made upright and progressive, with square pixels and 8 bits, and encoded to H.264. */
export class EncodedVideo implements Track {
  private readonly packet = new Packet();
  private readonly filters: readonly FilterStep[];
  private chain: FilterChain | undefined;
  private encoder: Encoder | undefined;
  private shape = '';
  private lastUs: bigint | undefined;
  private keyframeAtUs: bigint | undefined;

  constructor(
    private readonly decoder: FrameDecoder,
    parameters: CodecParameters,
    private readonly encoding: MediaEncoding,
    private readonly framesPerSecond: number,
    private readonly sink: TrackSink<PushedVideoCodec>,
  ) {
    this.packet.alloc();
    const deinterlaced: readonly FilterStep[] = isInterlaced(parameters) ? [['bwdif', 'mode=send_frame']] : [];
    this.filters = [...deinterlaced, ...TURNS[turnsOf(parameters)], ...SQUARE];
  }

  configure(): void {
    // The decoder finds parameter sets where they are.
  }

  take(coded: TimedBytes): void {
    if (!this.decoder.send(coded)) this.sink.lost('damaged');
    for (const picture of this.decoder.received()) this.encode(picture);
  }

  finish(): void {
    this.decoder.send(null);
    for (const picture of this.decoder.received()) this.encode(picture);
    this.end();
  }

  private encode(picture: AvFrame): void {
    const stamp = picture.pts === AV_NOPTS_VALUE ? picture.bestEffortTimestamp : picture.pts;
    const { num, den } = picture.sampleAspectRatio;
    const shape = `${picture.width}x${picture.height} ${picture.format} ${num}:${den}`;
    const step = this.lastUs === undefined ? 1n : stamp - this.lastUs;
    if (shape !== this.shape || step <= 0n || step > MAX_STEP_US) this.begin(picture, shape);
    this.lastUs = picture.pts = stamp;
    for (const upright of this.chain!.pass(picture)) this.send(upright);
  }

  private begin({ width, height, format, sampleAspectRatio: { num, den } }: AvFrame, shape: string): void {
    this.end();
    this.shape = shape;
    const aspect = num > 0 && den > 0 ? `${num}/${den}` : '1/1';
    const source = `video_size=${width}x${height}:pix_fmt=${format}:time_base=1/${MICROSECONDS.den}:pixel_aspect=${aspect}`;
    this.chain = new FilterChain(['buffer', source], this.filters);
  }

  /** Gives what is under way, and lets everything go. */
  private end(): void {
    if (this.chain !== undefined) for (const upright of this.chain.pass(null)) this.send(upright);
    if (this.encoder !== undefined) this.drain(this.encoder, null);
    this.encoder?.context.freeContext();
    this.chain?.close();
    this.chain = this.encoder = this.keyframeAtUs = undefined;
    this.shape = '';
  }

  private send(picture: AvFrame): void {
    const encoder = (this.encoder ??= this.open(picture));
    const { gopSeconds } = this.encoding;
    const { num, den } = this.chain!.timeBase;
    picture.pts = (picture.pts * BigInt(num) * 1_000_000n) / BigInt(den);
    const isDue = this.keyframeAtUs === undefined || picture.pts - this.keyframeAtUs >= BigInt(Math.round(gopSeconds * 1e6) - 1000);
    if (isDue) this.keyframeAtUs = picture.pts;
    picture.pictType = isDue ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    this.drain(encoder, picture);
  }

  private open({ width, height, colorRange, colorSpace, colorPrimaries, colorTrc }: AvFrame): Encoder {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
    if (codec === null) throw new Error('libav has no encoder for H.264');
    const context = new CodecContext();
    context.allocContext3(codec);
    Object.assign(context, { width, height, pixelFormat: AV_PIX_FMT_YUV420P, colorRange, colorSpace, colorPrimaries, colorTrc });
    context.timeBase = new Rational(MICROSECONDS.num, MICROSECONDS.den);
    context.framerate = new Rational(Math.round(this.framesPerSecond * 1000), 1000);
    const bitrate = this.encoding.bitrateKbps * 1000;
    context.bitRate = context.rcMaxRate = BigInt(bitrate);
    context.rcBufferSize = 2 * bitrate;
    context.gopSize = 100_000;
    context.maxBFrames = 0;
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    for (const [name, value] of ENCODER_OPTIONS) libavOk(context.setOption(name, value), `setting ${name} of the encoder`);
    libavOk(context.open2Sync(codec, null), 'opening the encoder of H.264');
    const nals = new NalStream('h264');
    if (context.extraData !== null) nals.announce(context.extraData);
    return { context, nals };
  }

  private drain({ context, nals }: Encoder, picture: AvFrame | null): void {
    if (context.sendFrameSync(picture) < 0 && picture !== null) this.sink.lost('damaged');
    while (context.receivePacketSync(this.packet) >= 0) {
      const { data, pts, dts, isKeyframe } = this.packet;
      const frame = nals.take(data!);
      const news = nals.news();
      if (news !== undefined) this.sink.format('h264', news);
      this.sink.frame({ dtsUs: Number(dts), ptsUs: Number(pts), keyframe: isKeyframe, data: frame });
      this.packet.unref();
    }
  }
}
