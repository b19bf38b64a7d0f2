import { describe, expect, it } from 'vitest';
import { placeInSheet, sheetOf, SLOT_US, slotTimesUs } from './thumbnail-slots.js';

describe('slots of thumbnails', () => {
  const epoch = { startedAtMs: 1_700_000_003_217, ptsOriginUs: 1_400_000 };
  const clockUs = epoch.startedAtMs * 1000 - epoch.ptsOriginUs;

  it('are each in one segment, however long segments are', () => {
    const slots: number[] = [];
    let ptsStartUs = epoch.ptsOriginUs;
    for (const lengthUs of [2_000_000, 8_333_333, 1, 0, 65_000_000, 999_999, 9_000_001, 4_000_000]) {
      const segment = { ptsStartUs, ptsEndUs: ptsStartUs + lengthUs };
      for (const ptsUs of slotTimesUs({ segment, epoch }, 64)) {
        expect([ptsUs >= segment.ptsStartUs, ptsUs < segment.ptsEndUs]).toEqual([true, true]);
        slots.push((clockUs + ptsUs) / SLOT_US);
      }
      ptsStartUs += lengthUs;
    }
    const first = Math.ceil((clockUs + epoch.ptsOriginUs) / SLOT_US);
    const last = Math.ceil((clockUs + ptsStartUs) / SLOT_US) - 1;
    expect(slots).toEqual(Array.from({ length: last - first + 1 }, (_, n) => first + n));
  });

  it('are no more than are wanted of a segment of any length', () => {
    expect(slotTimesUs({ segment: { ptsStartUs: 0, ptsEndUs: Number.MAX_SAFE_INTEGER }, epoch }, 64)).toHaveLength(64);
  });

  it('have a place in their sheet that nothing changes', () => {
    expect([0, 9, 10, 89, 90].map((slot) => [sheetOf(slot), placeInSheet(slot)])).toEqual([
      [0, { x: 0, y: 0 }],
      [0, { x: 1440, y: 0 }],
      [0, { x: 0, y: 90 }],
      [0, { x: 1440, y: 720 }],
      [1, { x: 0, y: 0 }],
    ]);
  });
});
