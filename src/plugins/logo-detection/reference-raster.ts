import type { ReferenceImage } from 'vedette/plugin';

/** A reference as the engine sees it: one value per pixel, 0 dark to 1 light. */
export interface ReferenceRaster {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Float32Array;
  /** What surrounds it: 1 for a logo without background, which may stand on anything light once polarity is set aside. */
  readonly surround: number;
  /** Whether a quiet margin belongs to it. Not so where it was cut out with its background. */
  readonly hasMargin: boolean;
}

/** Larger references are reduced before anything else; nothing is ever looked for at such a size. */
const MAX_SIDE_PX = 512;
const LEAST_SIDE_PX = 6;
const MAX_SIDE_RATIO = 16;
/** Deviation of luma within the opaque part from which a logo is more than its outline. */
const TONES_DEVIATION = 0.12;
/** Deviation of the values below which there is nothing to recognise. */
const BLANK_DEVIATION = 0.02;

/**
 * The looks of a reference: the silhouette of a logo without background, its tones where it has several, or the cut-out
 * picture. A reason in words where nothing can be looked for.
 */
export function rastersOf(image: ReferenceImage): readonly ReferenceRaster[] | string {
  const { widthPx, heightPx, rgba } = image;
  if (!(widthPx >= LEAST_SIDE_PX && heightPx >= LEAST_SIDE_PX))
    return `${widthPx}x${heightPx} px, at least ${LEAST_SIDE_PX} a side are needed`;
  if (rgba.length < widthPx * heightPx * 4) return `${rgba.length} bytes of pixels for ${widthPx}x${heightPx} px`;
  const ratio = Math.max(widthPx / heightPx, heightPx / widthPx);
  if (ratio > MAX_SIDE_RATIO) return `one side is ${ratio.toFixed(0)} times the other, at most ${MAX_SIDE_RATIO}`;
  const { luma, alpha, width, height } = reduced(image);
  const solid = { widthPx: width, heightPx: height };
  if (!image.hasAlpha) {
    if (deviation(luma) < BLANK_DEVIATION) return 'it is blank';
    return [{ ...solid, values: luma, surround: borderMean(luma, width, height), hasMargin: false }];
  }
  const looks: ReferenceRaster[] = [];
  const silhouette = alpha.map((value) => 1 - value);
  if (deviation(silhouette) >= BLANK_DEVIATION) looks.push({ ...solid, values: silhouette, surround: 1, hasMargin: true });
  if (deviation(luma, alpha) >= TONES_DEVIATION) {
    const ground = weightedMean(luma, alpha) < 0.5 ? 1 : 0;
    const values = luma.map((value, i) => value * alpha[i]! + ground * (1 - alpha[i]!));
    looks.push({ ...solid, values, surround: ground, hasMargin: true });
  }
  return looks.length > 0 ? looks : 'it is blank';
}

/** Area means of luma (weighted by opacity) and of opacity. */
function reduced({ widthPx, heightPx, rgba, hasAlpha }: ReferenceImage) {
  const step = Math.max(1, Math.ceil(Math.max(widthPx, heightPx) / MAX_SIDE_PX));
  const width = Math.max(1, Math.floor(widthPx / step));
  const height = Math.max(1, Math.floor(heightPx / step));
  const luma = new Float32Array(width * height);
  const alpha = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let light = 0;
      let opaque = 0;
      for (let dy = 0; dy < step; dy++) {
        for (let dx = 0; dx < step; dx++) {
          const at = ((y * step + dy) * widthPx + x * step + dx) * 4;
          const opacity = hasAlpha ? rgba[at + 3]! / 255 : 1;
          light += opacity * (0.299 * rgba[at]! + 0.587 * rgba[at + 1]! + 0.114 * rgba[at + 2]!);
          opaque += opacity;
        }
      }
      luma[y * width + x] = opaque > 0 ? light / opaque / 255 : 0;
      alpha[y * width + x] = opaque / (step * step);
    }
  }
  return { luma, alpha, width, height };
}

function weightedMean(values: Float32Array, weights?: Float32Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight * values[i]!;
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}

function deviation(values: Float32Array, weights?: Float32Array): number {
  const mean = weightedMean(values, weights);
  return Math.sqrt(
    weightedMean(
      values.map((value) => (value - mean) ** 2),
      weights,
    ),
  );
}

function borderMean(values: Float32Array, width: number, height: number): number {
  let sum = 0;
  for (let x = 0; x < width; x++) sum += values[x]! + values[(height - 1) * width + x]!;
  for (let y = 0; y < height; y++) sum += values[y * width]! + values[y * width + width - 1]!;
  return sum / (2 * (width + height));
}

/**
 * The raster under a linear map about its centre, on a canvas of `width * height`: what a kernel or template is made of.
 * @param linear canvas offset = linear * raster offset, both in pixels from the centres
 */
export function draw(
  raster: ReferenceRaster,
  linear: readonly [number, number, number, number],
  width: number,
  height: number,
): Float32Array {
  const [a, b, c, d] = linear;
  const determinant = a * d - b * c;
  const source = shrunk(raster, Math.sqrt(Math.abs(determinant)));
  const { values, surround } = source;
  const canvas = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = x + 0.5 - width / 2;
      const dy = y + 0.5 - height / 2;
      const u = ((d * dx - b * dy) / determinant) * source.factor + (raster.widthPx * source.factor) / 2 - 0.5;
      const v = ((a * dy - c * dx) / determinant) * source.factor + (raster.heightPx * source.factor) / 2 - 0.5;
      canvas[y * width + x] = bilinear(values, source.widthPx, source.heightPx, u, v, surround);
    }
  }
  return canvas;
}

/** Halved until drawing at `scale` shrinks it no further than by half. */
function shrunk({ values, widthPx, heightPx, surround }: ReferenceRaster, scale: number) {
  let [current, width, height, factor] = [values, widthPx, heightPx, 1];
  while (scale / factor < 0.6 && Math.min(width, height) >= 4) {
    const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    const half = new Float32Array(w * h);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        let sum = 0;
        for (const [dy, dx] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ] as const) {
          const inside = 2 * x + dx < width && 2 * y + dy < height;
          sum += inside ? current[(2 * y + dy) * width + 2 * x + dx]! : surround;
        }
        half[y * w + x] = sum / 4;
      }
    }
    [current, width, height, factor] = [half, w, h, factor / 2];
  }
  return { values: current, widthPx: width, heightPx: height, surround, factor };
}

function bilinear(values: Float32Array, width: number, height: number, u: number, v: number, outside: number): number {
  const x = Math.floor(u);
  const y = Math.floor(v);
  if (x < -1 || y < -1 || x >= width || y >= height) return outside;
  const at = (px: number, py: number): number => (px < 0 || py < 0 || px >= width || py >= height ? outside : values[py * width + px]!);
  const over = at(x, y) + (at(x + 1, y) - at(x, y)) * (u - x);
  const under = at(x, y + 1) + (at(x + 1, y + 1) - at(x, y + 1)) * (u - x);
  return over + (under - over) * (v - y);
}
