import { describe, expect, it } from 'vitest';
import { cursorAt, cursorParts } from './list-cursor.js';

describe(cursorParts.name, () => {
  it('gives back what the cursor was made of', () => {
    expect(cursorParts(cursorAt(['1767225600000000', 42]), ['instantUs', 'rowId'])).toEqual(['1767225600000000', '42']);
    expect(cursorParts('9223372036854775807', ['rowId'])).toEqual(['9223372036854775807']);
  });

  it.each([
    ['', ['rowId']],
    ['1.2', ['rowId']],
    ['1', ['instantUs', 'rowId']],
    ['9223372036854775808', ['rowId']],
    ['2147483648', ['ordinal']],
    ['1.1.2147483648', ['instantUs', 'rowId', 'ordinal']],
    ['999999999999999999.1', ['instantUs', 'rowId']],
    ['-1', ['rowId']],
    ['1e3', ['rowId']],
    [' 1', ['rowId']],
  ] as const)('refuses %j for %j', (cursor, parts) => {
    expect(() => cursorParts(cursor, parts)).toThrow(expect.objectContaining({ code: 'VD_API_INVALID' }));
  });
});
