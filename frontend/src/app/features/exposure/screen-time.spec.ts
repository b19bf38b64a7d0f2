import { expect, it } from 'vitest';
import { screenTime } from './screen-time';

const as = { number: (value: number, digits = 0) => value.toFixed(digits) };

it.each([
  [0, '0.0 s'],
  [7.24, '7.2 s'],
  [59.9, '59.9 s'],
  [60, '1 min 00 s'],
  [760.4, '12 min 40 s'],
  [3_599.6, '1 h 00 min'],
  [11_100, '3 h 05 min'],
])('%d seconds on screen are %s', (seconds, text) => {
  expect(screenTime(seconds, as)).toBe(text);
});
