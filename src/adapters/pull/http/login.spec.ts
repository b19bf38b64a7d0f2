import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorizationFor } from './login.js';

const LOGIN = { username: 'Mufasa', password: 'Circle Of Life' };
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const valueOf = (header: string, name: string): string => new RegExp(`${name}="?([^",]*)`).exec(header)?.[1] ?? '';

describe(authorizationFor.name, () => {
  it('answers Basic', () => {
    expect(authorizationFor('Basic realm="x"', LOGIN, 'GET', '/')).toBe(`Basic ${btoa('Mufasa:Circle Of Life')}`);
  });

  it('answers Digest, as RFC 2617 counts it, rather than Basic', () => {
    const challenge = 'Basic realm="x", Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b71", opaque="5ccc"';
    const header = authorizationFor(challenge, LOGIN, 'GET', '/dir/index.html')!;
    const [who, what] = [md5('Mufasa:testrealm@host.com:Circle Of Life'), md5('GET:/dir/index.html')];
    expect(valueOf(header, 'response')).toBe(md5(`${who}:dcd98b71:00000001:${valueOf(header, 'cnonce')}:auth:${what}`));
    expect(valueOf(header, 'opaque')).toBe('5ccc');
    expect(header).not.toContain('Circle');
  });

  it('answers old cameras, which know no qop', () => {
    const header = authorizationFor('Digest realm="cam", nonce="1"', LOGIN, 'GET', '/v')!;
    expect(valueOf(header, 'response')).toBe(md5(`${md5('Mufasa:cam:Circle Of Life')}:1:${md5('GET:/v')}`));
  });

  it('has no answer to what it does not know', () => {
    expect(authorizationFor('Bearer realm="x"', LOGIN, 'GET', '/')).toBeUndefined();
    expect(authorizationFor('Digest realm="x", nonce="1", algorithm=SHA-512-256', LOGIN, 'GET', '/')).toBeUndefined();
  });
});
