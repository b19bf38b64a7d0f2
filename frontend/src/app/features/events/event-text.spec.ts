import { describe, expect, it } from 'vitest';
import { anEvent } from '../../testing/wire-samples';
import { sayOf } from '../../testing/say';
import { describeData, iconOf, newlySeen, subjectOf } from './event-text';
import { en } from './list-i18n/en';

const t = sayOf(en);

describe(newlySeen.name, () => {
  const open = anEvent(1, { name: 'black' });
  const closed = { ...open, state: 'closed' as const };
  it('reports what began, ended and came whole, once each', () => {
    expect(newlySeen(new Map(), [open], t)).toEqual(['Black began']);
    expect(newlySeen(new Map([['1', 'open']]), [open], t)).toEqual([]);
    expect(newlySeen(new Map([['1', 'open']]), [closed], t)).toEqual(['Black ended']);
    expect(newlySeen(new Map(), [anEvent(2, { name: 'scene-change', state: 'closed' })], t)).toEqual(['Scene change']);
  });
});

describe(iconOf.name, () => {
  it('goes by the words of the name', () => {
    expect(['black', 'frozen', 'scene-change', 'speech', 'acme.door.open'].map(iconOf)).toEqual([
      ...['black', 'frozen', 'scene', 'speech', 'event'],
    ]);
  });
});

describe(describeData.name, () => {
  it('shows short facts and leaves the rest to machines', () => {
    expect(describeData({ motion: 0.61, frames: [1, 2], note: 'door B' })).toBe('motion 0.61, note door B');
    expect(describeData({ subjectId: '6c1d', meanShare: 0.012, label: 'Acme' })).toBe('Acme, mean share 0.01');
    expect(describeData(null)).toBe('');
  });
});

describe(subjectOf.name, () => {
  it('is what was seen, where that is known, and else the kind of event', () => {
    expect(subjectOf(anEvent(1, { name: 'logo', data: { label: 'acme' } }))).toBe('Acme');
    expect(subjectOf(anEvent(1, { name: 'scene-change', data: { label: '', motion: 1 } }))).toBe('Scene change');
    expect(subjectOf(anEvent(1, { name: 'dwell', data: { ruleName: 'Left at the door' } }))).toBe('Left at the door');
  });
});
