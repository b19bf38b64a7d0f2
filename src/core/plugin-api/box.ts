declare const box01: unique symbol;

/**
 * An axis-aligned box in the displayed frame: 0..1 on both axes, origin top-left, `x`,`y` the top-left corner.
 * Branded so that pixel boxes or letterboxed boxes cannot be passed by mistake: make one with a named constructor.
 */
export interface Box01 {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly [box01]?: never;
}

/**
 * How a frame of the stream was fitted into the analyzer's input frame. Everything in pixels of the input frame:
 * the picture covers `contentWidthPx` x `contentHeightPx` at offset (`offsetXPx`, `offsetYPx`).
 */
export interface FitTransform {
  readonly frameWidthPx: number;
  readonly frameHeightPx: number;
  readonly offsetXPx: number;
  readonly offsetYPx: number;
  readonly contentWidthPx: number;
  readonly contentHeightPx: number;
}

const clamp01 = (v: number): number => (v < 0 ? 0 : v > 1 ? 1 : v);

function make(x0: number, y0: number, x1: number, y1: number): Box01 {
  if (![x0, y0, x1, y1].every(Number.isFinite)) throw new RangeError('A box needs four finite numbers');
  const x = clamp01(Math.min(x0, x1));
  const y = clamp01(Math.min(y0, y1));
  return { x, y, width: clamp01(Math.max(x0, x1)) - x, height: clamp01(Math.max(y0, y1)) - y };
}

/** Named constructors for {@link Box01}, one per coordinate system that models use. Results are clamped to 0..1. */
export const Box = {
  /** From 0..1 coordinates of the displayed frame. @example Box.from01(0.1, 0.2, 0.3, 0.4) */
  from01: (x: number, y: number, width: number, height: number): Box01 => make(x, y, x + width, y + height),
  /** From two corners in pixels of the analyzer's input frame; undoes the letterbox. */
  fromInputCornersPx: (x0: number, y0: number, x1: number, y1: number, fit: FitTransform): Box01 =>
    make(
      (x0 - fit.offsetXPx) / fit.contentWidthPx,
      (y0 - fit.offsetYPx) / fit.contentHeightPx,
      (x1 - fit.offsetXPx) / fit.contentWidthPx,
      (y1 - fit.offsetYPx) / fit.contentHeightPx,
    ),
  /** From centre and size in pixels of the analyzer's input frame (YOLO's `cxcywh`); undoes the letterbox. */
  fromInputCentrePx: (cx: number, cy: number, w: number, h: number, fit: FitTransform): Box01 =>
    Box.fromInputCornersPx(cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, fit),
  /** Intersection over union of two boxes, 0..1. */
  iou(a: Box01, b: Box01): number {
    const iw = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
    const ih = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
    if (iw <= 0 || ih <= 0) return 0;
    const inter = iw * ih;
    return inter / (a.width * a.height + b.width * b.height - inter);
  },
} as const;
