import type { Raster } from './raster.js';

/** Channel difference up to which two pixels are one colour: what JPEG does to a flat area. */
const SAME_COLOUR = 24;
/** Of the border's pixels, so many must be of the background's colour; the rest may be specks of compression. */
const BORDER_SHARE = 0.995;
/** How far from the cleared area the edge of the logo is still mixed with the background. */
const EDGE_PX = 2;

/**
 * Makes the background of an opaque image transparent where it is of one colour all around: everything of that colour that is
 * joined to the border. What the logo encloses stays, since there it may be part of it. Edges are unmixed from the background.
 * @returns null when the border is of more than one colour
 */
export function withoutBackground(raster: Raster): Raster | null {
  const colour = borderColour(raster);
  if (colour === null) return null;
  const { widthPx, heightPx } = raster;
  const distances = distancesTo(raster, colour);
  const cleared = flood(distances, widthPx, heightPx);
  const rgba = Buffer.from(raster.rgba);
  for (let i = 0; i < cleared.length; i++) if (cleared[i] === 1) rgba.fill(0, i * 4, i * 4 + 4);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const at = y * widthPx + x;
      if (cleared[at] === 1) continue;
      const { touches, strongest } = around(x, y, widthPx, heightPx, cleared, distances);
      if (touches && strongest > 0) unmix(rgba, at * 4, Math.min(1, distances[at]! / strongest), colour);
    }
  }
  return { widthPx, heightPx, rgba };
}

type Colour = readonly [number, number, number];

function borderColour({ widthPx, heightPx, rgba }: Raster): Colour | null {
  const border: number[] = [];
  for (let x = 0; x < widthPx; x++) border.push(x, (heightPx - 1) * widthPx + x);
  for (let y = 1; y < heightPx - 1; y++) border.push(y * widthPx, y * widthPx + widthPx - 1);
  const median = (channel: number): number => border.map((at) => rgba[at * 4 + channel]!).sort((a, b) => a - b)[border.length >> 1] ?? 0;
  const colour: Colour = [median(0), median(1), median(2)];
  const alike = border.filter((at) => distance(rgba, at * 4, colour) <= SAME_COLOUR).length;
  return alike >= border.length * BORDER_SHARE ? colour : null;
}

function distance(rgba: Buffer, at: number, [red, green, blue]: Colour): number {
  return Math.max(Math.abs(rgba[at]! - red), Math.abs(rgba[at + 1]! - green), Math.abs(rgba[at + 2]! - blue));
}

function distancesTo({ rgba }: Raster, colour: Colour): Uint8Array {
  const distances = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < distances.length; i++) distances[i] = distance(rgba, i * 4, colour);
  return distances;
}

/** 1 where the background's colour reaches from the border. */
function flood(distances: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  const cleared = new Uint8Array(distances.length);
  const stack = new Int32Array(distances.length);
  let top = 0;
  const visit = (at: number): void => {
    if (cleared[at] === 1 || distances[at]! > SAME_COLOUR) return;
    cleared[at] = 1;
    stack[top++] = at;
  };
  for (let x = 0; x < widthPx; x++) [x, (heightPx - 1) * widthPx + x].forEach(visit);
  for (let y = 0; y < heightPx; y++) [y * widthPx, y * widthPx + widthPx - 1].forEach(visit);
  while (top > 0) {
    const at = stack[--top]!;
    const x = at % widthPx;
    if (x > 0) visit(at - 1);
    if (x < widthPx - 1) visit(at + 1);
    if (at >= widthPx) visit(at - widthPx);
    if (at < distances.length - widthPx) visit(at + widthPx);
  }
  return cleared;
}

function around(
  x: number,
  y: number,
  widthPx: number,
  heightPx: number,
  cleared: Uint8Array,
  distances: Uint8Array,
): { touches: boolean; strongest: number } {
  let touches = false;
  let strongest = 0;
  for (let row = Math.max(0, y - EDGE_PX); row <= Math.min(heightPx - 1, y + EDGE_PX); row++) {
    for (let column = Math.max(0, x - EDGE_PX); column <= Math.min(widthPx - 1, x + EDGE_PX); column++) {
      const at = row * widthPx + column;
      touches ||= cleared[at] === 1;
      strongest = Math.max(strongest, distances[at]!);
    }
  }
  return { touches, strongest };
}

/** `pixel = alpha * logo + (1 - alpha) * background`, solved for the logo. */
function unmix(rgba: Buffer, at: number, alpha: number, colour: Colour): void {
  if (alpha >= 1) return;
  for (let channel = 0; channel < 3; channel++) {
    const background = colour[channel]!;
    rgba[at + channel] = Math.max(0, Math.min(255, Math.round(background + (rgba[at + channel]! - background) / alpha)));
  }
  rgba[at + 3] = Math.round(alpha * 255);
}
