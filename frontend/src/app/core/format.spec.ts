import { describe, expect, it } from 'vitest';
import { brief, clockDuration, humanName, percent } from './format';

describe('durations', () => {
  it('read like a clock', () => {
    expect([7_400, 760_000, 11_112_000].map(clockDuration)).toEqual(['0:07', '12:40', '3:05:12']);
    expect(clockDuration(-5)).toBe('0:00');
  });
});

describe('numbers and names', () => {
  it('are shares that never hide what is there', () => {
    expect([0, 0.001, 0.724, 1.34].map(percent)).toEqual(['0 %', '< 1 %', '72 %', '134 %']);
  });
  it('are short', () => {
    expect([0, 0.004, 0.478, 12.34, 640, 123_456].map(brief)).toEqual(['0.00', '0.004', '0.48', '12.3', '640', '123k']);
  });
  it('are made for people', () => {
    expect(['motion_level', 'visual.motionLevel', 'scene-change', 'x'].map(humanName)).toEqual([
      'Motion level',
      'Motion level',
      'Scene change',
      'X',
    ]);
  });
});
