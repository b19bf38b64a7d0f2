import { describe, expect, it } from 'vitest';
import { chooseHost, startDelayMs, type HostLoad } from './host-choice.js';

const load = (ahead: number, capacity = 1, msPerJob: number | 'unknown' = 100): HostLoad => ({
  ahead,
  capacity,
  msPerJob: msPerJob === 'unknown' ? undefined : msPerJob,
});
const choose = (loads: Readonly<Record<string, HostLoad>>, before?: string): string | undefined =>
  chooseHost(Object.keys(loads), (host) => loads[host]!, before);

describe(chooseHost.name, () => {
  it('takes the one with the least to do for its size', () => {
    expect(choose({ a: load(1), b: load(0), c: load(2) })).toBe('b');
    expect(choose({ a: load(1, 1), b: load(3, 8) })).toBe('b');
  });

  it('weighs by how long a job takes there; one that is not known counts as usual', () => {
    expect(choose({ slow: load(0, 1, 1_000), quick: load(2, 1, 100) })).toBe('quick');
    expect(choose({ slow: load(0, 1, 1_000), unknown: load(0, 1, 'unknown'), quick: load(0, 1, 100) })).toBe('quick');
    expect(choose({ slow: load(0, 1, 1_000), unknown: load(0, 1, 'unknown') })).toBe('slow');
  });

  it('stays where the stream was, until that is clearly busier', () => {
    expect(choose({ a: load(1), b: load(0) }, 'a')).toBe('a');
    expect(choose({ a: load(2), b: load(0) }, 'a')).toBe('b');
    expect(choose({ b: load(0) }, 'a')).toBe('b');
  });

  it('takes a host whose processes are still starting only for want of another', () => {
    expect(choose({ starting: load(0, 0), a: load(0, 1) })).toBe('a');
    expect(choose({ starting: load(0, 0) })).toBe('starting');
    expect(choose({})).toBeUndefined();
  });
});

describe(startDelayMs.name, () => {
  it('is none while there is a free place, and then as long as the others take', () => {
    expect([startDelayMs(load(1, 2)), startDelayMs(load(2, 2)), startDelayMs(load(5, 2))]).toEqual([0, 50, 200]);
  });
});
