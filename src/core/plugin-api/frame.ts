import type { AudioSpec } from './audio.js';
import type { FitTransform } from './box.js';
import type { PtsUs } from './time.js';

/** Which frames of a segment an analyzer wants. Core decodes the union once and gives each analyzer its own share. */
export type Sampling =
  /** Only keyframes (IDR): ten times cheaper than any other choice. */
  | { readonly keyframes: true }
  /** About `fps` frames per second of media, evenly spaced by pts; never more than the stream has. */
  | { readonly fps: number }
  /** Every frame. */
  | { readonly all: true };

export type PixelFormat = 'rgb24' | 'gray8';

/** The form of the pictures that an analyzer asks for. The decoding process scales them; full frames never leave it. */
export interface FrameSpec {
  readonly widthPx: number;
  readonly heightPx: number;
  /** `letterbox` keeps the aspect ratio and pads with grey (114); `stretch` does not; `inside` shrinks to fit, no padding. */
  readonly fit: 'letterbox' | 'stretch' | 'inside';
  readonly format: PixelFormat;
}

/** Which pictures an analyzer wants, and in what shape. */
export interface PictureInput {
  readonly sampling: Sampling;
  readonly frame: FrameSpec;
  /** It emits `evidence`: core holds the decoded pictures it looked at until the segment's end. Default false. */
  readonly evidence?: boolean;
}

/** What an analyzer declares about its input: pictures (`sampling` and `frame` together), sound (`audio`), or both. */
export interface AnalyzerInput extends Partial<PictureInput> {
  readonly audio?: AudioSpec;
}

/** Whether the input asks for pictures. */
export function wantsPictures(input: AnalyzerInput): input is AnalyzerInput & PictureInput {
  return input.sampling !== undefined && input.frame !== undefined;
}

/** One decoded picture. Valid until `process` resolves; copy `data` to keep it. */
export interface Frame {
  readonly ptsUs: PtsUs;
  /** Display order within the segment's decoded access units, 0-based. */
  readonly index: number;
  readonly keyframe: boolean;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: PixelFormat;
  /** Packed rows, no padding: `widthPx * heightPx * (3 | 1)` bytes. */
  readonly data: Uint8Array;
  /** Maps input pixels back to the displayed frame: pass to {@link Box}. */
  readonly fit: FitTransform;
}
