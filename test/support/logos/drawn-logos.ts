import type { Frame, ReferenceImage } from '../../../src/core/plugin-api/index.js';

/** Ink 0..1 at a place of the unit square: a logo that needs no file. */
export type Ink = (x: number, y: number) => number;

const disc = (x: number, y: number, cx: number, cy: number, r: number): boolean => Math.hypot(x - cx, y - cy) < r;

export const LOGOS = {
  /** A ring with a wedge cut out and a bar below. */
  ring: (x, y) =>
    Number(
      (disc(x, y, 0.5, 0.42, 0.4) && !disc(x, y, 0.5, 0.42, 0.22) && !(x > 0.5 && Math.abs(y - 0.42) < 0.1)) ||
        (y > 0.88 && x > 0.2 && x < 0.8),
    ),
  /** Steps beside a dot. */
  steps: (x, y) => Number((y > 1 - Math.floor(x * 4 + 1) / 4 && x < 0.75 && (x * 4) % 1 < 0.8) || disc(x, y, 0.86, 0.16, 0.13)),
} satisfies Record<string, Ink>;

export function referenceOf(name: keyof typeof LOGOS, sizePx = 128): ReferenceImage {
  const rgba = new Uint8Array(sizePx * sizePx * 4);
  for (let y = 0; y < sizePx; y++)
    for (let x = 0; x < sizePx; x++) rgba[(y * sizePx + x) * 4 + 3] = 255 * coverage(LOGOS[name], x / sizePx, y / sizePx, 1 / sizePx);
  return {
    id: `ref-${name}`,
    subjectId: `brand-${name}`,
    label: name,
    variant: 'mark',
    widthPx: sizePx,
    heightPx: sizePx,
    rgba,
    hasAlpha: true,
  };
}

export interface Placed {
  readonly logo: keyof typeof LOGOS;
  readonly x: number;
  readonly y: number;
  readonly sizePx: number;
  /** Narrower than high, as seen from the side; 1 from the front. */
  readonly squeeze?: number;
  readonly opacity?: number;
}

export const WIDTH_PX = 640;
export const HEIGHT_PX = 360;

/** A grey scene of soft shapes and grain with logos on it; `scene` chooses the shapes, `shift` pans them. */
export function drawnFrame(at: number, logos: readonly Placed[], { scene = 1, shift = 0, fps = 2.5 } = {}): Frame {
  const data = new Uint8Array(WIDTH_PX * HEIGHT_PX);
  let noise = (at * 40_503 + scene * 2_654_435_761) >>> 0;
  for (let y = 0, i = 0; y < HEIGHT_PX; y++) {
    for (let x = 0; x < WIDTH_PX; x++, i++) {
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
      const u = (x + shift) / 90 + scene * 7.3;
      data[i] = 105 + 40 * Math.sin(u + Math.cos(y / 70 + scene)) + 25 * Math.sin(y / 33 + scene * 3) * Math.cos(u * 1.7) + (noise >>> 29);
    }
  }
  for (const placed of logos) draw(data, placed);
  const fit = {
    frameWidthPx: WIDTH_PX,
    frameHeightPx: HEIGHT_PX,
    offsetXPx: 0,
    offsetYPx: 0,
    contentWidthPx: WIDTH_PX,
    contentHeightPx: HEIGHT_PX,
  };
  return {
    ptsUs: Math.round((at * 1e6) / fps),
    index: at,
    keyframe: at === 0,
    widthPx: WIDTH_PX,
    heightPx: HEIGHT_PX,
    format: 'gray8',
    data,
    fit,
  };
}

function draw(data: Uint8Array, { logo, x, y, sizePx, squeeze = 1, opacity = 1 }: Placed): void {
  const width = sizePx * squeeze;
  for (let py = Math.max(0, Math.floor(y)); py < Math.min(HEIGHT_PX, y + sizePx); py++) {
    for (let px = Math.max(0, Math.floor(x)); px < Math.min(WIDTH_PX, x + width); px++) {
      const ink = opacity * coverage(LOGOS[logo], (px - x) / width, (py - y) / sizePx, 1 / sizePx);
      data[py * WIDTH_PX + px] = data[py * WIDTH_PX + px]! * (1 - ink) + 245 * ink;
    }
  }
}

/** Mean ink of a pixel of the given size, from four samples. */
function coverage(ink: Ink, x: number, y: number, size: number): number {
  let sum = 0;
  for (const dy of [0.25, 0.75]) for (const dx of [0.25, 0.75]) sum += ink(x + dx * size, y + dy * size);
  return sum / 4;
}
