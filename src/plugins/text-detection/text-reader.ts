import type { Frame, Model } from 'vedette/plugin';
import type { Alphabet } from './characters.js';
import { stripOf, type Strip } from './line-strip.js';
import { infer, unfit } from './networks.js';
import type { TurnedRect } from './quad.js';

/** Height of the network's picture. */
const HEIGHT_PX = 48;
/** Widths are multiples of this, so that lines of about one length are read together. */
const WIDTH_STEP_PX = 32;
const LEAST_WIDTH_PX = 64;
/** A line longer than 40 times its height is read squeezed. */
const MAX_WIDTH_PX = 1_920;
/** Lines of one run: what the network puts out for each of them takes 6,625 numbers per 8 pixels. */
const MAX_BATCH = 6;

/** Probability of a space from which one is read where a blank is likelier. */
const LIKELY_SPACE = 0.05;

export interface Reading {
  readonly text: string;
  /** Mean probability of its characters; 0 where there is none. */
  readonly score: number;
}

/** Reads lines of text, as CRNN (Shi et al., 2015) and its successors do: a strip in, a character or none for each of its slices out. */
export class TextReader {
  constructor(
    private readonly model: Model,
    private readonly alphabet: Alphabet,
  ) {}

  /** In the order of the lines. Lines whose strips are of one width are read in one run. */
  async read(frame: Frame, lines: readonly TurnedRect[]): Promise<Reading[]> {
    const readings = new Array<Reading>(lines.length);
    const byWidth = Map.groupBy(lines.keys(), (line) => widthFor(lines[line]!));
    for (const [widthPx, group] of byWidth) {
      for (let from = 0; from < group.length; from += MAX_BATCH) {
        const batch = group.slice(from, from + MAX_BATCH);
        const strips = batch.map((line) => padded(frame, lines[line]!, widthPx));
        (await this.run(strips, widthPx)).forEach((reading, i) => (readings[batch[i]!] = reading));
      }
    }
    return readings;
  }

  private async run(strips: readonly Strip[], widthPx: number): Promise<Reading[]> {
    const plane = widthPx * HEIGHT_PX;
    const pixels = new Float32Array(strips.length * 3 * plane);
    strips.forEach((strip, line) => fill(pixels.subarray(line * 3 * plane), strip, widthPx));
    const { data, dims } = await infer(this.model, pixels, [strips.length, 3, HEIGHT_PX, widthPx]);
    const { written } = this.alphabet;
    const [lines, steps = 0, classes = 0] = dims;
    if (lines !== strips.length || classes !== written.length)
      throw unfit(this.model, `it answered ${dims.join('x')} for ${strips.length} lines and ${written.length} characters`);
    return strips.map((_, line) => decode(data.subarray(line * steps * classes, (line + 1) * steps * classes), this.alphabet));
  }
}

/**
 * The likeliest path through the network's answer: a class per slice, repetitions and blanks left out (best-path decoding of
 * connectionist temporal classification, Graves et al., 2006).
 *
 * A blank hides the space: between letters, where a space is this likely on any slice, there is one.
 * @param probabilities of each class, slice by slice
 */
export function decode(probabilities: Float32Array, { written, allowed }: Alphabet): Reading {
  const classes = written.length;
  const considered = allowed?.length ?? classes;
  const space = classes - 1;
  let [text, sum, count, last, gap] = ['', 0, 0, 0, 0];
  for (let from = 0; from < probabilities.length; from += classes) {
    let [best, most] = [0, -1];
    for (let i = 0; i < considered; i++) {
      const index = allowed === undefined ? i : allowed[i]!;
      const probability = probabilities[from + index]!;
      if (probability > most) [best, most] = [index, probability];
    }
    if (best === 0) gap = Math.max(gap, probabilities[from + space]!);
    else if (best !== last) {
      text += `${gap >= LIKELY_SPACE ? ' ' : ''}${written[best]!}`;
      sum += most;
      count++;
    }
    if (best !== 0) gap = 0;
    last = best;
  }
  const trimmed = text.trim().replace(/ {2,}/g, ' ');
  return { text: trimmed, score: trimmed === '' ? 0 : sum / count };
}

const lengthFor = ({ halfLength, halfHeight }: TurnedRect): number =>
  Math.min(MAX_WIDTH_PX, Math.max(8, Math.round((HEIGHT_PX * halfLength) / halfHeight)));
const widthFor = (rect: TurnedRect): number => Math.max(LEAST_WIDTH_PX, Math.ceil(lengthFor(rect) / WIDTH_STEP_PX) * WIDTH_STEP_PX);
const padded = (frame: Frame, rect: TurnedRect, widthPx: number): Strip =>
  stripOf(frame, rect, Math.min(widthPx, lengthFor(rect)), HEIGHT_PX);

/** Blue first, -1..1; what the strip does not fill stays grey. */
function fill(planes: Float32Array, { data, widthPx: stripPx }: Strip, widthPx: number): void {
  const plane = widthPx * HEIGHT_PX;
  for (let row = 0, from = 0; row < HEIGHT_PX; row++) {
    for (let column = 0; column < stripPx; column++, from += 3) {
      const at = row * widthPx + column;
      for (let channel = 0; channel < 3; channel++) planes[(2 - channel) * plane + at] = data[from + channel]! / 127.5 - 1;
    }
  }
}
