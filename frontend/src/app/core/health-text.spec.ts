import { describe, expect, it } from 'vitest';
import { anIssue, aStreamHealth } from '../testing/wire-samples';
import { measureTexts, shortVerdict } from './health-text';

describe(shortVerdict.name, () => {
  it('is the gravest issue with its fix', () => {
    const issues = [anIssue(), anIssue({ reason: 'Less grave' })];
    expect(shortVerdict({ status: 'ok', issues })).toBe('Keyframes come every 8.3 s: set 2 s in OBS, Settings, Output');
  });

  it('is nothing where nothing needs to be done', () => {
    expect(shortVerdict({ status: 'good', issues: [] })).toBeNull();
    expect(shortVerdict({ status: 'good', issues: [anIssue({ severity: 'info' })] })).toBeNull();
    expect(shortVerdict({ status: 'noData', issues: [anIssue()] })).toBeNull();
  });
});

describe(measureTexts.name, () => {
  it('says what is known, and nothing of what is not', () => {
    expect(measureTexts(aStreamHealth().measures)).toEqual([
      'High',
      '3.00 Mbit/s',
      '29.9 of 30 fps',
      'keyframes every 8.3 s',
      'sound',
      'analysis 1.2 s behind',
    ]);
    const unknown = { bitrateBps: null, frameRateFps: null, keyframeIntervalMs: null, hasSound: null, analysisLagMs: null };
    expect(measureTexts({ ...aStreamHealth().measures, ...unknown, videoProfile: null })).toEqual([]);
    expect(measureTexts({ ...aStreamHealth().measures, ...unknown, failedShare: 0.02, driftMs: -2400, hasSound: false })).toEqual([
      'High',
      'no sound',
      'drift -2.4 s',
      '2 % of the runs failed',
    ]);
  });
});
