import { describe, expect, it } from 'vitest';
import { choiceOf, namesIn, patternsOf } from './stream-patterns';

describe('the choice of streams', () => {
  it.each([
    [['*'], { mode: 'all', names: [] }],
    [['door', 'yard-*'], { mode: 'only', names: ['door', 'yard-*'] }],
    [['*', '!door'], { mode: 'except', names: ['door'] }],
    [[], { mode: 'only', names: [] }],
  ] as const)('reads %o and writes it again', (patterns, choice) => {
    expect(choiceOf(patterns)).toEqual(choice);
    expect(patternsOf(choice)).toEqual(patterns);
  });

  it('leaves a mixture to text', () => {
    expect(choiceOf(['yard-*', '!yard-2'])).toBeNull();
    expect(choiceOf(['!door'])).toEqual({ mode: 'except', names: ['door'] });
  });

  it('takes names from commas and lines, each once', () => {
    expect(namesIn(' a, b\n\na ,')).toEqual(['a', 'b']);
  });
});
