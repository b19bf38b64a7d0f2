import { describe, expect, it } from 'vitest';
import { MessageRate } from './message-rate.js';

describe(MessageRate.name, () => {
  it('takes a burst and then a steady rate', () => {
    let nowMs = 0;
    const rate = new MessageRate({ burst: 3, perSecond: 10 }, () => nowMs);
    expect(Array.from({ length: 5 }, () => rate.take())).toEqual([true, true, true, false, false]);
    nowMs = 100;
    expect([rate.take(), rate.take()]).toEqual([true, false]);
    nowMs = 100_000;
    expect(Array.from({ length: 5 }, () => rate.take())).toEqual([true, true, true, false, false]);
  });
});
