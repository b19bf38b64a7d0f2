import { describe, expect, it } from 'vitest';
import { DecodeOrder } from './decode-order.js';

const FRAME_US = 40_000;
const order = (delay: number, shown: readonly (number | undefined)[], decoded: readonly (number | undefined)[] = []) => {
  const subject = new DecodeOrder(delay, FRAME_US);
  return shown.map((frame, index) => {
    const us = (value: number | undefined) => (value === undefined ? undefined : value * FRAME_US);
    return subject.place(us(decoded[index]), us(frame)).dtsUs / FRAME_US;
  });
};

describe(DecodeOrder.name, () => {
  it('decodes when it shows, where frames are in order', () => {
    expect(order(0, [5, 6, 7])).toEqual([5, 6, 7]);
  });

  it('finds when frames are decoded that come out of order', () => {
    expect(order(2, [0, 4, 2, 1, 3, 8, 6, 5, 7])).toEqual([-2, -1, 0, 1, 2, 3, 4, 5, 6]);
    expect(order(1, [0, 2, 1, 4, 3])).toEqual([-1, 0, 1, 2, 3]);
  });

  it('never decodes backwards, however far frames are from their place', () => {
    const decoded = order(2, [10, 30, 20, 15, 12, 50, 40]);
    expect(decoded).toEqual([...decoded].sort((a, b) => a - b));
  });

  it('believes a source that says it, and lets what says nothing follow', () => {
    expect(order(2, [3, 5, 4], [1, 2, 3])).toEqual([1, 2, 3]);
    expect(order(0, [3, undefined, undefined])).toEqual([3, 4, 5]);
  });
});
