import { describe, expect, it } from 'vitest';
import { ConnectionLimits } from './connection-limits.js';

describe(ConnectionLimits.name, () => {
  it('holds the total and each address to its limit, and gives a place back once', () => {
    const limits = new ConnectionLimits(3, 2);
    const first = limits.take('a') as () => void;
    limits.take('a');
    expect(limits.take('a')).toBe('address');
    limits.take('b');
    expect(limits.take('c')).toBe('total');
    first();
    first();
    expect(limits.take('c')).toBeTypeOf('function');
    expect(limits.take('c')).toBe('total');
  });
});
