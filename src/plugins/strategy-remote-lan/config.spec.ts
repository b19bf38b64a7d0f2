import { describe, expect, it } from 'vitest';
import { remoteLanConfig } from './config.js';

const token = { file: 'token' };
const fingerprint = 'Ab'.repeat(32);

describe('config of remote-lan', () => {
  it('brings addresses and fingerprints to one form', () => {
    expect(
      remoteLanConfig.parse({ token, hosts: [{ url: 'https://10.0.0.5:7443/', fingerprint: fingerprint.replace(/..(?=.)/g, '$&:') }] }),
    ).toEqual({
      token,
      hosts: [{ url: 'https://10.0.0.5:7443', fingerprint: fingerprint.toLowerCase() }],
      discover: false,
    });
    expect(remoteLanConfig.parse({ token: { env: 'TOKEN' }, discover: true }).hosts).toEqual([]);
  });

  it.each([
    ['no host and no way to find one', { token }],
    ['a token in the config itself', { token: 'x'.repeat(40), discover: true }],
    ['plain HTTP', { token, hosts: [{ url: 'http://10.0.0.5:7443' }] }],
    ['an address with more to it', { token, hosts: [{ url: 'https://10.0.0.5:7443/path' }] }],
    ['an address with a password', { token, hosts: [{ url: 'https://a:b@10.0.0.5:7443' }] }],
    ['a fingerprint of another kind', { token, hosts: [{ url: 'https://10.0.0.5:7443', fingerprint: 'ab'.repeat(20) }] }],
    ['a host twice', { token, hosts: [{ url: 'https://10.0.0.5:7443' }, { url: 'https://10.0.0.5:7443/' }] }],
    ['an unknown key', { token, discover: true, host: 'x' }],
  ])('refuses %s', (_, written) => expect(remoteLanConfig.safeParse(written).success).toBe(false));
});
