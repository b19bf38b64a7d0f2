import { describe, expect, it } from 'vitest';
import { KeptFew } from './kept-few';

describe(KeptFew.name, () => {
  it('makes each once and lets go of the one used longest ago', () => {
    const [made, forgotten]: [string[], string[]] = [[], []];
    const kept = new KeptFew<string>(2, (value) => forgotten.push(value));
    const ask = (key: string): string => kept.of(key, () => (made.push(key), key));
    for (const key of ['a', 'b', 'a', 'c', 'a']) ask(key);
    expect(made).toEqual(['a', 'b', 'c']);
    expect(forgotten).toEqual(['b']);
    kept.clear();
    expect(forgotten).toEqual(['b', 'c', 'a']);
  });
});
