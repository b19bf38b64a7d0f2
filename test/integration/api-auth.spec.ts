import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { newTokenWire, pageOf, problemWire, sessionWire, tokenWire } from '../../src/core/wire/wire.js';
import { ApiApp, cookieOf } from '../support/api-app.js';
import { waitFor } from '../e2e/support/wait-for.js';

describe('signing in', () => {
  let api: ApiApp;
  beforeAll(async () => {
    api = await ApiApp.start();
  });
  afterAll(() => api.stop());

  async function problem(response: Response) {
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    return problemWire.strict().parse(await response.json());
  }

  it('lets the first admin in once with the token of the banner', async () => {
    const first = await api.admin.ensureFirstAdmin();
    const second = await api.admin.ensureFirstAdmin();
    expect(second?.token).not.toBe(first?.token);
    expect((await api.call('POST', '/api/session', { body: { token: first?.token } })).status).toBe(401);

    const response = await api.call('POST', '/api/session', { body: { token: second?.token } });
    expect(response.status).toBe(200);
    expect(sessionWire.strict().parse(await response.json()).user.role).toBe('admin');
    expect(response.headers.getSetCookie()[0]).toMatch(/^vedette_session=vds_[\w-]{32}; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/);
    expect((await api.call('GET', '/api/session', { cookie: cookieOf(response) })).status).toBe(200);

    const reused = await api.call('POST', '/api/session', { body: { token: second?.token } });
    expect(reused.status).toBe(401);
    expect((await problem(reused)).code).toBe('VD_AUTH_TOKEN_INVALID');
    expect(await api.admin.ensureFirstAdmin()).toBeNull();
  });

  it('spends a one-time token once, however many sign in with it at the same moment', async () => {
    const { token } = await api.admin.issueOneTimeToken();
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.call('POST', '/api/session', { body: { token } })));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it('does not take a one-time token as a bearer token', async () => {
    const { token } = await api.admin.issueOneTimeToken();
    expect((await api.call('GET', '/api/streams', { bearer: token })).status).toBe(401);
  });

  it('keeps tokens as hashes only', async () => {
    const { token } = await api.apiToken('viewer');
    const { rows } = await api.sql.query<{ row: string; sha256: Buffer }>(
      'SELECT t::text AS row, token_sha256 AS sha256 FROM user_tokens t',
    );
    expect(rows.some((row) => row.row.includes(token))).toBe(false);
    expect(rows.some((row) => row.sha256.equals(createHash('sha256').update(token).digest()))).toBe(true);
    expect(Buffer.from(token.slice(4), 'base64url').length * 8).toBeGreaterThanOrEqual(128);
  });

  it.each([
    ['GET', '/api/streams'],
    ['POST', '/api/streams'],
    ['GET', '/api/tokens'],
    ['GET', '/api/queues'],
    ['GET', '/api/plugins'],
    ['GET', '/api/system'],
    ['GET', '/api/errors'],
    ['GET', '/api/openapi.json'],
    ['GET', '/api/streams/00000000-0000-4000-8000-000000000000/runs'],
    ['GET', '/streaming/00000000-0000-4000-8000-000000000000/live.m3u8'],
  ])('refuses %s %s without sign-in', async (method, path) => {
    const response = await api.call(method, path);
    expect(response.status).toBe(401);
    expect(await problem(response)).toMatchObject({ code: 'VD_AUTH_REQUIRED', instance: path });
  });

  it('tells a page that nobody is signed in to so, and refuses a session that is none', async () => {
    const nobody = await api.call('GET', '/api/session');
    expect([nobody.status, await nobody.json()]).toEqual([200, { user: null, kind: null, expiresAt: null }]);
    expect((await api.call('GET', '/api/session', { cookie: `vedette_session=vds_${'A'.repeat(32)}` })).status).toBe(401);
  });

  it.each(['Bearer', 'Bearer x', 'Bearer vda_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'Basic YTpi', `Bearer ${'a'.repeat(300)}`])(
    'refuses the header "%s"',
    async (authorization) => {
      expect((await api.call('GET', '/api/streams', { headers: { authorization } })).status).toBe(401);
    },
  );

  it('does not take tokens from the address', async () => {
    const { token } = await api.apiToken('admin');
    for (const key of ['token', 'access_token', 'authorization'])
      expect((await api.call('GET', `/api/streams?${key}=${token}`)).status).toBe(401);
  });

  it('ends a session at sign-out', async () => {
    const cookie = await api.signIn();
    const response = await api.call('DELETE', '/api/session', { cookie });
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()[0]).toMatch(/^vedette_session=;.*Expires=Thu, 01 Jan 1970/);
    expect((await api.call('GET', '/api/session', { cookie })).status).toBe(401);
  });

  it('refuses an expired session and an expired API token', async () => {
    const cookie = await api.signIn();
    const { token } = await api.apiToken('admin');
    await api.sql.query("UPDATE user_tokens SET expires_at = now() - interval '1 second' WHERE kind IN ('session', 'api')");
    expect((await api.call('GET', '/api/session', { cookie })).status).toBe(401);
    expect((await api.call('GET', '/api/session', { bearer: token })).status).toBe(401);
  });

  it('shows an API token once and lists it without the token', async () => {
    const cookie = await api.signIn();
    const made = newTokenWire
      .strict()
      .parse(
        await (await api.call('POST', '/api/tokens', { cookie, body: { name: 'grafana', role: 'viewer', expiresInDays: 30 } })).json(),
      );
    const text = await (await api.call('GET', '/api/tokens', { cookie })).text();
    const listed = pageOf(tokenWire.strict()).parse(JSON.parse(text)).items;
    expect(text).not.toContain(made.token);
    expect(listed.find((token) => token.id === made.id)).toMatchObject({ name: 'grafana', role: 'viewer', kind: 'api', current: false });
    expect(listed.filter((token) => token.current)).toHaveLength(1);
    expect(Date.parse(made.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 86_400_000);
  });

  it('ends the sessions that were opened with an API token when that token is revoked', async () => {
    const { id, token } = await api.apiToken('admin');
    const signedIn = await api.call('POST', '/api/session', { body: { token } });
    const cookie = cookieOf(signedIn);
    expect((await api.call('GET', '/api/session', { cookie })).status).toBe(200);
    expect((await api.call('DELETE', `/api/tokens/${id}`, { cookie: await api.signIn() })).status).toBe(204);
    expect((await api.call('GET', '/api/session', { cookie })).status).toBe(401);
    expect((await api.call('GET', '/api/session', { bearer: token })).status).toBe(401);
  });

  it('refuses within 5 s a token that another process revoked', async () => {
    const { id, token } = await api.apiToken('admin');
    expect((await api.call('GET', '/api/session', { bearer: token })).status).toBe(200);
    await api.sql.query('UPDATE user_tokens SET revoked_at = now() WHERE id = $1', [id]);
    await waitFor(
      'the revoked token to be refused',
      async () => (await api.call('GET', '/api/session', { bearer: token })).status === 401,
      5_000,
    );
  });

  it('lets viewers read and refuses them everything that writes', async () => {
    const { token: bearer } = await api.apiToken('viewer');
    expect((await api.call('GET', '/api/streams', { bearer })).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/api/streams'],
      ['PATCH', '/api/streams/00000000-0000-4000-8000-000000000000'],
      ['DELETE', '/api/streams/00000000-0000-4000-8000-000000000000'],
      ['GET', '/api/streams/00000000-0000-4000-8000-000000000000/keys'],
      ['GET', '/api/tokens'],
      ['POST', '/api/tokens'],
      ['DELETE', '/api/tokens/00000000-0000-4000-8000-000000000000'],
      ['GET', '/api/queues/default/failed'],
    ] as const) {
      const response = await api.call(method, path, { bearer, ...(method === 'POST' ? { body: {} } : {}) });
      expect([path, response.status, (await problem(response)).code]).toEqual([path, 403, 'VD_AUTH_FORBIDDEN']);
    }
  });

  it('refuses writing with the cookie from another origin, or from none', async () => {
    const cookie = await api.signIn();
    const body = JSON.stringify({ name: 'x', role: 'viewer' });
    const send = (headers: Record<string, string>) =>
      api.call('POST', '/api/tokens', { headers: { cookie, 'content-type': 'application/json', ...headers }, body });
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: `${api.url}.evil.example` },
      {},
    ];
    for (const headers of foreign) {
      const response = await send(headers);
      expect(response.status).toBe(403);
      expect((await problem(response)).code).toBe('VD_AUTH_CROSS_ORIGIN');
    }
    expect((await send({ origin: api.url })).status).toBe(201);
    expect((await send({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('refuses a sign-in that another page starts', async () => {
    const { token } = await api.admin.issueOneTimeToken();
    expect((await api.call('POST', '/api/session', { body: { token }, headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await api.call('POST', '/api/session', { body: { token } })).status).toBe(200);
  });

  it('writes down who changed what, without secrets', async () => {
    const { token } = await api.apiToken('admin');
    const { rows } = await api.sql.query<{ action: string; text: string }>(
      'SELECT action, a::text AS text FROM audit a ORDER BY id DESC LIMIT 50',
    );
    expect(rows.map((row) => row.action)).toEqual(expect.arrayContaining(['session.open', 'token.create']));
    expect(rows.some((row) => row.text.includes(token) || /vd[aso]_/.test(row.text))).toBe(false);
  });
});

describe('guessing tokens', () => {
  let api: ApiApp;
  let nowMs = Date.now();
  beforeAll(async () => {
    api = await ApiApp.start({}, undefined, () => nowMs);
  });
  afterAll(() => api.stop());

  /** Nothing that was found before is remembered any more. */
  const later = (): void => void (nowMs += 4_000);

  it('is answered as too much after a few failures, for sign-in and bearer alike', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      statuses.push((await api.call('POST', '/api/session', { body: { token: `guess-${i}-aaaaaaaa` } })).status);
      statuses.push((await api.call('GET', '/api/streams', { bearer: `guess-${i}-bbbbbbbb` })).status);
    }
    expect(statuses.slice(0, 20).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(20).every((status) => status === 429)).toBe(true);
    const refused = await api.call('POST', '/api/session', { body: { token: 'guess-again-cccc' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(problemWire.parse(await refused.json()).code).toBe('VD_AUTH_RATE_LIMITED');
  });

  it('locks nobody out who has a credential, from the same address: REST, HLS, sign-in, /ws, sign-out', async () => {
    const cookie = await api.signIn();
    const { token: bearer } = await api.apiToken('viewer');
    const stream = '00000000-0000-4000-8000-000000000000';
    let isGuessing = true;
    let guesses = 0;
    const guess = async (): Promise<void> => {
      while (isGuessing) {
        const token = `guess-${guesses++}-dddddddd`;
        await api.call('GET', '/api/streams', { bearer: token });
        await api.call('POST', '/api/session', { body: { token } });
      }
    };
    const flood = Array.from({ length: 20 }, guess);
    await waitFor('the flood', () => guesses > 200);
    const served = async (call: () => Promise<Response>): Promise<number> => {
      later();
      return (await call()).status;
    };
    const { token } = await api.admin.issueOneTimeToken();
    const statuses = [
      await served(() => api.call('GET', '/api/streams', { bearer })),
      await served(() => api.call('GET', '/api/session', { cookie })),
      await served(() => api.call('GET', `/streaming/${stream}/live.m3u8`, { bearer })),
      await served(() => api.call('POST', '/api/session', { body: { token } })),
    ];
    later();
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`, { headers: { authorization: `Bearer ${bearer}` } });
    const [hello] = (await once(socket, 'message')) as [Buffer];
    statuses.push(await served(() => api.call('DELETE', '/api/session', { cookie })));
    isGuessing = false;
    socket.terminate();
    await Promise.all(flood);
    expect(statuses).toEqual([200, 200, 404, 200, 204]);
    expect(JSON.parse(String(hello))).toMatchObject({ type: 'hello' });
  });
});
