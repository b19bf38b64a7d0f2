import { describe, expect, it } from 'vitest';
import { arrayLiteral } from './array-literal.js';

describe(arrayLiteral.name, () => {
  it('writes an array as PostgreSQL reads it', () => {
    expect(arrayLiteral([])).toBe('{}');
    expect(arrayLiteral([1, -0.25, 1e-7, null])).toBe('{1,-0.25,1e-7,NULL}');
    expect(arrayLiteral(['door', '', 'NULL', 'a,b {c}', 'say "a\\b"', null])).toBe('{"door","","NULL","a,b {c}","say \\"a\\\\b\\"",NULL}');
  });
});
