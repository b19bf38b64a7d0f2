import { describe, expect, it } from 'vitest';
import { EpochSpans } from './epoch-spans.js';

describe(EpochSpans, () => {
  it('begins an epoch no earlier than the one before ends by its own clock, however fast that ran', () => {
    const spans = new EpochSpans();
    const first = spans.begin('yard', 1_000_000);
    first.reached(500_000, 500_000);
    first.reached(500_000, 9_540_500);
    expect(first.endMs).toBe(1_009_041);
    expect(spans.begin('yard', 1_004_000).startedAtMs).toBe(1_009_041);
    expect(spans.begin('gate', 1_004_000).startedAtMs).toBe(1_004_000);
  });

  it('begins it when it began, where the one before ended earlier or had no media', () => {
    const spans = new EpochSpans();
    spans.begin('yard', 1_000_000).reached(0, 1_000_000);
    const second = spans.begin('yard', 1_002_000);
    expect([second.startedAtMs, second.endMs]).toEqual([1_002_000, 1_002_000]);
    expect(spans.begin('yard', 1_003_000).startedAtMs).toBe(1_003_000);
  });
});
