import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { modelError } from '../errors/model.errors.js';

/** Addresses that lead into this machine or its network, or nowhere. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ] as const),
  ...([
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
  ] as const),
  ...([['224.0.0.0', 3]] as const),
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
/** Everything but global unicast, and of that what wraps an IPv4 address or documents something. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6');
const PRIVATE_V6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  PRIVATE_V6.addSubnet(network, prefix, 'ipv6');
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whether an address is none that the public Internet has. */
export function isPrivateAddress(address: string): boolean {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return isPrivateAddress(mapped);
  if (isIP(address) === 4) return PRIVATE.check(address, 'ipv4');
  return !GLOBAL_V6.check(address, 'ipv6') || PRIVATE_V6.check(address, 'ipv6');
}

export interface AddressRules {
  readonly allowPrivateHosts: boolean;
  readonly allowHttp: boolean;
}

/** Where a URL leads, without what may be secret in it: signed addresses carry their signature in the query. */
export const shownUrl = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

/**
 * What can be refused of a URL before its name is looked up.
 * @throws VD_MODEL_ADDRESS_REFUSED
 */
export function checkUrl(url: URL, rules: AddressRules): void {
  if (url.username !== '' || url.password !== '') throw refused(url, 'has a user name or password in it');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(url, 'is neither https nor http');
  if (url.protocol === 'http:' && !rules.allowHttp && !(rules.allowPrivateHosts && isLoopbackName(url.hostname))) {
    throw refused(url, 'has no TLS', 'Use https, or set models.allowHttp: true.');
  }
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  // An address is not looked up by anybody, so that nobody else would ask.
  if (!rules.allowPrivateHosts && isIP(literal) !== 0 && isPrivateAddress(literal)) throw refused(url, 'leads to a private address');
}

/**
 * Looks a name up and refuses it when any of its addresses is private; the connection is made to the very address checked, so
 * that a name cannot change its mind in between.
 */
export function guardedLookup(url: URL, rules: AddressRules, resolve: LookupFunction = dnsLookup as LookupFunction): LookupFunction {
  if (rules.allowPrivateHosts) return resolve;
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const all = Array.isArray(addresses) ? addresses : [{ address: addresses, family: isIP(addresses) }];
      const bad = all.find(({ address }) => isPrivateAddress(address));
      if (bad !== undefined || all[0] === undefined) return callback(refused(url, `leads to ${bad?.address ?? 'no address'}`), '', 0);
      if (options.all === true) callback(null, all);
      else callback(null, all[0].address, all[0].family);
    });
  };
}

const isLoopbackName = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

const refused = (url: URL, why: string, fix?: string): Error => modelError('VD_MODEL_ADDRESS_REFUSED', `${shownUrl(url)} ${why}`, { fix });
