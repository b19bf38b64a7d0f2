import type { Frame } from 'vedette/plugin';
import type { TurnedRect } from './quad.js';

/** A line of text cut out of a frame and laid level. */
export interface Strip {
  readonly widthPx: number;
  readonly heightPx: number;
  /** RGB rows, 0..255. */
  readonly data: Float32Array;
}

/** Samples a side within one pixel of the strip, at most: more would cost more than a smoother strip is worth. */
const MAX_SAMPLES = 4;

/** Cuts a line out; `widthPx` and `heightPx` are the strip's. What lies beyond the frame continues its edge. */
export function stripOf(frame: Frame, { centre, along, halfLength, halfHeight }: TurnedRect, widthPx: number, heightPx: number): Strip {
  const data = new Float32Array(widthPx * heightPx * 3);
  const [stepAlong, stepAcross] = [(2 * halfLength) / widthPx, (2 * halfHeight) / heightPx];
  const samplesAlong = samplesFor(stepAlong);
  const samplesAcross = samplesFor(stepAcross);
  const weight = 1 / (samplesAlong * samplesAcross);
  const pixel = new Float32Array(3);
  for (let row = 0, at = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++, at += 3) {
      pixel.fill(0);
      for (let i = 0; i < samplesAcross; i++) {
        const b = (row + (i + 0.5) / samplesAcross) * stepAcross - halfHeight;
        for (let j = 0; j < samplesAlong; j++) {
          const a = (column + (j + 0.5) / samplesAlong) * stepAlong - halfLength;
          addSample(frame, centre.x + a * along.x - b * along.y, centre.y + a * along.y + b * along.x, pixel);
        }
      }
      for (let channel = 0; channel < 3; channel++) data[at + channel] = pixel[channel]! * weight;
    }
  }
  return { widthPx, heightPx, data };
}

const samplesFor = (stepPx: number): number => Math.min(MAX_SAMPLES, Math.max(1, Math.round(stepPx)));

/** Adds the colour at a place, between four pixels. */
function addSample({ data, widthPx, heightPx }: Frame, x: number, y: number, sum: Float32Array): void {
  const px = Math.min(widthPx - 1, Math.max(0, x - 0.5));
  const py = Math.min(heightPx - 1, Math.max(0, y - 0.5));
  const [left, top] = [Math.floor(px), Math.floor(py)];
  const [fx, fy] = [px - left, py - top];
  const a = (top * widthPx + left) * 3;
  const right = left + 1 < widthPx ? 3 : 0;
  const below = top + 1 < heightPx ? widthPx * 3 : 0;
  for (let channel = 0; channel < 3; channel++) {
    const at = a + channel;
    const upper = data[at]! * (1 - fx) + data[at + right]! * fx;
    const lower = data[at + below]! * (1 - fx) + data[at + below + right]! * fx;
    sum[channel]! += upper * (1 - fy) + lower * fy;
  }
}
