import ipaddr from 'ipaddr.js';

/** `[2001:db8::1]:443`, `192.0.2.1:443`: the address without its port. */
function withoutPort(remote: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(remote)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^[^:]*:\d+$/.test(remote) ? remote.slice(0, remote.indexOf(':')) : remote;
}

/**
 * A remote address as logs and counts name it: IPv4 written as IPv6 (`::ffff:192.0.2.1`) is IPv4, port and zone are left out.
 * A text that is no IP address is returned unchanged.
 * @example plainAddress('::ffff:192.0.2.1') // '192.0.2.1'
 */
export function plainAddress(remote: string): string {
  const bare = withoutPort(remote).split('%')[0] ?? '';
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : bare;
}

/**
 * The network by which Vedette counts a remote address (connections, failed attempts): an IPv4 address, or an IPv6 /64, the range that
 * one customer usually has.
 * @example networkOf('[2001:db8:1:2:3:4:5:6]:50000') // '2001:db8:1:2::/64'
 */
export function networkOf(remote: string): string {
  const address = plainAddress(remote);
  return ipaddr.IPv6.isValid(address) ? `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()}/64` : address;
}

/** What kind of place an address is, for those who must not be led somewhere by what others wrote. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'link-local' | 'reserved';

const KINDS: Readonly<Record<string, AddressKind>> = {
  unicast: 'public',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  loopback: 'loopback',
  linkLocal: 'link-local',
};

/**
 * Of an IP address; what is none, and what nobody can connect to (multicast, unspecified, mapped into other ranges), is `reserved`.
 * @example addressKind('169.254.169.254') // 'link-local'
 * @example addressKind('::ffff:10.0.0.7') // 'private'
 */
export function addressKind(address: string): AddressKind {
  const bare = address.split('%')[0] ?? '';
  return ipaddr.isValid(bare) ? (KINDS[ipaddr.process(bare).range()] ?? 'reserved') : 'reserved';
}
