import { describe, expect, it } from 'vitest';
import { numbersFrom } from '../../../../test/support/numbers-from.js';
import { merged } from './merged.js';

const byNumber = (a: number, b: number): number => a - b;

/** A list in pieces, which says how many of them were asked for. */
function inPieces(pieces: readonly (readonly number[])[]): AsyncIterable<readonly number[]> & { read: number } {
  return {
    read: 0,
    async *[Symbol.asyncIterator]() {
      for (const piece of pieces) {
        this.read += 1;
        yield await Promise.resolve(piece);
      }
    },
  };
}

async function all(pieces: AsyncIterable<readonly number[]>): Promise<number[]> {
  const found: number[] = [];
  for await (const piece of pieces) found.push(...piece);
  return found;
}

describe(merged.name, () => {
  it.each(Array.from({ length: 50 }, (_, seed) => seed))('gives each of both once, in order (%d)', async (seed) => {
    const next = numbersFrom(seed);
    const list = (): number[][] => {
      const numbers = Array.from({ length: Math.floor(next() * 30) }, () => Math.floor(next() * 20)).sort(byNumber);
      const pieces: number[][] = [];
      while (numbers.length > 0) pieces.push(numbers.splice(0, Math.floor(next() * 5)));
      return pieces;
    };
    const [one, other] = [list(), list()];
    expect(await all(merged(inPieces(one), inPieces(other), byNumber))).toEqual([...one, ...other].flat().sort(byNumber));
  });

  it('reads no further than whoever asks, and closes both', async () => {
    const [one, other] = [inPieces([[1], [2], [9]]), inPieces([[5], [6], [7]])];
    for await (const piece of merged(one, other, byNumber)) if (piece.includes(2)) break;
    expect([one.read, other.read]).toEqual([2, 1]);
  });
});
