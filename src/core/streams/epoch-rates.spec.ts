import { describe, expect, it } from 'vitest';
import { EpochRates } from './epoch-rates.js';

describe(EpochRates, () => {
  it('lets a stream begin so many epochs within a minute, and again when they are longer ago; each stream has its own count', () => {
    let nowMs = 0;
    const rates = new EpochRates(3, () => nowMs);
    for (nowMs = 0; nowMs < 30_000; nowMs += 10_000) rates.opens('yard');
    expect(() => rates.opens('yard')).toThrow(expect.objectContaining({ code: 'VD_INGEST_EPOCHS_TOO_MANY' }));
    rates.opens('gate');
    nowMs = 60_000;
    rates.opens('yard');
    expect(() => rates.opens('yard')).toThrow(/3 epochs within a minute/);
  });
});
