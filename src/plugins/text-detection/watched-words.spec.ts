import { describe, expect, it } from 'vitest';
import { WatchedWords } from './watched-words.js';

describe(WatchedWords.name, () => {
  const words = new WatchedWords(['Goal', 'Goal', 'breaking news', 'Café Müller', '!!']);

  it.each([
    ['GOAL! 1-0', ['Goal']],
    ['goals', []],
    ['BREAKING NEWS: storm', ['breaking news']],
    ['breaking the news', []],
    ['CAFE MULLER open today', ['Café Müller']],
    // One wrong letter in a long word, none in a short one.
    ['BREAK1NG NEWS', ['breaking news']],
    ['BRE4K1NG NEWS', []],
    ['BREAKNG NEWS', ['breaking news']],
    ['GOAI', []],
    ['', []],
  ])('finds in %j %j', (text, found) => {
    expect(words.in(text)).toEqual(found);
  });
});
