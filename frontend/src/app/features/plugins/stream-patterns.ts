/** Which streams an analyzer looks at: all, some, or all but some. */
export interface StreamChoice {
  readonly mode: 'all' | 'only' | 'except';
  /** Names or patterns, without a mark. */
  readonly names: readonly string[];
}

const EVERY = '*';
const EXCEPT = '!';

/** @returns null for a mixture that only text can say */
export function choiceOf(patterns: readonly string[]): StreamChoice | null {
  const left = patterns.filter((pattern) => pattern.startsWith(EXCEPT)).map((pattern) => pattern.slice(EXCEPT.length));
  const taken = patterns.filter((pattern) => !pattern.startsWith(EXCEPT));
  if (left.length === 0) return taken.length === 1 && taken[0] === EVERY ? { mode: 'all', names: [] } : { mode: 'only', names: taken };
  return taken.every((pattern) => pattern === EVERY) ? { mode: 'except', names: left } : null;
}

export function patternsOf({ mode, names }: StreamChoice): string[] {
  if (mode === 'all') return [EVERY];
  return mode === 'only' ? [...names] : [EVERY, ...names.map((name) => `${EXCEPT}${name}`)];
}

/** What is written between commas or in lines. */
export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ),
];
