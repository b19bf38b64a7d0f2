import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/**
 * Proxies in front of us whose X-Forwarded-For is believed; everyone else's is not.
 * @example new TrustedProxies(['loopback', '10.1.0.0/16']).addressOf(request)
 */
export class TrustedProxies {
  /** As Express takes it for `trust proxy`. */
  readonly isTrusted: (address: string, hop: number) => boolean;

  /** @param proxies addresses, networks, or `loopback`, `linklocal`, `uniquelocal` */
  constructor(proxies: readonly string[]) {
    this.isTrusted = proxyAddr.compile([...proxies]);
  }

  isProxy(address: string): boolean {
    return this.isTrusted(plain(address), 0);
  }

  /** Who is at the other end, also of a socket that Express never saw: the last hop that is no proxy of ours. */
  addressOf(request: IncomingMessage): string {
    return plain(proxyAddr(request as Parameters<typeof proxyAddr>[0], this.isTrusted) ?? '');
  }
}

/** IPv4 as such, also where the socket is of both kinds. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');
