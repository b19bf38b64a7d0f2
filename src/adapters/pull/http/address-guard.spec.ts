import { describe, expect, it } from 'vitest';
import { AddressGuard } from './address-guard.js';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'camera.lan': ['192.168.1.20'],
  'example.com': ['93.184.215.14'],
  'cdn.example.com': ['93.184.215.15'],
  'rebound.example.com': ['127.0.0.1'],
  'inner.example.com': ['10.0.0.5'],
  'both.example.com': ['10.0.0.5', '93.184.215.16'],
  'meta.example.com': ['169.254.169.254'],
  localhost: ['127.0.0.1', '::1'],
};
const guardOf = (configured: string) =>
  new AddressGuard(new URL(configured), async (host) => {
    const found = NAMES[host];
    if (found === undefined) throw Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
    return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  });
const lead = async (configured: string, host: string): Promise<string> =>
  guardOf(configured)
    .addressesOf(host)
    .then(
      (addresses) => addresses.map(({ address }) => address).join(),
      (error: { code: string }) => error.code,
    );

describe(AddressGuard.name, () => {
  it.each([
    ['rtsp://camera.lan/', '192.168.1.20'],
    ['http://example.com/', '93.184.215.14'],
    ['http://10.0.0.5/', '10.0.0.5'],
    ['http://127.0.0.1:8080/', '127.0.0.1'],
    ['http://localhost:8080/', '127.0.0.1,::1'],
    ['http://169.254.10.1/', '169.254.10.1'],
    ['http://169.254.169.254/', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://rebound.example.com/', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://meta.example.com/', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://0.0.0.0/', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://224.0.0.1/', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://missing.example.com/', 'VD_PULL_NAME_UNKNOWN'],
  ])('lets %s be configured as %s', async (configured, expected) => {
    expect(await lead(configured, new URL(configured).hostname)).toBe(expected);
  });

  it.each([
    ['http://example.com/', 'cdn.example.com', '93.184.215.15'],
    ['http://camera.lan/', 'cdn.example.com', '93.184.215.15'],
    ['http://camera.lan/', '192.168.1.20', '192.168.1.20'],
    ['http://example.com/', 'both.example.com', '93.184.215.16'],
    ['http://example.com/', 'camera.lan', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://camera.lan/', 'inner.example.com', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://example.com/', 'rebound.example.com', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://127.0.0.1/', '127.0.0.2', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://example.com/', '[::1]', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://example.com/', '[::ffff:10.0.0.5]', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://example.com/', '[64:ff9b::a00:5]', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://example.com/', '100.64.0.1', 'VD_PULL_ADDRESS_REFUSED'],
    ['http://example.com/', 'meta.example.com', 'VD_PULL_ADDRESS_REFUSED'],
  ])('where %s is configured, %s leads to %s', async (configured, host, expected) => {
    expect(await lead(configured, host)).toBe(expected);
  });
});
