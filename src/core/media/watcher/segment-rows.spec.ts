import { describe, expect, it } from 'vitest';
import { mediaError } from '../../errors/media.errors.js';
import type { ProbedSegment } from '../../persistence/ledger/ingest-ledger.js';
import { describeSegment, gapBefore, lostTail } from './segment-rows.js';

const segment = (sequence: number, ptsStartUs: number, patch: Partial<ProbedSegment> = {}): ProbedSegment => ({
  ...{ sequence, path: `s/e/${sequence}`, sizeBytes: 1, state: 'ready', frameCount: 50, keyframePtsUs: [] },
  ...{ ptsStartUs, ptsEndUs: ptsStartUs + 2_000_000 },
  ...patch,
});
const last = { sequence: 4, ptsEndUs: 10_000_000, sound: true };

describe('gapBefore', () => {
  it('finds none where one segment follows another, rounding and pauses of a variable frame rate included', () => {
    expect(gapBefore('e', segment(5, 10_000_000), 5, last)).toBeNull();
    expect(gapBefore('e', segment(5, 10_001_000), 5, last)).toBeNull();
    expect(gapBefore('e', segment(5, 10_150_000), 5, last)).toBeNull();
    expect(gapBefore('e', segment(0, 1_480_000), 0, undefined)).toBeNull();
  });

  it('records sequences that never came', () => {
    expect(gapBefore('e', segment(7, 14_000_000), 5, last)).toEqual({
      ...{ epochId: 'e', afterSequence: 4, missingSequences: 2, fromPtsUs: 10_000_000, toPtsUs: 14_000_000, reason: 'missing-segment' },
    });
  });

  it.each([
    [12_000_000, 12_000_000],
    [3_000_000, 10_000_000],
  ])('records a clock that jumped to %d, with no time before where it was', (ptsStartUs, toPtsUs) => {
    expect(gapBefore('e', segment(5, ptsStartUs), 5, last)).toMatchObject({
      afterSequence: 4,
      missingSequences: 0,
      toPtsUs,
      reason: 'missing-frames',
    });
  });

  it('records every missing frame after a damaged segment, and after one that could not be read', () => {
    expect(gapBefore('e', segment(5, 10_080_000), 5, { ...last, sound: false })).toMatchObject({
      fromPtsUs: 10_000_000,
      toPtsUs: 10_080_000,
    });
    expect(gapBefore('e', segment(6, 12_000_000), 6, last)).toMatchObject({ afterSequence: 5, fromPtsUs: 10_000_000, toPtsUs: 12_000_000 });
  });

  it('says nothing of the clock for a late find or an unreadable segment', () => {
    expect(gapBefore('e', segment(3, 6_000_000), 5, last)).toBeNull();
    expect(gapBefore('e', segment(5, 10_000_000, { state: 'unreadable' }), 5, last)).toBeNull();
  });
});

describe('lostTail', () => {
  it('finds nothing missing where the packager ended by itself and the last segment is whole', () => {
    expect(lostTail('e', 5, last, false)).toBeNull();
    expect(lostTail('e', 0, undefined, false)).toBeNull();
  });

  it('records an end that could not be written, whatever its length', () => {
    const gap = { epochId: 'e', missingSequences: 0, fromPtsUs: 10_000_000, toPtsUs: null, reason: 'missing-frames' };
    expect(lostTail('e', 5, { ...last, sound: false }, false)).toEqual({ ...gap, afterSequence: 4 });
    expect(lostTail('e', 7, last, false)).toEqual({ ...gap, afterSequence: 6 });
    expect(lostTail('e', 1, undefined, false)).toEqual({ ...gap, afterSequence: 0, fromPtsUs: null });
  });

  it('knows how much it is where the disk was too full to write it', () => {
    const full = { epochId: 'e', afterSequence: 4, missingSequences: 0, fromPtsUs: 10_000_000, toPtsUs: 13_000_000, reason: 'disk-full' };
    expect(lostTail('e', 5, last, false, 13_000_000)).toEqual(full);
    expect(lostTail('e', 5, last, true, 13_000_000)).toEqual(full);
    // Jitter is no loss; and a damaged end has its loss within.
    expect(lostTail('e', 5, last, false, 10_100_000)).toBeNull();
    expect(lostTail('e', 5, { ...last, sound: false }, false, 9_000_000)).toMatchObject({ toPtsUs: 10_000_000, reason: 'missing-frames' });
    expect(lostTail('e', 1, undefined, false, 9_000_000)).toMatchObject({ fromPtsUs: null, toPtsUs: null });
  });

  it('records what a packager took with it', () => {
    expect(lostTail('e', 5, last, true)).toMatchObject({
      afterSequence: 4,
      fromPtsUs: 10_000_000,
      toPtsUs: null,
      reason: 'packager-failed',
    });
    expect(lostTail('e', 0, undefined, true)).toMatchObject({ afterSequence: -1, fromPtsUs: null, reason: 'packager-failed' });
  });
});

describe('describeSegment', () => {
  it('gives an unreadable segment its reason, and no time of its own', () => {
    const reading = { unreadable: mediaError('VD_MEDIA_EMPTY', '0 bytes'), sizeBytes: 0 };
    const row = describeSegment('s/e', { sequence: 3, name: '000003.ts', reading }, 7);
    expect(row).toMatchObject({
      path: 's/e/000003.ts',
      state: 'unreadable',
      error: 'VD_MEDIA_EMPTY: 0 bytes',
      ptsStartUs: 7,
      ptsEndUs: 7,
      frameCount: 0,
    });
  });
});
