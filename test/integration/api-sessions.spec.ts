import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator } from '../../src/core/api/auth/authenticator.js';
import { TokenUse } from '../../src/core/api/auth/token-use.js';
import { ApiApp, cookieOf } from '../support/api-app.js';

const SESSIONS = 3;
const BY_TLS = { 'x-forwarded-proto': 'https' };

describe('a session', () => {
  let api: ApiApp;
  beforeAll(async () => {
    api = await ApiApp.start({ api: { sessionIdle: '1h', maxSessions: SESSIONS, trustProxy: ['loopback'] } });
  });
  afterAll(() => api.stop());

  const status = async (cookie: string): Promise<number> => (await api.call('GET', '/api/streams', { cookie })).status;
  async function signIn(token?: string, headers: Record<string, string> = {}): Promise<Response> {
    const body = { token: token ?? (await api.admin.issueOneTimeToken()).token };
    return api.call('POST', '/api/session', { body, headers });
  }

  it('is a __Host- cookie by TLS, which one planted beside it does not replace', async () => {
    const response = await signIn(undefined, BY_TLS);
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^__Host-vedette_session=vds_[\w-]{32}; Path=\/; Expires=.*; HttpOnly; Secure; SameSite=Strict$/,
    );
    const cookie = cookieOf(response);
    expect(await status(cookie)).toBe(200);
    const planted = cookieOf(await signIn());
    expect(planted).toMatch(/^vedette_session=/);
    const who = await api.whoAmI({ cookie: `${planted}; ${cookie}` });
    expect(who.expiresAt).toBe((await api.whoAmI({ cookie })).expiresAt);
    const out = await api.call('DELETE', '/api/session', { cookie: `${planted}; ${cookie}`, headers: BY_TLS });
    expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-vedette_session=;/);
    expect([await status(cookie), await status(planted)]).toEqual([401, 200]);
  });

  it('leaves nothing in the browser when it ends, and no answer in caches while it lasts', async () => {
    const cookie = cookieOf(await signIn());
    for (const path of ['/api/streams', '/api/session', '/api/tokens', '/api/system', '/api/nothing'])
      expect([path, (await api.call('GET', path, { cookie })).headers.get('cache-control')]).toEqual([path, 'no-store']);
    const out = await api.call('DELETE', '/api/session', { cookie });
    expect([out.status, out.headers.get('clear-site-data')]).toEqual([204, '"cache", "storage"']);
  });

  it('ends when nobody uses it for too long, and not while somebody does', async () => {
    const [idle, used] = [cookieOf(await signIn()), cookieOf(await signIn())];
    expect([await status(idle), await status(used)]).toEqual([200, 200]);
    await api.app.get(TokenUse).flush();
    await api.sql.query("UPDATE user_tokens SET last_used_at = now() - interval '59 minutes' WHERE kind = 'session'");
    expect(await status(used)).toBe(200);
    await api.app.get(TokenUse).flush();
    await api.sql.query("UPDATE user_tokens SET last_used_at = last_used_at - interval '2 minutes' WHERE kind = 'session'");
    api.app.get(Authenticator).forget();
    expect([await status(idle), await status(used)]).toEqual([401, 200]);
  });

  it('is listed with when it was last used, by its kind', async () => {
    const cookie = cookieOf(await signIn());
    await status(cookie);
    await api.app.get(TokenUse).flush();
    const { items } = (await (await api.call('GET', '/api/tokens', { cookie })).json()) as {
      items: { kind: string; current: boolean; lastUsedAt: string | null }[];
    };
    const current = items.find((token) => token.current);
    expect(current?.kind).toBe('session');
    expect(Date.now() - Date.parse(current?.lastUsedAt ?? '')).toBeLessThan(60_000);
  });

  it('takes the place of the one unused for longest when there are too many of its kind', async () => {
    const { token } = await api.apiToken('viewer');
    const other = cookieOf(await signIn((await api.apiToken('viewer')).token));
    const cookies: string[] = [];
    for (let i = 0; i < SESSIONS; i++) cookies.push(cookieOf(await signIn(token)));
    await status(cookies[0]!);
    await api.sql.query("UPDATE user_tokens SET last_used_at = now() - interval '10 minutes' WHERE kind = 'session'");
    await api.app.get(TokenUse).flush();
    cookies.push(cookieOf(await signIn(token)));
    api.app.get(Authenticator).forget();
    const open = await Promise.all(cookies.map(status));
    expect(open[0], 'the one just used').toBe(200);
    expect(open.at(-1), 'the new one').toBe(200);
    expect(open.filter((code) => code === 200)).toHaveLength(SESSIONS);
    expect(await status(other), 'of another token').toBe(200);
    expect((await api.call('GET', '/api/streams', { bearer: token })).status).toBe(200);
  });
});
