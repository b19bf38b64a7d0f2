import { describe, expect, it } from 'vitest';
import { parseClassNames } from './class-names.js';

describe(parseClassNames.name, () => {
  it.each([
    ["{0: 'person', 1: 'traffic light', 2: \"dog's bowl\"}", ['person', 'traffic light', "dog's bowl"]],
    ['["cat", "dog"]', ['cat', 'dog']],
    ['{"0": "cat", "1": "dog"}', ['cat', 'dog']],
    ["{1: 'b'}", ['class 0', 'b']],
    ['nonsense', []],
    ['{"__proto__": "x"}', []],
    ["{99999999: 'x'}", []],
    [undefined, []],
  ])('reads %s', (text, names) => {
    expect(parseClassNames(text)).toEqual(names);
  });
});
