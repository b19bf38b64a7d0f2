import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

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

/** An address (`10.0.0.7`) or a network in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`), for config. */
export const networkRange = z
  .string()
  .max(64)
  .refine((text) => rangeOf(text) !== null, 'an address such as 10.0.0.7, or a network such as 10.0.0.0/8 or 2001:db8::/32');

/**
 * Addresses that are let in.
 * @example new NetworkList(['10.0.0.0/8']).has('::ffff:10.1.2.3') // true
 */
export class NetworkList {
  private readonly ranges: readonly Range[] | undefined;

  /** @param networks as {@link networkRange} takes them; undefined: every address */
  constructor(networks: readonly string[] | undefined) {
    this.ranges = networks?.map(rangeOf).filter((range) => range !== null);
  }

  /** IPv4 written as IPv6 is IPv4. What is no IP address is in no network. */
  has(remote: string): boolean {
    if (this.ranges === undefined) return true;
    const text = plainAddress(remote);
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return this.ranges.some(({ network, bits }) => network.kind() === address.kind() && address.match(network, bits));
  }
}

interface Range {
  readonly network: ipaddr.IPv4 | ipaddr.IPv6;
  readonly bits: number;
}

/** Null for what is no range. IPv4 written as IPv6 is a range of IPv4. */
function rangeOf(text: string): Range | null {
  const [address = '', bitsText, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return null;
  const longest = version === 4 ? 32 : 128;
  if (bitsText !== undefined && !(/^\d{1,3}$/.test(bitsText) && Number(bitsText) <= longest)) return null;
  const bits = Number(bitsText ?? longest);
  const network = ipaddr.parse(address);
  const plain = ipaddr.process(address);
  if (plain.kind() === network.kind()) return { network, bits };
  return bits >= 96 ? { network: plain, bits: bits - 96 } : { network, bits };
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
