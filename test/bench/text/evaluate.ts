import { distance } from 'fastest-levenshtein';
import type { Corners, ReadText } from './truth.js';

/** A frame that was looked at: what is there, and what was said to be there. */
export interface JudgedFrame {
  readonly truth: readonly ReadText[];
  readonly claims: readonly ReadText[];
}

export interface TextFigures {
  /** Share of true characters that were read: 1 - edits / length, line by line, never below 0. */
  readonly characterAccuracy: number;
  readonly wordPrecision: number;
  readonly wordRecall: number;
  readonly wordF1: number;
}

/** Share of a claim that must lie on a line to be a reading of it. */
const ON_LINE = 0.5;

/**
 * Words are runs of letters and digits, and must be right to the letter, upper and lower case too; characters are counted on each line's
 * own place.
 */
export function evaluate(frames: readonly JudgedFrame[]): TextFigures {
  let [characters, right, said, there, hits] = [0, 0, 0, 0, 0];
  for (const { truth, claims } of frames) {
    for (const line of truth) {
      const reading = claims
        .filter(({ box }) => shareOn(box, line.box) >= ON_LINE)
        .sort((a, b) => a.box[0] - b.box[0])
        .map(({ text }) => text)
        .join(' ');
      characters += line.text.length;
      right += Math.max(0, line.text.length - distance(line.text, reading));
    }
    const [trueWords, saidWords] = [wordsOf(truth), wordsOf(claims)];
    there += trueWords.length;
    said += saidWords.length;
    const left = [...trueWords];
    for (const word of saidWords) {
      const at = left.indexOf(word);
      if (at < 0) continue;
      left.splice(at, 1);
      hits++;
    }
  }
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    characterAccuracy: share(right, characters),
    wordPrecision: share(hits, said),
    wordRecall: share(hits, there),
    wordF1: share(2 * hits, said + there),
  };
}

const wordsOf = (lines: readonly ReadText[]): string[] => lines.flatMap(({ text }) => text.match(/[\p{L}\p{N}]+/gu) ?? []);

/** Share of a box that lies on another. */
function shareOn([x0, y0, x1, y1]: Corners, [left, top, right, bottom]: Corners): number {
  const width = Math.min(x1, right) - Math.max(x0, left);
  const height = Math.min(y1, bottom) - Math.max(y0, top);
  return width <= 0 || height <= 0 ? 0 : (width * height) / Math.max(1, (x1 - x0) * (y1 - y0));
}
