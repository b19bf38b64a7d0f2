import { describe, expect, it } from 'vitest';
import { AttemptLimit, networkOf } from './attempt-limit.js';

describe('AttemptLimit', () => {
  it('gives a failed attempt back after a while', () => {
    let nowMs = 0;
    const limit = new AttemptLimit({ burst: 2, refillMs: 1000 }, () => nowMs);
    limit.failed('192.0.2.1');
    limit.failed('192.0.2.1');
    expect(limit.allows('192.0.2.1')).toBe(false);
    expect(limit.allows('192.0.2.2')).toBe(true);
    nowMs = 1000;
    expect(limit.allows('192.0.2.1')).toBe(true);
    limit.failed('192.0.2.1');
    expect(limit.allows('192.0.2.1')).toBe(false);
  });

  it('remembers a bounded number of addresses, the latest', () => {
    const limit = new AttemptLimit({ burst: 1, maxAddresses: 100 }, () => 0);
    for (let address = 0; address < 1000; address++) limit.failed(`10.0.${address >> 8}.${address & 255}`);
    expect(limit.allows('10.0.0.0')).toBe(true);
    expect(limit.allows('10.0.3.231')).toBe(false);
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:50000', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[2001:db8:1:2:3:4:5:6]:50000', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('puts %s into %s', (remote, network) => {
    expect(networkOf(remote)).toBe(network);
  });
});
