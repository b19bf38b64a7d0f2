import { describe, expect, it } from 'vitest';
import { formatsOf } from '../../testing/formats';
import { sayOf } from '../../testing/say';
import { aStep } from '../../testing/work-samples';
import { WORDS } from '../../testing/work-words';
import { stepText } from './change-text';
import { de } from './i18n/de';
import type { WorkTexts } from './i18n/en';

const TITLES = new Map([['objects', 'Object detection']]);

describe(stepText.name, () => {
  it('says what is lost, what it costs and how sure that is', () => {
    const hosts = aStep({ kind: 'raise-hosts', subject: 'studio', about: { hosts: 8, before: 4 } });
    expect(stepText(hosts, TITLES, WORDS)).toEqual({
      title: 'On studio: 8 analysis hosts instead of 4, one for each core',
      notes: ['nothing is lost', 'costs nothing', 'an estimate'],
    });
    const cloud = aStep({ kind: 'route-to-cloud', about: { strategy: 'far' }, moneyPerDay: 4.8 });
    expect(stepText(cloud, TITLES, WORDS)).toEqual({
      title: 'Object detection by far in its place',
      notes: [
        'its results are then those of the other service; private streams stay here',
        '4.80 a day',
        'an estimate, pictures for it are still decoded here',
      ],
    });
    expect(stepText(aStep({ kind: 'add-hosts', about: { cores: 3 }, moneyPerDay: null }), TITLES, WORDS).notes[1]).toBe(
      'what a machine costs is not known here',
    );
    expect(stepText({ ...cloud, moneyPerDay: null, gain: 'unknown' }, TITLES, WORDS).notes.slice(1)).toEqual([
      'its price is not known',
      'its effect is not known',
    ]);
  });

  it('tells of sampling in frames, as the language writes them', () => {
    const lower = aStep({ kind: 'lower-sampling', about: { from: 2.5, to: 'keyframes' }, gain: 'measured' });
    expect(stepText(lower, TITLES, WORDS).title).toBe('Object detection at keyframes instead of 2.5 frames per second');
    expect(stepText(lower, TITLES, { t: sayOf<WorkTexts>(de), as: formatsOf('de') }).title).toBe(
      'Object detection mit Keyframes statt 2,5 Bildern pro Sekunde',
    );
  });
});
