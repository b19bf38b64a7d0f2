import { Frame as AvFrame, SoftwareScaleContext } from 'node-av/lib';
import {
  AV_FRAME_FLAG_INTERLACED,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AVCHROMA_LOC_UNSPECIFIED,
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_FCC,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_SMPTE240M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_UNSPECIFIED,
  type AVColorSpace,
} from 'node-av/constants';
import type { FitTransform, FrameSpec } from '../plugin-api/index.js';
import { fitPicture } from './fit.js';
import { libavOk } from './libav.js';

/** The grey that detection models are trained to ignore. */
const PADDING = 114;
const CHANNELS = { rgb24: 3, gray8: 1 } as const;
const PIXEL_FORMATS = { rgb24: AV_PIX_FMT_RGB24, gray8: AV_PIX_FMT_GRAY8 } as const;

/**
 * Matrices that swscale knows. It refuses pictures that declare another (YCgCo, ICtCp); taken as undeclared they are scaled as `ffmpeg
 * -vf scale` does.
 */
const MATRICES = new Set([
  ...[AVCOL_SPC_RGB, AVCOL_SPC_BT709, AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_FCC],
  ...[AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_SMPTE240M, AVCOL_SPC_BT2020_NCL],
]);

/** A picture in the shape an analyzer asked for, in memory of our own that is reused slot by slot. */
export interface ScaledPicture {
  readonly data: Uint8Array;
  readonly fit: FitTransform;
}

/**
 * Scales decoded pictures to one {@link FrameSpec}: swscale's fast bilinear, with the matrix and range the stream declares.
 * Gamut and transfer are left alone and chroma is taken as centred, which is what `ffmpeg -vf scale` does too. Of an interlaced
 * picture both fields are looked at, as one picture of woven lines: what moves shows a comb of half a frame's time.
 */
export class FrameScaler {
  private scaler: SoftwareScaleContext | null = null;
  private target: AvFrame | null = null;
  private targetPixels: Buffer = Buffer.alloc(0);
  private sourceShape = '';
  private fit: FitTransform | null = null;
  private readonly slots: Uint8Array[] = [];

  constructor(readonly spec: FrameSpec) {}

  /** Scales into slot `slot`; what was there before is overwritten. */
  scale(picture: AvFrame, slot: number): ScaledPicture {
    const fit = this.prepare(picture);
    picture.chromaLocation = AVCHROMA_LOC_UNSPECIFIED;
    picture.colorPrimaries = AVCOL_PRI_UNSPECIFIED;
    picture.colorTrc = AVCOL_TRC_UNSPECIFIED;
    // swscale refuses to make a progressive picture of one that is marked as interlaced.
    picture.clearFlags(AV_FRAME_FLAG_INTERLACED);
    const declaredMatrix = picture.colorSpace;
    picture.colorSpace = this.matrixOf(declaredMatrix);
    const status = this.scaler!.scaleFrameSync(this.target!, picture);
    picture.colorSpace = declaredMatrix;
    libavOk(status, 'scaling a picture');
    const data = this.slot(slot, fit);
    this.place(data, fit);
    return { data, fit };
  }

  close(): void {
    this.scaler?.freeContext();
    this.target?.free();
    this.scaler = null;
    this.target = null;
    this.sourceShape = '';
    this.slots.length = 0;
  }

  private prepare(picture: AvFrame): FitTransform {
    const { num, den } = picture.sampleAspectRatio;
    const shape = `${picture.width}x${picture.height} ${picture.format} ${num}:${den} ${picture.colorSpace} ${picture.colorRange}`;
    if (shape === this.sourceShape && this.fit !== null) return this.fit;
    this.close();
    const sampleAspect = num > 0 && den > 0 ? num / den : 1;
    const fit = fitPicture(this.spec, { widthPx: picture.width, heightPx: picture.height, sampleAspect });
    const scaler = new SoftwareScaleContext();
    scaler.allocContext();
    libavOk(scaler.setOption('sws_flags', 'fast_bilinear'), 'setting up the scaler');
    const target = new AvFrame();
    target.alloc();
    target.width = fit.contentWidthPx;
    target.height = fit.contentHeightPx;
    target.format = PIXEL_FORMATS[this.spec.format];
    target.colorRange = AVCOL_RANGE_JPEG;
    target.colorSpace = this.spec.format === 'rgb24' ? AVCOL_SPC_RGB : AVCOL_SPC_UNSPECIFIED;
    libavOk(target.getBuffer(1), 'allocating a picture');
    this.scaler = scaler;
    this.target = target;
    this.targetPixels = target.data?.[0] ?? Buffer.alloc(0);
    this.sourceShape = shape;
    this.fit = fit;
    return fit;
  }

  private matrixOf(declared: AVColorSpace): AVColorSpace {
    // Luma is luma in every matrix; with one declared, swscale would convert by way of RGB.
    if (this.spec.format === 'gray8' && declared !== AVCOL_SPC_RGB) return AVCOL_SPC_UNSPECIFIED;
    return MATRICES.has(declared) ? declared : AVCOL_SPC_UNSPECIFIED;
  }

  /** Memory handed to plugins is JavaScript's, not libav's: one that keeps it too long sees newer pixels, nothing worse. */
  private slot(slot: number, fit: FitTransform): Uint8Array {
    const sizeBytes = fit.frameWidthPx * fit.frameHeightPx * CHANNELS[this.spec.format];
    return (this.slots[slot] ??= new Uint8Array(sizeBytes).fill(PADDING));
  }

  private place(data: Uint8Array, fit: FitTransform): void {
    const channels = CHANNELS[this.spec.format];
    const rowBytes = fit.contentWidthPx * channels;
    const frameRowBytes = fit.frameWidthPx * channels;
    const strideBytes = this.target?.linesize[0] ?? rowBytes;
    const at = fit.offsetYPx * frameRowBytes + fit.offsetXPx * channels;
    if (rowBytes === frameRowBytes && strideBytes === rowBytes) {
      data.set(this.targetPixels.subarray(0, rowBytes * fit.contentHeightPx), at);
      return;
    }
    for (let row = 0; row < fit.contentHeightPx; row++) {
      data.set(this.targetPixels.subarray(row * strideBytes, row * strideBytes + rowBytes), at + row * frameRowBytes);
    }
  }
}
