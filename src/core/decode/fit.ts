import type { FitTransform, FrameSpec } from '../plugin-api/index.js';

/** A decoded picture's size; `sampleAspect` is the width of one pixel divided by its height. */
export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sampleAspect: number;
}

/**
 * Where a picture lands in the frame an analyzer asked for. Aspect ratios are those of the displayed picture, so that
 * anamorphic video is not squeezed.
 * @example
 *   fitPicture({ widthPx: 640, heightPx: 640, fit: 'letterbox', format: 'rgb24' }, { widthPx: 1280, heightPx: 720, sampleAspect: 1 })
 *   // 640x360 at (0, 140)
 */
export function fitPicture(spec: FrameSpec, picture: PictureSize): FitTransform {
  if (spec.fit === 'stretch') return placed(spec.widthPx, spec.heightPx, spec.widthPx, spec.heightPx);
  const displayWidth = picture.widthPx * picture.sampleAspect;
  const scale = Math.min(spec.widthPx / displayWidth, spec.heightPx / picture.heightPx);
  if (spec.fit === 'letterbox') {
    return placed(spec.widthPx, spec.heightPx, whole(displayWidth * scale, spec.widthPx), whole(picture.heightPx * scale, spec.heightPx));
  }
  const shrink = Math.min(1, scale);
  const width = whole(displayWidth * shrink, spec.widthPx);
  const height = whole(picture.heightPx * shrink, spec.heightPx);
  return placed(width, height, width, height);
}

const whole = (size: number, limit: number): number => Math.min(limit, Math.max(1, Math.round(size)));

function placed(frameWidthPx: number, frameHeightPx: number, contentWidthPx: number, contentHeightPx: number): FitTransform {
  return {
    frameWidthPx,
    frameHeightPx,
    contentWidthPx,
    contentHeightPx,
    offsetXPx: (frameWidthPx - contentWidthPx) >> 1,
    offsetYPx: (frameHeightPx - contentHeightPx) >> 1,
  };
}
