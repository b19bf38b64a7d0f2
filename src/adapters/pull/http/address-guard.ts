import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { addressKind } from 'vedette/plugin';
import { pullError } from '../errors.js';

/** Where clouds answer questions about themselves, credentials included. */
const METADATA = new Set(['169.254.169.254', 'fd00:ec2::254']);
const isLoopbackName = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost');

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) => {
    resolveName(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });

/** As URLs write it: an IPv6 address stands in brackets there. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, '').toLowerCase();

/**
 * Says where a source may lead. The address that was configured may be of the local network, as cameras are; of this machine itself only
 * where it says so by itself. Where playlists and redirects lead to must be public, or the very machine that was configured: whoever
 * writes them decides about no other machine of this network. Names are resolved here, and what is connected to is what was checked.
 */
export class AddressGuard {
  private readonly host: string;
  private own: Promise<readonly LookupAddress[]> | undefined;

  constructor(
    configured: URL,
    private readonly resolve: Resolve = systemResolve,
  ) {
    this.host = bare(configured.hostname);
  }

  /**
   * Addresses of a host that may be connected to, at least one.
   * @throws VD_PULL_NAME_UNKNOWN, VD_PULL_ADDRESS_REFUSED
   */
  async addressesOf(hostname: string): Promise<readonly LookupAddress[]> {
    const host = bare(hostname);
    if (host === this.host) return this.configured();
    const [found, own] = await Promise.all([this.resolved(host), this.configured()]);
    const isOwn = ({ address }: LookupAddress): boolean => own.some((one) => one.address === address);
    const allowed = found.filter((one) => isOwn(one) || addressKind(one.address) === 'public');
    if (allowed.length > 0) return allowed;
    throw pullError('VD_PULL_ADDRESS_REFUSED', `${this.host} leads to ${host}, which is an address that it may not lead to`);
  }

  /** Of the host that was configured. @throws VD_PULL_NAME_UNKNOWN, VD_PULL_ADDRESS_REFUSED */
  configured(): Promise<readonly LookupAddress[]> {
    this.own ??= this.resolved(this.host).then((found) => {
      const allowed = found.filter(({ address }) => this.mayBeConfigured(address));
      if (allowed.length > 0) return allowed;
      throw pullError('VD_PULL_ADDRESS_REFUSED', `${this.host} is an address that no source may have`);
    });
    return this.own;
  }

  private mayBeConfigured(address: string): boolean {
    if (METADATA.has(address)) return false;
    const kind = addressKind(address);
    // What a name stands for can change; what is written as an address, or as this machine, was meant.
    if (kind === 'loopback') return isLoopbackName(this.host) || isIP(this.host) !== 0;
    if (kind === 'link-local') return isIP(this.host) !== 0;
    return kind !== 'reserved';
  }

  private async resolved(host: string): Promise<readonly LookupAddress[]> {
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    try {
      return await this.resolve(host);
    } catch (cause) {
      throw pullError('VD_PULL_NAME_UNKNOWN', `The name ${host} cannot be resolved`, { cause });
    }
  }
}
