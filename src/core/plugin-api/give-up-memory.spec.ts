import { describe, expect, it } from 'vitest';
import { giveUpMemory } from './give-up-memory.js';

describe('giveUpMemory', () => {
  it('leaves no length where the bytes have their memory for themselves', () => {
    const own = new Uint8Array(100_000);
    giveUpMemory(own);
    expect(own.length).toBe(0);
  });

  it('leaves alone what shares its memory with others', () => {
    const all = Buffer.alloc(100);
    giveUpMemory(all.subarray(1, 50));
    const small = Buffer.from('of the pool that small buffers share');
    giveUpMemory(small);
    expect([all.length, small.toString()]).toEqual([100, 'of the pool that small buffers share']);
  });
});
