import { describe, expect, it } from 'vitest';
import { fillerBytes } from './nal.js';

const START = [0, 0, 0, 1];
const unit = (type: number, size: number): number[] => [...START, type, ...new Array<number>(size - 1).fill(0xff)];
const picture = (...units: readonly number[][]): Buffer => Buffer.from(units.flat());

describe(fillerBytes.name, () => {
  it('counts the units that fill up, and nothing that shows something', () => {
    expect(fillerBytes('h264', picture(unit(0x09, 2), unit(0x41, 50), unit(0x0c, 300), unit(0x0c, 7)))).toBe(307);
    expect(fillerBytes('hevc', picture(unit(38 << 1, 90), unit(1 << 1, 50)))).toBe(90);
  });

  it('finds none where there is none', () => {
    expect(fillerBytes('h264', picture(unit(0x41, 50)))).toBe(0);
    expect(fillerBytes('hevc', picture(unit(0x0c, 50)))).toBe(0);
    expect(fillerBytes('h264', Buffer.alloc(0))).toBe(0);
  });
});
