import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Peers whose X-Forwarded-For is believed when a proxy is trusted: this machine and private networks. */
const proxies = new BlockList();
proxies.addSubnet('127.0.0.0', 8, 'ipv4');
proxies.addSubnet('10.0.0.0', 8, 'ipv4');
proxies.addSubnet('172.16.0.0', 12, 'ipv4');
proxies.addSubnet('192.168.0.0', 16, 'ipv4');
proxies.addSubnet('169.254.0.0', 16, 'ipv4');
proxies.addAddress('::1', 'ipv6');
proxies.addSubnet('fc00::', 7, 'ipv6');
proxies.addSubnet('fe80::', 10, 'ipv6');

/** Who is at the other end of a socket that Express never saw: the last hop that is not a proxy of ours. */
export function remoteAddress(request: IncomingMessage, trustProxy: boolean): string {
  let address = plain(request.socket.remoteAddress ?? '');
  if (!trustProxy) return address;
  const hops = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((hop) => plain(hop.trim()))
    .filter((hop) => hop !== '');
  while (isProxy(address)) {
    const hop = hops.pop();
    if (hop === undefined) break;
    address = hop;
  }
  return address;
}

const plain = (address: string): string => address.replace(/^::ffff:/, '');

/** Whether X-Forwarded-For of this peer is believed when a proxy is trusted. */
export function isProxy(address: string): boolean {
  if (isIPv4(address)) return proxies.check(address, 'ipv4');
  return isIPv6(address) && proxies.check(address, 'ipv6');
}
