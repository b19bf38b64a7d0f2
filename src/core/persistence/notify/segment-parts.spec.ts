import { describe, expect, it } from 'vitest';
import { partsFromText, partsToText, type EpochParts } from './segment-parts.js';

const epoch = { streamId: '00000000-0000-4000-8000-000000000001', epochId: '00000000-0000-4000-8000-000000000002' };
const told = (count: number): EpochParts => ({
  ...epoch,
  ...{ sequence: 7, isComplete: true },
  parts: Array.from({ length: count }, (_, i) => ({ offsetBytes: i * 150, sizeBytes: 150, durationUs: 320_000, isIndependent: i === 0 })),
});

describe('parts in a notification', () => {
  it('are read as they were told', () => {
    expect(partsFromText(partsToText(told(7)) ?? '')).toEqual(told(7));
  });

  it('fit in, for two minutes and more of them, or are not told', () => {
    expect(Buffer.byteLength(partsToText(told(375)) ?? '')).toBeLessThan(8000);
    expect(partsToText(told(1000))).toBeNull();
  });

  it.each(['', 'x', '{}', '[]', JSON.stringify({ ...epoch, sequence: -1, isComplete: true, parts: [[1, 1, true]] })])(
    'are nothing where they cannot be read: %j',
    (text) => expect(partsFromText(text)).toBeNull(),
  );
});
