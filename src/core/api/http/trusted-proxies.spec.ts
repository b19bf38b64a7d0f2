import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { TrustedProxies } from './trusted-proxies.js';

const request = (remoteAddress: string, forwardedFor?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    connection: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
  }) as unknown as IncomingMessage;

describe(TrustedProxies.name, () => {
  it.each([
    [[], '127.0.0.1', '8.8.8.8', '127.0.0.1'],
    [['loopback'], '127.0.0.1', '8.8.8.8', '8.8.8.8'],
    [['loopback'], '::ffff:127.0.0.1', '8.8.8.8', '8.8.8.8'],
    [['loopback'], '::1', '2001:db8::1', '2001:db8::1'],
    [['loopback'], '127.0.0.1', '1.1.1.1, 8.8.8.8', '8.8.8.8'],
    [['loopback'], '10.0.0.7', '8.8.8.8', '10.0.0.7'],
    [['loopback'], '192.168.1.2', '8.8.8.8', '192.168.1.2'],
    [['10.0.0.7'], '10.0.0.7', '8.8.8.8', '8.8.8.8'],
    [['10.0.0.7'], '10.0.0.8', '8.8.8.8', '10.0.0.8'],
    [['loopback', '10.0.0.0/8'], '127.0.0.1', '8.8.8.8, 10.9.9.9', '8.8.8.8'],
    [['2001:db8::/32'], '2001:db8::5', '8.8.8.8', '8.8.8.8'],
    [['loopback'], '127.0.0.1', undefined, '127.0.0.1'],
    [['loopback'], '127.0.0.1', 'nonsense', 'nonsense'],
    [['uniquelocal'], '127.0.0.1', '8.8.8.8', '127.0.0.1'],
  ])('with %j believes %s, which forwards for %s: it is %s', (proxies, remote, forwarded, expected) => {
    expect(new TrustedProxies(proxies).addressOf(request(remote, forwarded))).toBe(expected);
  });
});
