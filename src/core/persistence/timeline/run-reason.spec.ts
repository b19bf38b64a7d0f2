import { describe, expect, it } from 'vitest';
import { failureCode, skipCode } from './run-reason.js';

describe('codes of reasons', () => {
  it.each([
    ['overload', 'overload'],
    ['no_audio: the segment has no sound in AAC', 'no-audio'],
    ['away: lan-1 is down: refused', 'away'],
    ['no-motion', 'no-motion'],
    ['It was too dark', 'other'],
    ['', 'other'],
    [null, 'other'],
    [`${'x'.repeat(41)}: long`, 'other'],
  ])('takes the code of %j', (reason, code) => expect(skipCode(reason)).toBe(code));

  it.each([
    ['VD_MEDIA_DAMAGED', 'VD_MEDIA_DAMAGED'],
    ['ACME_1', 'other'],
    [null, 'other'],
  ])('takes the failure %j', (code, told) => expect(failureCode(code)).toBe(told));
});
