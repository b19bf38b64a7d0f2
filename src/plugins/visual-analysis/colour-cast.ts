/** A colour's place in the plane of CIELAB that knows no lightness: green to red, blue to yellow. */
export interface CastVector {
  readonly a: number;
  readonly b: number;
}

/** Too dark or too bright, a tile's hue means nothing. */
const MIN_LIGHTNESS = 15;
const MAX_LIGHTNESS = 97;
/** Fewer lit tiles than this tell nothing. */
const MIN_LIT_SHARE = 0.1;
const LEAST_COLOURED = 0.25;

const LINEAR = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});
const compressed = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);

/**
 * The mean CIELAB colour of the quarter of lit tiles that are coloured least (sRGB, D65): what should be grey, as near as one
 * picture can tell. Its length is the distance from neutral, in units of Delta E*ab. Null for pictures too dark to tell.
 */
export function castOf(tiles: Uint8Array): CastVector | null {
  const count = tiles.length / 3;
  const as = new Float64Array(count);
  const bs = new Float64Array(count);
  const chromas = new Float64Array(count);
  let lit = 0;
  for (let at = 0; at < tiles.length; at += 3) {
    const red = LINEAR[tiles[at]!]!;
    const green = LINEAR[tiles[at + 1]!]!;
    const blue = LINEAR[tiles[at + 2]!]!;
    const y = compressed(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    const lightness = 116 * y - 16;
    if (lightness < MIN_LIGHTNESS || lightness > MAX_LIGHTNESS) continue;
    const a = 500 * (compressed((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505) - y);
    const b = 200 * (y - compressed((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089));
    as[lit] = a;
    bs[lit] = b;
    chromas[lit++] = Math.hypot(a, b);
  }
  if (lit < MIN_LIT_SHARE * count) return null;
  const limit = chromas.slice(0, lit).sort()[Math.floor(lit * LEAST_COLOURED)]!;
  let [a, b, taken] = [0, 0, 0];
  for (let i = 0; i < lit; i++) {
    if (chromas[i]! > limit) continue;
    a += as[i]!;
    b += bs[i]!;
    taken++;
  }
  return { a: a / taken, b: b / taken };
}
