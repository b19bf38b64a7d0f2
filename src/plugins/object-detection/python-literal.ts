/** Names of a model are few; what nests deeper or runs longer is no list of names. */
const MAX_DEPTH = 4;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' };
const WORDS: Readonly<Record<string, unknown>> = { None: null, null: null, True: true, true: true, False: false, false: false };

/**
 * What Python's `repr` writes, and JSON: dictionaries as entries in their order, lists and tuples, texts in either quotes, numbers.
 * @returns undefined for what is none of these
 * @example parseLiteral("{0: 'cat', 1: \"dog's\"}") // Map { 0 => 'cat', 1 => "dog's" }
 */
export function parseLiteral(text: string): unknown {
  try {
    return new LiteralReader(text).whole();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class LiteralReader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): unknown {
    const value = this.value(0);
    this.skipSpace();
    if (this.at < this.text.length) this.refuse();
    return value;
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) this.refuse();
    this.skipSpace();
    const next = this.text[this.at];
    if (next === '{') return this.dictionary(depth);
    if (next === '[' || next === '(') return this.list(next === '[' ? ']' : ')', depth);
    const opening = this.take(/[uUbBrR]?(['"])/y);
    if (opening !== undefined) return this.string(opening.at(-1)!);
    const word = this.take(/[A-Za-z]+/y);
    if (word !== undefined) return word in WORDS ? WORDS[word] : this.refuse();
    return Number(this.take(/[-+]?\d+(\.\d*)?([eE][-+]?\d+)?/y) ?? this.refuse());
  }

  private dictionary(depth: number): Map<unknown, unknown> {
    const entries = new Map<unknown, unknown>();
    this.items('}', () => {
      const key = this.value(depth + 1);
      this.skipSpace();
      if (this.take(/:/y) === undefined) this.refuse();
      entries.set(key, this.value(depth + 1));
    });
    return entries;
  }

  private list(end: string, depth: number): unknown[] {
    const values: unknown[] = [];
    this.items(end, () => values.push(this.value(depth + 1)));
    return values;
  }

  /** Separated by commas, the last of which may be too many. */
  private items(end: string, read: () => void): void {
    this.at++;
    for (let isFirst = true; ; isFirst = false) {
      this.skipSpace();
      if (!isFirst && this.text[this.at] !== end && this.take(/,/y) === undefined) this.refuse();
      this.skipSpace();
      if (this.text[this.at] === end) break;
      read();
    }
    this.at++;
  }

  private string(quote: string): string {
    let value = '';
    for (;;) {
      const plain = this.take(/[^'"\\]+/y) ?? '';
      value += plain;
      const next = this.text[this.at++] ?? this.refuse();
      if (next === quote) return value;
      value += next === '\\' ? this.escape() : next;
    }
  }

  private escape(): string {
    const code = this.take(/x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}/y);
    if (code !== undefined) {
      const point = Number.parseInt(code.slice(1), 16);
      return point > 0x10ffff ? this.refuse() : String.fromCodePoint(point);
    }
    const next = this.text[this.at++] ?? this.refuse();
    return ESCAPES[next] ?? next;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private skipSpace(): void {
    this.take(/\s+/y);
  }

  private refuse(): never {
    throw new SyntaxError(`not a literal at ${this.at}`);
  }
}
