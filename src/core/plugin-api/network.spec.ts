import { describe, expect, it } from 'vitest';
import { addressKind, NetworkList, networkOf, networkRange, plainAddress } from './network.js';

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

describe(NetworkList.name, () => {
  it.each([
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '[::ffff:10.1.2.3]:1935', true],
    [['10.0.0.0/8'], '::ffff:0a01:0203', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['10.1.2.3/8'], '10.9.9.9', true],
    [['192.0.2.7'], '192.0.2.7:5000', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['::ffff:192.0.2.0/120'], '192.0.2.9', true],
    [['::ffff:192.0.2.0/120'], '192.0.3.9', false],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['::/0'], '192.0.2.1', false],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['0.0.0.0/0', '::/0'], '2001:db8::1', true],
    [['0.0.0.0/0', '::/0'], 'unknown', false],
    [[], '127.0.0.1', false],
    [undefined, 'unknown', true],
  ])('of %j has %s: %s', (networks, remote, isIn) => {
    expect(new NetworkList(networks).has(remote)).toBe(isIn);
  });

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '0x0a.0.0.1',
    '010.0.0.1/8',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '::1/129',
    'fe80::1%eth0',
    'localhost',
    '*',
  ])('takes %j for no network', (text) => {
    expect(networkRange.safeParse(text).success).toBe(false);
  });
});

describe(addressKind.name, () => {
  it.each([
    ['93.184.215.14', 'public'],
    ['2606:2800:21f::1', 'public'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['127.8.8.8', 'loopback'],
    ['::1', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::a00:1', 'reserved'],
    ['0.0.0.0', 'reserved'],
    ['::', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['camera.lan', 'reserved'],
    ['', 'reserved'],
  ])('%s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });
});
