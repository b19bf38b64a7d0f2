import { describe, expect, it } from 'vitest';
import { ago, brief, briefDuration, clockDuration, counted, humanName, percent } from './format';

describe('durations', () => {
  it('read like a clock or like a word', () => {
    expect([7_400, 760_000, 11_112_000].map(clockDuration)).toEqual(['0:07', '12:40', '3:05:12']);
    expect([240, 7_200, 42_000, 750_000, 7.3e6, 2e8].map(briefDuration)).toEqual(['240 ms', '7.2 s', '42 s', '12 min', '2 h', '2 d']);
    expect(clockDuration(-5)).toBe('0:00');
  });
  it('are told from now', () => {
    expect([500, 4_900, 61_000].map((ms) => ago(0, ms))).toEqual(['now', '4 s ago', '1 min ago']);
  });
});

describe('numbers and names', () => {
  it('are shares that never hide what is there', () => {
    expect([0, 0.001, 0.724, 1.34].map(percent)).toEqual(['0 %', '< 1 %', '72 %', '134 %']);
  });
  it('are counted in words that agree', () => {
    expect([counted(1, 'stream'), counted(2, 'stream'), counted(2, 'process', 'processes')]).toEqual([
      '1 stream',
      '2 streams',
      '2 processes',
    ]);
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
