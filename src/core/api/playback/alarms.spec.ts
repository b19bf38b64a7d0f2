import { describe, expect, it } from 'vitest';
import { doneWithin } from '../../runtime/within.js';
import { Alarms } from './alarms.js';

describe('Alarms', () => {
  it('wake all who wait for a thing, and nobody else', async () => {
    const alarms = new Alarms();
    const [one, two, other] = [alarms.set('a'), alarms.set('a'), alarms.set('b')];
    alarms.ring('a');
    await Promise.all([one.rung, two.rung]);
    expect(await doneWithin(1, other.rung)).toBe(false);
    for (const alarm of [one, two, other]) alarm.clear();
    const late = alarms.set('a');
    expect(await doneWithin(1, late.rung)).toBe(false);
    late.clear();
  });
});
