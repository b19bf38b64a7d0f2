import type { Frame, Model } from 'vedette/plugin';
import { infer, SIDE_STEP_PX, unfit } from './networks.js';
import { scaled, type TurnedRect } from './quad.js';
import { textRegions } from './text-regions.js';

/** How far text was shrunk in training, as area over perimeter. */
const GROWTH = 1.5;
/** Of ImageNet, in the order that the network was trained with: its channels are blue, green, red. */
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;

/** A line of text in pixels of the frame. */
export interface TextRegion {
  readonly rect: TurnedRect;
  readonly score: number;
}

/** Finds lines of text in a frame. */
export class TextSearch {
  /** @param longSidePx of the network's picture; a smaller frame is not enlarged */
  constructor(
    private readonly model: Model,
    private readonly longSidePx: number,
    private readonly minScore: number,
  ) {}

  /** @returns best first */
  async find(frame: Frame): Promise<TextRegion[]> {
    const shrink = Math.min(1, this.longSidePx / Math.max(frame.widthPx, frame.heightPx));
    const [widthPx, heightPx] = [frame.widthPx, frame.heightPx].map((px) =>
      Math.max(SIDE_STEP_PX, Math.round((px * shrink) / SIDE_STEP_PX) * SIDE_STEP_PX),
    ) as [number, number];
    const { data, dims } = await infer(this.model, planesOf(frame, widthPx, heightPx), [1, 3, heightPx, widthPx]);
    if (data.length !== widthPx * heightPx)
      throw unfit(this.model, `it answered ${dims.join('x')} for a picture of ${widthPx}x${heightPx}`);
    const [byX, byY] = [frame.widthPx / widthPx, frame.heightPx / heightPx];
    return textRegions({ data, widthPx, heightPx }, this.minScore, GROWTH).map(({ rect, score }) => ({
      rect: scaled(rect, byX, byY),
      score,
    }));
  }
}

interface Tap {
  readonly from: number;
  readonly to: number;
  /** Weight of `to`. */
  readonly share: number;
}

/** Where each pixel of the smaller side lies in the larger one: between two pixels. */
function taps(smallPx: number, largePx: number): Tap[] {
  return Array.from({ length: smallPx }, (_, i) => {
    const at = Math.min(largePx - 1, Math.max(0, ((i + 0.5) * largePx) / smallPx - 0.5));
    const from = Math.floor(at);
    return { from, to: Math.min(largePx - 1, from + 1), share: at - from };
  });
}

/** The frame as the network takes it: shrunk, blue first, normalised. */
function planesOf({ data, widthPx, heightPx }: Frame, toWidthPx: number, toHeightPx: number): Float32Array {
  const planes = new Float32Array(3 * toWidthPx * toHeightPx);
  const columns = taps(toWidthPx, widthPx);
  const plane = toWidthPx * toHeightPx;
  let at = 0;
  for (const { from: top, to: bottom, share: down } of taps(toHeightPx, heightPx)) {
    for (const { from: left, to: right, share } of columns) {
      const [a, b] = [(top * widthPx + left) * 3, (top * widthPx + right) * 3];
      const [c, d] = [(bottom * widthPx + left) * 3, (bottom * widthPx + right) * 3];
      for (let channel = 0; channel < 3; channel++) {
        const upper = data[a + channel]! * (1 - share) + data[b + channel]! * share;
        const lower = data[c + channel]! * (1 - share) + data[d + channel]! * share;
        const bgr = 2 - channel;
        planes[bgr * plane + at] = ((upper * (1 - down) + lower * down) / 255 - MEAN[bgr]!) / STD[bgr]!;
      }
      at++;
    }
  }
  return planes;
}
