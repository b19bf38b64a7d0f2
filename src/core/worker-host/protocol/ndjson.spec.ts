import { describe, expect, it } from 'vitest';
import { NdjsonLines } from './ndjson.js';

describe(NdjsonLines.name, () => {
  const read = (lines: NdjsonLines, ...chunks: readonly Buffer[]): unknown[] => chunks.flatMap((chunk) => [...lines.read(chunk)]);

  it('puts lines together however they were cut, in the middle of a letter too', () => {
    const bytes = Buffer.from('{"a":"é€𝄞"}\n\n[1,2]\n');
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(read(new NdjsonLines(100), bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ a: 'é€𝄞' }, [1, 2]]);
    }
  });

  it('refuses a line that grows past the limit, before it has ended', () => {
    const lines = new NdjsonLines(10);
    expect(read(lines, Buffer.from('"12345678"\n'))).toEqual(['12345678']);
    expect(() => read(lines, Buffer.from('"12345'), Buffer.from('678901'))).toThrow('a line of more than 10 bytes');
  });

  it('refuses more than all lines together may have', () => {
    const lines = new NdjsonLines(10, 8);
    expect(read(lines, Buffer.from('1\n2\n3\n'))).toEqual([1, 2, 3]);
    expect(() => read(lines, Buffer.from('4\n5\n'))).toThrow('more than 8 bytes');
  });

  it('refuses what is no JSON', () => {
    expect(() => read(new NdjsonLines(100), Buffer.from('NaN\n'))).toThrow('not JSON');
  });
});
