import { describe, expect, it } from 'vitest';
import { expectedWaitMs } from './waiting.js';

describe('expectedWaitMs', () => {
  it('is that of M/M/1 for one host and a spread of 1: s · ρ / (1 − ρ)', () => {
    expect(expectedWaitMs({ utilisation: 0.5, hosts: 1, serviceMs: 400, spread: 1 })).toBeCloseTo(400, 6);
  });
  it('is half of that where every segment takes as long', () => {
    expect(expectedWaitMs({ utilisation: 0.5, hosts: 1, serviceMs: 400, spread: 0 })).toBeCloseTo(200, 6);
  });
  it('shrinks with more hosts at the same utilisation', () => {
    const wait = (hosts: number): number => expectedWaitMs({ utilisation: 0.8, hosts, serviceMs: 400, spread: 0.5 })!;
    expect(wait(8)).toBeLessThan(wait(2) / 4);
  });
  it('has no end where the work does not fit', () => {
    expect(expectedWaitMs({ utilisation: 1, hosts: 4, serviceMs: 400, spread: 1 })).toBeNull();
    expect(expectedWaitMs({ utilisation: Infinity, hosts: 0, serviceMs: 400, spread: 1 })).toBeNull();
  });
});
