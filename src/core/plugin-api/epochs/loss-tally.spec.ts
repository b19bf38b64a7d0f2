import type { FrameLoss } from '../encoded-frame.js';
import { describe, expect, it } from 'vitest';
import { LossTally } from './loss-tally.js';

describe(LossTally.name, () => {
  it('adds up frames by reason, and tells of each once', () => {
    let nowMs = 0;
    const told: FrameLoss[] = [];
    const tally = new LossTally(
      (loss) => told.push(loss),
      () => nowMs,
    );
    tally.add('damaged', 'video', 40_000);
    tally.add('clock-jump', 'audio');
    tally.add('damaged', 'video', 20_000);
    tally.add('damaged', 'audio', 90_000);
    nowMs = 999;
    tally.tellDue();
    expect(told).toEqual([]);
    nowMs = 1000;
    tally.tellDue();
    expect(told).toEqual([
      { reason: 'damaged', videoFrames: 2, audioFrames: 1, fromPtsUs: 20_000, toPtsUs: 90_000 },
      { reason: 'clock-jump', videoFrames: 0, audioFrames: 1 },
    ]);
    tally.add('damaged', 'video');
    tally.tellAll();
    tally.tellAll();
    expect(told.slice(2)).toEqual([{ reason: 'damaged', videoFrames: 1, audioFrames: 0 }]);
  });
});
