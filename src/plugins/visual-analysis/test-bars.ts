import type { Frame } from 'vedette/plugin';

/** White, yellow, cyan, green, magenta, red, blue as bits of red (4), green (2) and blue (1). */
const ORDER = [7, 6, 3, 2, 5, 4, 1] as const;
/** Rows looked at, as shares of the height: every kind of bars shows its colours there. */
const ROWS = [0.08, 0.14, 0.2, 0.26, 0.32, 0.38, 0.44, 0.5] as const;
/** Largest difference within a column, of 255. */
const MAX_UNEVEN = 40;
/** Components are on or off, as parts of the brightest one seen. */
const ON = 0.58;
const OFF = 0.27;
const MIN_BRIGHTEST = 100;
const MIN_BAR_OF_MEAN = 0.6;
const MAX_BAR_OF_MEAN = 1.5;
const MIN_WIDTH_SHARE = 0.6;
const NONE = -1;

/**
 * Whether the picture shows colour bars: upright stripes of about equal width in the order of SMPTE EG 1, SMPTE RP 219 and
 * EBU (ITU-R BT.471) bars, 75 or 100 %, over most of its width. Side panels and what is below the stripes do not matter.
 */
export function showsColourBars({ data, widthPx, heightPx }: Frame): boolean {
  const codes = columnCodes(data, widthPx, heightPx);
  if (codes === null) return false;
  const runs: { code: number; from: number; to: number }[] = [];
  for (let x = 0; x < codes.length; x++) {
    const code = codes[x]!;
    const last = runs.at(-1);
    if (code === NONE) continue;
    if (last?.code === code) last.to = x + 1;
    else runs.push({ code, from: x, to: x + 1 });
  }
  for (let first = 0; first + ORDER.length <= runs.length; first++) {
    const bars = runs.slice(first, first + ORDER.length);
    if (!bars.every(({ code }, i) => code === ORDER[i])) continue;
    const width = bars.at(-1)!.to - bars[0]!.from;
    const mean = width / ORDER.length;
    const isEven = bars.every(({ from, to }) => to - from >= MIN_BAR_OF_MEAN * mean && to - from <= MAX_BAR_OF_MEAN * mean);
    if (isEven && width >= MIN_WIDTH_SHARE * widthPx) return true;
  }
  return false;
}

/** Each column's colour as bits, {@link NONE} where it has none that is clear; null where nothing is bright. */
function columnCodes(data: Uint8Array, widthPx: number, heightPx: number): Int8Array | null {
  const means = new Float64Array(widthPx * 3);
  const uneven = new Uint8Array(widthPx);
  let brightest = 0;
  for (let x = 0; x < widthPx; x++) {
    for (let channel = 0; channel < 3; channel++) {
      let [sum, least, most] = [0, 255, 0];
      for (const row of ROWS) {
        const value = data[(Math.floor(row * heightPx) * widthPx + x) * 3 + channel]!;
        sum += value;
        if (value < least) least = value;
        if (value > most) most = value;
      }
      if (most - least > MAX_UNEVEN) uneven[x] = 1;
      means[x * 3 + channel] = sum / ROWS.length;
      brightest = Math.max(brightest, sum / ROWS.length);
    }
  }
  if (brightest < MIN_BRIGHTEST) return null;
  return Int8Array.from({ length: widthPx }, (_, x) => {
    if (uneven[x] === 1) return NONE;
    let code = 0;
    for (let channel = 0; channel < 3; channel++) {
      const value = means[x * 3 + channel]!;
      if (value >= ON * brightest) code |= 4 >> channel;
      else if (value > OFF * brightest) return NONE;
    }
    return code;
  });
}
