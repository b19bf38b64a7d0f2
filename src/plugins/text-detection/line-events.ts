import { distance } from 'fastest-levenshtein';
import type { Emit, JsonObject, PtsUs } from 'vedette/plugin';
import type { Line, Watched } from './line.js';
import type { Reading } from './text-reader.js';
import type { WatchedWords } from './watched-words.js';

/** A text that keeps this share of its characters has changed in place, as a clock does; less, and it is another one. */
const SAME_TEXT = 0.5;

/**
 * What is said of lines: a result `text` for each new reading, an event `text` from a line's first legible reading to its end, and
 * an event `watched-text` for as long as it shows a watched word.
 */
export class LineEvents {
  constructor(
    private readonly epochId: string,
    private readonly words: WatchedWords,
  ) {}

  /** A line was read, for the first time or anew. */
  read(line: Line, { text, score }: Reading, ptsUs: PtsUs, emit: Emit): void {
    if (line.key !== null && line.text === text) {
      line.score = score;
      return;
    }
    const isSame = line.key !== null && likeness(line.text, text) >= SAME_TEXT;
    if (!isSame) this.end(line, ptsUs, emit);
    const phase = isSame ? 'update' : 'start';
    line.key ??= `text:${this.epochId}:${line.trackId}:${ptsUs}`;
    [line.text, line.score] = [text, score];
    emit({ type: 'text', ptsUs, data: { ...dataOf(line), event: line.key } });
    emit({ type: 'event', phase, name: 'text', key: line.key, ptsUs, data: dataOf(line) });
    this.watch(line, ptsUs, emit);
  }

  /** The line has gone, or shows something else. */
  end(line: Line, ptsUs: PtsUs, emit: Emit): void {
    if (line.key === null) return;
    for (const word of line.watched) this.unwatch(word, ptsUs, emit);
    emit({ type: 'event', phase: 'end', name: 'text', key: line.key, ptsUs });
    line.watched = [];
    line.key = null;
    line.text = '';
  }

  private watch(line: Line, ptsUs: PtsUs, emit: Emit): void {
    const phrases = this.words.in(line.text);
    for (const word of line.watched) if (!phrases.includes(word.phrase)) this.unwatch(word, ptsUs, emit);
    line.watched = phrases.map((phrase) => {
      const known = line.watched.find((word) => word.phrase === phrase);
      if (known !== undefined) return known;
      const key = `watched-text:${this.epochId}:${line.trackId}:${ptsUs}:${phrase}`;
      emit({ type: 'event', phase: 'start', name: 'watched-text', key, ptsUs, data: { word: phrase, ...dataOf(line) } });
      return { phrase, key };
    });
  }

  private unwatch({ key }: Watched, ptsUs: PtsUs, emit: Emit): void {
    emit({ type: 'event', phase: 'end', name: 'watched-text', key, ptsUs });
  }
}

const dataOf = ({ text, score, box, trackId }: Line): JsonObject => ({
  text,
  score: rounded(score),
  box: { x: rounded(box.x), y: rounded(box.y), width: rounded(box.width), height: rounded(box.height) },
  trackId,
});

const rounded = (share: number): number => Math.round(share * 1e4) / 1e4;

const likeness = (a: string, b: string): number => 1 - distance(a, b) / Math.max(1, a.length, b.length);
