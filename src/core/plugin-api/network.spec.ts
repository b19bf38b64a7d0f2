import { describe, expect, it } from 'vitest';
import { networkOf, plainAddress } from './network.js';

describe(networkOf.name, () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:50000', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:50000', '192.0.2.1'],
    ['[2001:db8:1:2:3:4:5:6]:50000', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('puts %s into %s', (remote, network) => {
    expect(networkOf(remote)).toBe(network);
  });
});

describe(plainAddress.name, () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[2001:DB8::1]:50000', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', 'unknown'],
  ])('writes %s as %s', (remote, address) => {
    expect(plainAddress(remote)).toBe(address);
  });
});
