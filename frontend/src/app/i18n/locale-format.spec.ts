import { describe, expect, it } from 'vitest';
import { formatsOf } from '../testing/formats';
import { LocaleFormat } from './locale-format';

const [en, de] = [formatsOf('en'), formatsOf('de')];

describe(LocaleFormat.name, () => {
  it('writes shares that never hide what is there', () => {
    expect([0, 0.001, 0.724, 1.34].map((share) => en.share(share))).toEqual(['0%', '< 1%', '72%', '134%']);
    expect(de.share(0.001)).toBe('< 1\u00a0%');
  });
  it('reads durations like a word', () => {
    const told = (format: typeof en) => [240, 7_200, 42_000, 750_000, 7.3e6, 2e8].map((ms) => format.duration(ms));
    expect(told(en)).toEqual(['240 ms', '7.2 s', '42 s', '12 min', '2 h', '2 d']);
    expect(told(de)[1]).toBe('7,2 s');
  });
  it('tells times from now', () => {
    expect([500, 4_900, 61_000].map((ms) => en.ago(0, ms))).toEqual(['now', '4 seconds ago', '1 minute ago']);
  });
  it('writes amounts of an unknown currency, exact enough for what a single run costs', () => {
    expect([0, 0.00001, 0.00123, 0.045, 0.1, 1.5, 1234].map((amount) => en.money(amount))).toEqual([
      ...['0.00', '< 0.0001', '0.0012', '0.045', '0.10', '1.50', '1,234.00'],
    ]);
    expect(de.money(1234.5)).toBe('1.234,50');
  });
});
