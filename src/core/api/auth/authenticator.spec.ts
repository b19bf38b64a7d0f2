import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { vedetteConfigSchema } from '../../config/schema.js';
import type { KnownToken, TokenStore } from '../../persistence/access/token-store.js';
import { HttpConnections } from '../http/http-connections.js';
import { Authenticator } from './authenticator.js';
import { hashToken } from './fresh-token.js';

const REQUEST = { headers: {}, socket: {} } as unknown as IncomingMessage;
const GOOD = 'vda_good-token';

const owner = (kind: KnownToken['kind']): Omit<KnownToken, 'sha256'> => {
  return { tokenId: kind, userId: 'u', userName: 'Ada', role: 'viewer', kind, expiresAt: null };
};

/** An authenticator over tokens in memory that counts the queries and what they asked for. */
function bench(tokens: Record<string, KnownToken['kind']> = { [GOOD]: 'api' }) {
  const queries: number[] = [];
  const good = new Map(Object.entries(tokens).map(([token, kind]) => [hashToken(token).toString('hex'), kind]));
  const store = {
    fails: undefined as Error | undefined,
    async known(sha256s: readonly Buffer[]): Promise<KnownToken[]> {
      queries.push(sha256s.length);
      if (store.fails !== undefined) throw store.fails;
      return sha256s.flatMap((sha256) => {
        const kind = good.get(sha256.toString('hex'));
        return kind === undefined ? [] : [{ ...owner(kind), sha256 }];
      });
    },
  };
  const clock = { nowMs: 1_700_000_000_000 };
  const authenticator = new Authenticator(
    store as unknown as TokenStore,
    new HttpConnections(vedetteConfigSchema.parse({})),
    () => clock.nowMs,
  );
  const codeOf = (token: string, address = '192.0.2.1'): Promise<string> =>
    authenticator.verify(REQUEST, token, address).then(
      () => 'good',
      (error: unknown) => (error as { code: string }).code,
    );
  return { authenticator, store, clock, queries, codeOf };
}

describe(Authenticator.name, () => {
  it('looks a burst of guesses up in a few queries, and counts each before it knows', async () => {
    const { codeOf, queries } = bench();
    const codes = await Promise.all(Array.from({ length: 400 }, (_, i) => codeOf(`guess-${i}`)));
    expect(codes.filter((code) => code === 'VD_AUTH_TOKEN_INVALID')).toHaveLength(20);
    expect(codes.filter((code) => code === 'VD_AUTH_RATE_LIMITED')).toHaveLength(380);
    expect(queries).toEqual([1, 399]);
  });

  it('serves a right token from a network that guesses, also when it is not remembered any more', async () => {
    const { codeOf, clock } = bench();
    expect(await codeOf(GOOD, '2001:db8::1')).toBe('good');
    for (let i = 0; i < 30; i++) await codeOf(`guess-${i}`, `2001:db8::${i}`);
    clock.nowMs += 10_000;
    for (let i = 0; i < 30; i++) await codeOf(`guess-${i}`, `2001:db8::${i}`);
    const flood = Array.from({ length: 100 }, (_, i) => codeOf(`more-${i}`, '2001:db8::2'));
    expect(await codeOf(GOOD, '2001:db8::1')).toBe('good');
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['VD_AUTH_RATE_LIMITED']));
    expect(await codeOf('guess', '2001:db8:0:1::1')).toBe('VD_AUTH_TOKEN_INVALID');
  });

  it('limits nobody for what others fail at, however many fail', async () => {
    const { codeOf } = bench();
    for (let i = 0; i < 2_000; i++) await codeOf('guess', `10.0.${i >> 8}.${i & 255}`);
    expect(await codeOf('guess', '192.0.2.1')).toBe('VD_AUTH_TOKEN_INVALID');
  });

  it('says when to try again, and takes failures for failures again by then', async () => {
    const { authenticator, codeOf, clock } = bench();
    for (let i = 0; i < 20; i++) await codeOf(`guess-${i}`);
    expect(await codeOf('guess')).toBe('VD_AUTH_RATE_LIMITED');
    clock.nowMs += authenticator.retryAfterS('192.0.2.1') * 1000;
    expect([await codeOf('guess'), await codeOf('guess')]).toEqual(['VD_AUTH_TOKEN_INVALID', 'VD_AUTH_RATE_LIMITED']);
  });

  it('remembers a good token for three seconds and no longer', async () => {
    const { codeOf, clock, queries } = bench();
    for (const passedMs of [0, 3_000, 1]) {
      clock.nowMs += passedMs;
      await codeOf(GOOD);
    }
    expect(queries).toEqual([1, 1]);
  });

  it('opens a session with a one-time or an API token, and nothing else with a one-time token', async () => {
    const { authenticator, codeOf } = bench({ [GOOD]: 'api', vdo_once: 'one-time', vds_session: 'session' });
    for (const token of [GOOD, 'vdo_once']) expect(await authenticator.verifySignIn(REQUEST, token, '192.0.2.1')).toEqual(hashToken(token));
    await expect(authenticator.verifySignIn(REQUEST, 'vds_session', '192.0.2.1')).rejects.toMatchObject({ code: 'VD_AUTH_TOKEN_INVALID' });
    expect(await codeOf('vdo_once')).toBe('VD_AUTH_TOKEN_INVALID');
  });

  it('takes a database that is away for nobody’s failure', async () => {
    const { codeOf, store } = bench();
    store.fails = Object.assign(new Error('away'), { code: 'AWAY' });
    expect(new Set(await Promise.all(Array.from({ length: 30 }, (_, i) => codeOf(`guess-${i}`))))).toEqual(new Set(['AWAY']));
    store.fails = undefined;
    expect(await codeOf('guess')).toBe('VD_AUTH_TOKEN_INVALID');
  });
});
