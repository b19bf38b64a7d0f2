import { describe, expect, it } from 'vitest';
import { hadNothingToDo } from './run-ending';

describe(hadNothingToDo.name, () => {
  it('tells a segment with nothing in it from one that was passed over', () => {
    expect(hadNothingToDo({ state: 'skipped', reason: 'no_audio: the segment has no sound in AAC' })).toBe(true);
    expect(hadNothingToDo({ state: 'skipped', reason: 'no-motion' })).toBe(true);
    expect(hadNothingToDo({ state: 'skipped', reason: 'overload' })).toBe(false);
    expect(hadNothingToDo({ state: 'skipped', reason: null })).toBe(false);
    expect(hadNothingToDo({ state: 'failed', reason: 'no-motion' })).toBe(false);
  });
});
