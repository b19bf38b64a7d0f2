import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { credentialsOf } from './credentials.js';
import { isSameOrigin } from './same-origin.js';
import { freshToken, hashToken } from './fresh-token.js';

const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;

describe('freshToken', () => {
  it('never makes the same token twice and keeps its hash only', () => {
    const tokens = Array.from({ length: 100 }, () => freshToken('api'));
    expect(new Set(tokens.map((fresh) => fresh.token)).size).toBe(100);
    for (const { token, sha256 } of tokens) expect(hashToken(token).equals(sha256)).toBe(true);
  });
});

describe(credentialsOf.name, () => {
  it.each([
    [{ authorization: 'Bearer vda_12345678' }, { token: 'vda_12345678', via: 'bearer' }],
    [
      { authorization: 'bearer vda_12345678', cookie: 'vedette_session=vds_12345678' },
      { token: 'vda_12345678', via: 'bearer' },
    ],
    [{ cookie: 'a=b; vedette_session=vds_12345678; c=d' }, { token: 'vds_12345678', via: 'cookie' }],
    [{ cookie: 'vedette_session=vds_planted0; __Host-vedette_session=vds_12345678' }, { token: 'vds_12345678', via: 'cookie' }],
    [{ cookie: '__Host-vedette_session=; vedette_session=vds_planted0' }, null],
    [{ cookie: 'xvedette_session=vds_12345678' }, null],
    [{ cookie: 'vedette_session=%00%00%00%00%00%00' }, null],
    [{ authorization: 'Basic abcdefgh' }, null],
    [{}, null],
  ])('finds in %j: %j', (headers, expected) => {
    expect(credentialsOf(request(headers as Record<string, string>))).toEqual(expected);
  });
});

describe(isSameOrigin.name, () => {
  it.each([
    [{ host: 'a.test:8080', origin: 'http://a.test:8080' }, true],
    [{ host: 'a.test', origin: 'https://a.test' }, true],
    [{ host: 'A.test', origin: 'https://a.test' }, true],
    [{ host: 'a.test:8080', origin: 'http://a.test' }, false],
    [{ host: 'a.test', origin: 'https://a.test.evil.test' }, false],
    [{ host: 'a.test', origin: 'null' }, false],
    [{ host: 'a.test', origin: 'chrome-extension://a.test' }, false],
    [{ host: 'a.test', origin: 'https://friend.test' }, true],
    [{ host: 'a.test', origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }, false],
    [{ host: 'a.test', 'sec-fetch-site': 'same-origin' }, true],
    [{ host: 'a.test', 'sec-fetch-site': 'none' }, false],
  ])('judges %j: %s', (headers, expected) => {
    expect(isSameOrigin(request(headers as Record<string, string>), ['https://friend.test'], false)).toBe(expected);
  });

  it('leaves to the caller what says nothing', () => {
    expect([true, false].map((missing) => isSameOrigin(request({ host: 'a.test' }), [], missing))).toEqual([true, false]);
  });
});
