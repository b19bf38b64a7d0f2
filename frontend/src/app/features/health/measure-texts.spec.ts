import { describe, expect, it } from 'vitest';
import { de } from '../../i18n/health/de';
import { en } from '../../i18n/health/en';
import { formatsOf } from '../../testing/formats';
import { sayOf } from '../../testing/say';
import { aStreamHealth } from '../../testing/wire-samples';
import { measureTexts } from './measure-texts';

const ENGLISH = { t: sayOf(en), format: formatsOf('en') };
const GERMAN = { t: sayOf(de), format: formatsOf('de') };

describe(measureTexts.name, () => {
  it('says what is known, and nothing of what is not', () => {
    const { measures } = aStreamHealth();
    expect(measureTexts(measures, ENGLISH)).toEqual([
      'High',
      '3.0 Mbit/s',
      '29.9 of 30 fps',
      'keyframes every 8.3 s',
      'sound',
      'analysis 1.2 s behind',
    ]);
    const unknown = { bitrateBps: null, frameRateFps: null, keyframeIntervalMs: null, hasSound: null, analysisLagMs: null };
    expect(measureTexts({ ...measures, ...unknown, videoProfile: null }, ENGLISH)).toEqual([]);
    expect(measureTexts({ ...measures, ...unknown, failedShare: 0.02, driftMs: -2400, hasSound: false }, ENGLISH)).toEqual([
      'High',
      'no sound',
      'drift -2.4 s',
      '2% of the runs failed',
    ]);
    expect(measureTexts({ ...measures, ...unknown, videoProfile: null, driftMs: -20 }, ENGLISH)).toEqual([]);
    expect(measureTexts(null, ENGLISH)).toEqual([]);
  });

  it('says it in German, with its commas', () => {
    expect(measureTexts(aStreamHealth().measures, GERMAN)).toEqual([
      'High',
      '3,0 Mbit/s',
      '29,9 von 30 Bildern/s',
      'Keyframes alle 8,3 s',
      'Ton',
      'Analyse 1,2 s zurück',
    ]);
  });
});
