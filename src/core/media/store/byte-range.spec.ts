import { describe, expect, it } from 'vitest';
import { byteRange } from './byte-range.js';

describe('byteRange', () => {
  it.each([
    [undefined, 10, 'whole'],
    ['bytes=0-', 10, { start: 0, end: 9 }],
    ['bytes=2-4', 10, { start: 2, end: 4 }],
    ['bytes=2-400', 10, { start: 2, end: 9 }],
    ['bytes=-3', 10, { start: 7, end: 9 }],
    ['bytes=-30', 10, { start: 0, end: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-', 10, 'whole'],
    ['bytes=4-2', 10, 'whole'],
    ['bytes=1-2,4-5', 10, 'whole'],
    ['bytes=1-9999999999999999999999', 10, { start: 1, end: 9 }],
    ['items=1-2', 10, 'whole'],
  ] as const)('reads %j of %i bytes as %j', (header, sizeBytes, expected) => {
    expect(byteRange(header, sizeBytes)).toEqual(expected);
  });
});
