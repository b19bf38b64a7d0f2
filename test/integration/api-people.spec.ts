import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { Authenticator } from '../../src/core/api/auth/authenticator.js';
import { TokenUse } from '../../src/core/api/auth/token-use.js';
import {
  accountWire,
  invitationWire,
  invitedWire,
  openSessionWire,
  personWire,
  setupWire,
  type InvitationWire,
  type OpenSessionWire,
  type PersonWire,
} from '../../src/core/wire/people.wire.js';
import { pageOf, problemWire, sessionWire } from '../../src/core/wire/wire.js';
import { ApiApp, cookieOf } from '../support/api-app.js';

const PASSWORD = 'correct horse battery';
const OTHER = 'a quite different phrase';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const people = pageOf(personWire.strict());
const sessions = pageOf(openSessionWire.strict());

const codeOf = async (response: Response): Promise<string> => problemWire.parse(await response.json()).code;

/** What a person does, signed in by a cookie. */
class Visitor {
  constructor(
    readonly api: ApiApp,
    readonly cookie: string,
  ) {}

  call(method: string, path: string, body?: unknown): Promise<Response> {
    return this.api.call(method, path, { cookie: this.cookie, ...(body === undefined ? {} : { body }) });
  }
  async isIn(): Promise<boolean> {
    return (await this.call('GET', '/api/session')).status === 200;
  }
  async people(): Promise<PersonWire[]> {
    return people.parse(await (await this.call('GET', '/api/users')).json()).items;
  }
  async sessions(query = ''): Promise<OpenSessionWire[]> {
    return sessions.parse(await (await this.call('GET', `/api/sessions${query}`)).json()).items;
  }
  async invite(name: string, role: 'admin' | 'viewer'): Promise<InvitationWire> {
    const response = await this.call('POST', '/api/users', { name, role });
    expect(response.status).toBe(201);
    return invitationWire.strict().parse(await response.json());
  }
}

/** Comes in by a request that gives a session. */
async function comeIn(api: ApiApp, path: string, body: unknown): Promise<Visitor> {
  const response = await api.call('POST', path, { body, headers: { 'user-agent': FIREFOX } });
  expect([path, response.status]).toEqual([path, 200]);
  sessionWire.strict().parse(await response.json());
  return new Visitor(api, cookieOf(response));
}
const signIn = (api: ApiApp, name: string, password = PASSWORD): Promise<Visitor> => comeIn(api, '/api/session', { name, password });

describe('the first person', () => {
  let api: ApiApp;
  beforeAll(async () => void (api = await ApiApp.start()));
  afterAll(() => api.stop());

  const isOpen = async (): Promise<boolean> => setupWire.strict().parse(await (await api.call('GET', '/api/setup')).json()).isOpen;

  it('takes name and password by the one-time token, once, and keeps what is theirs', async () => {
    expect(await isOpen()).toBe(true);
    const before = new Visitor(api, await api.signIn());
    const { token } = await api.admin.issueOneTimeToken();
    for (const [body, status, code] of [
      [{ token: 'vdo_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', name: 'Ada', password: PASSWORD }, 401, 'VD_AUTH_TOKEN_INVALID'],
      [{ token: (await api.apiToken('admin')).token, name: 'Ada', password: PASSWORD }, 401, 'VD_AUTH_TOKEN_INVALID'],
      [{ token, name: 'Ada', password: 'short' }, 400, 'VD_USER_PASSWORD_WEAK'],
      [{ token, name: 'Ada', password: 'aaaaaaaaaaaaaa' }, 400, 'VD_USER_PASSWORD_WEAK'],
      [{ token, name: '\u200b', password: PASSWORD }, 400, 'VD_API_INVALID'],
      [{ token, name: 'Ada', password: PASSWORD, role: 'admin' }, 400, 'VD_API_INVALID'],
    ] as const) {
      const response = await api.call('POST', '/api/setup', { body });
      expect([response.status, await codeOf(response)]).toEqual([status, code]);
    }
    const ada = await comeIn(api, '/api/setup', { token, name: ' Ada  Lovelace ', password: PASSWORD });
    expect(await ada.people()).toMatchObject([{ name: 'Ada Lovelace', role: 'admin', state: 'active', hasPassword: true }]);
    expect([await before.isIn(), await isOpen()]).toEqual([true, false]);
    const again = await api.call('POST', '/api/setup', {
      body: { token: (await api.admin.issueOneTimeToken()).token, name: 'Eve', password: PASSWORD },
    });
    expect([again.status, await codeOf(again)]).toEqual([409, 'VD_USER_SETUP_DONE']);
  });

  it('comes in by name and password, however the name is capitalised, and by `vedette token` as before', async () => {
    const ada = await signIn(api, 'ada lovelace');
    expect((await api.whoAmI({ cookie: ada.cookie })).user).toMatchObject({ name: 'Ada Lovelace', role: 'admin' });
    expect((await api.whoAmI({ cookie: await api.signIn() })).user).toMatchObject({ name: 'Ada Lovelace', role: 'admin' });
  });

  it('is told the same of a name that is unknown and of a wrong password', async () => {
    const answers = [];
    for (const body of [
      { name: 'Ada Lovelace', password: 'wrong horse battery' },
      { name: 'Nobody', password: PASSWORD },
      { name: 'viewer', password: PASSWORD },
    ]) {
      const response = await api.call('POST', '/api/session', { body });
      answers.push([response.status, await response.text()]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toEqual([401, expect.stringContaining('VD_AUTH_PASSWORD_WRONG')]);
  });

  it('changes the password with the old one, which ends the other sessions', async () => {
    const [ada, elsewhere] = [await signIn(api, 'Ada Lovelace'), await signIn(api, 'Ada Lovelace')];
    const account = accountWire.strict().parse(await (await ada.call('GET', '/api/account')).json());
    expect(account).toMatchObject({ isPerson: true, hasPassword: true, asksOldPassword: true });
    for (const body of [{ password: OTHER }, { oldPassword: OTHER, password: OTHER }]) {
      const refused = await ada.call('PUT', '/api/account/password', body);
      expect([refused.status, await codeOf(refused)]).toEqual([403, 'VD_USER_OLD_PASSWORD_WRONG']);
    }
    expect((await ada.call('PUT', '/api/account/password', { oldPassword: PASSWORD, password: OTHER })).status).toBe(204);
    expect([await ada.isIn(), await elsewhere.isIn()]).toEqual([true, false]);
    expect((await api.call('POST', '/api/session', { body: { name: 'Ada Lovelace', password: PASSWORD } })).status).toBe(401);
    await signIn(api, 'Ada Lovelace', OTHER);
  });

  it('sets it without the old one for an hour after `vedette token`, and never by an API token', async () => {
    const rescued = new Visitor(api, await api.signIn());
    await api.sql.query("UPDATE user_tokens SET created_at = now() - interval '61 minutes' WHERE kind = 'session'");
    expect((await rescued.call('PUT', '/api/account/password', { password: PASSWORD })).status).toBe(403);
    await api.sql.query('UPDATE user_tokens SET created_at = now()');
    expect((await rescued.call('PUT', '/api/account/password', { password: PASSWORD })).status).toBe(204);
    for (const role of ['admin', 'viewer'] as const) {
      const { token } = await api.apiToken(role);
      const response = await api.call('PUT', '/api/account/password', { bearer: token, body: { oldPassword: PASSWORD, password: OTHER } });
      expect([response.status, await codeOf(response)]).toEqual([403, 'VD_USER_NOT_A_PERSON']);
    }
  });

  it('leaves no password in the database and none in the audit trail', async () => {
    const { rows } = await api.sql.query<{ text: string }>(
      'SELECT u::text AS text FROM users u UNION ALL SELECT a::text FROM audit a UNION ALL SELECT t::text FROM user_tokens t',
    );
    expect(rows.filter(({ text }) => text.includes('$scrypt$ln=15,r=8,p=3$'))).toHaveLength(1);
    expect(rows.some(({ text }) => text.includes(PASSWORD) || text.includes(OTHER))).toBe(false);
    const actions = await api.sql.query<{ action: string }>('SELECT DISTINCT action FROM audit');
    expect(actions.rows.map(({ action }) => action)).toEqual(expect.arrayContaining(['setup.finish', 'session.open', 'user.password']));
  });
});

describe('people', () => {
  let api: ApiApp;
  let ada: Visitor;
  beforeAll(async () => {
    api = await ApiApp.start();
    ada = await comeIn(api, '/api/setup', { token: (await api.admin.issueOneTimeToken()).token, name: 'Ada', password: PASSWORD });
  });
  afterAll(() => api.stop());

  const lookUp = (token: string): Promise<Response> => api.call('POST', '/api/invitations/look-up', { body: { token } });
  async function join(name: string, role: 'admin' | 'viewer'): Promise<{ id: string; visitor: Visitor }> {
    const { person, token } = await ada.invite(name, role);
    return { id: person.id, visitor: await comeIn(api, '/api/invitations/accept', { token, password: PASSWORD }) };
  }

  it('come by a link that works once, and says whom it is for', async () => {
    const { person, token } = await ada.invite('Bob', 'viewer');
    expect(person).toMatchObject({ name: 'Bob', role: 'viewer', state: 'invited', hasPassword: false, lastSeenAt: null });
    expect(invitedWire.strict().parse(await (await lookUp(token)).json())).toMatchObject({ name: 'Bob', role: 'viewer', isReset: false });
    const weak = await api.call('POST', '/api/invitations/accept', { body: { token, password: 'bob bob bob' } });
    expect([weak.status, await codeOf(weak)]).toEqual([400, 'VD_USER_PASSWORD_WEAK']);
    const bob = await comeIn(api, '/api/invitations/accept', { token, password: PASSWORD });
    const used = await lookUp(token);
    expect([used.status, await codeOf(used)]).toEqual([401, 'VD_AUTH_INVITATION_INVALID']);
    expect((await api.call('POST', '/api/invitations/accept', { body: { token, password: PASSWORD } })).status).toBe(401);
    expect((await bob.call('GET', '/api/streams')).status).toBe(200);
    for (const [method, path] of [
      ['GET', '/api/users'],
      ['POST', '/api/users'],
      ['GET', '/api/sessions?of=everyone'],
      ['PATCH', `/api/users/${person.id}`],
      ['POST', `/api/users/${person.id}/link`],
      ['DELETE', `/api/users/${person.id}`],
      ['POST', '/api/streams'],
    ] as const)
      expect([path, (await bob.call(method, path, method === 'GET' ? undefined : {})).status]).toEqual([path, 403]);
    await signIn(api, 'BOB');
  });

  it('have names of their own, however they are capitalised', async () => {
    for (const name of ['ada', 'ADA']) {
      const taken = await ada.call('POST', '/api/users', { name, role: 'viewer' });
      expect([taken.status, await codeOf(taken)]).toEqual([409, 'VD_USER_NAME_TAKEN']);
    }
    const { person } = await ada.invite('Cyd', 'viewer');
    const renamed = await ada.call('PATCH', `/api/users/${person.id}`, { name: 'aDa' });
    expect([renamed.status, await codeOf(renamed)]).toEqual([409, 'VD_USER_NAME_TAKEN']);
    expect((await ada.call('DELETE', `/api/users/${person.id}`)).status).toBe(204);
    await ada.invite('cyd', 'viewer');
  });

  it('get a new link when they forgot their password; it replaces the one before, and ends their sessions when it is used', async () => {
    const { id, visitor } = await join('Dan', 'viewer');
    const link = async () => invitationWire.parse(await (await ada.call('POST', `/api/users/${id}/link`)).json()).token;
    const [first, second] = [await link(), await link()];
    expect([(await lookUp(first)).status, await visitor.isIn()]).toEqual([401, true]);
    const invited = invitedWire.parse(await (await lookUp(second)).json());
    expect(invited.isReset).toBe(true);
    const back = await comeIn(api, '/api/invitations/accept', { token: second, password: OTHER });
    expect([await visitor.isIn(), await back.isIn()]).toEqual([false, true]);
    await signIn(api, 'Dan', OTHER);
    await api.sql.query("UPDATE invitations SET expires_at = now() - interval '1 second'");
    const late = await link();
    await api.sql.query("UPDATE invitations SET expires_at = now() - interval '1 second'");
    expect((await lookUp(late)).status).toBe(401);
  });

  it('lose everything at once that is open of theirs when they are disabled or removed, the socket too', async () => {
    const { id, visitor } = await join('Eve', 'admin');
    const made = (await (await visitor.call('POST', '/api/tokens', { name: 'script', role: 'admin' })).json()) as { token: string };
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`, { headers: { cookie: visitor.cookie, origin: api.url } });
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('message', resolve));
    expect(await (await ada.call('PATCH', `/api/users/${id}`, { disabled: true })).json()).toMatchObject({ state: 'disabled' });
    expect(await visitor.isIn()).toBe(false);
    expect((await api.call('GET', '/api/streams', { bearer: made.token })).status).toBe(401);
    expect(await closed).toBe(4401);
    expect((await api.call('POST', '/api/session', { body: { name: 'Eve', password: PASSWORD } })).status).toBe(401);
    const link = await ada.call('POST', `/api/users/${id}/link`);
    expect([link.status, await codeOf(link)]).toEqual([409, 'VD_USER_DISABLED']);
    expect((await ada.call('PATCH', `/api/users/${id}`, { disabled: false })).status).toBe(200);
    expect(await visitor.isIn(), 'what ended stays ended').toBe(false);
    const back = await signIn(api, 'Eve');
    expect((await ada.call('DELETE', `/api/users/${id}`)).status).toBe(204);
    expect([await back.isIn(), (await ada.call('GET', `/api/users`)).status]).toEqual([false, 200]);
    expect((await ada.people()).map(({ name }) => name)).not.toContain('Eve');
    expect((await ada.call('DELETE', `/api/users/${id}`)).status).toBe(404);
  });

  it('never leave the house without an admin', async () => {
    const [{ id }] = (await ada.people()).filter(({ name }) => name === 'Ada') as [PersonWire];
    await ada.invite('Fay', 'admin'); // who has not come in so far
    for (const body of [{ role: 'viewer' }, { disabled: true }]) {
      const refused = await ada.call('PATCH', `/api/users/${id}`, body);
      expect([refused.status, await codeOf(refused)]).toEqual([409, 'VD_USER_LAST_ADMIN']);
    }
    expect((await ada.call('DELETE', `/api/users/${id}`)).status).toBe(409);
    const { id: gusId, visitor: gus } = await join('Gus', 'admin');
    const changes = await Promise.all([
      ada.call('PATCH', `/api/users/${gusId}`, { role: 'viewer' }),
      gus.call('PATCH', `/api/users/${id}`, { role: 'viewer' }),
    ]);
    expect(changes.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    const { token } = await api.admin.issueOneTimeToken();
    const rescued = await comeIn(api, '/api/session', { token });
    const left = (await rescued.people()).filter(({ role, state }) => role === 'admin' && state === 'active');
    expect(left).toHaveLength(1);
    await api.sql.query("UPDATE users SET role = 'admin' WHERE id = $1", [id]);
    api.app.get(Authenticator).forget();
  });

  it('are listed page by page', async () => {
    const all = (await ada.people()).map(({ name }) => name);
    const paged: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page = people.parse(await (await ada.call('GET', `/api/users?limit=2${after === '' ? '' : `&after=${after}`}`)).json());
      paged.push(...page.items.map(({ name }) => name));
      after = page.next;
    }
    expect(paged).toEqual(all);
  });
});

describe('sessions', () => {
  let api: ApiApp;
  let ada: Visitor;
  beforeAll(async () => {
    api = await ApiApp.start();
    ada = await comeIn(api, '/api/setup', { token: (await api.admin.issueOneTimeToken()).token, name: 'Ada', password: PASSWORD });
  });
  afterAll(() => api.stop());

  it('say who, how, from where and with which browser, and everyone ends their own', async () => {
    const { token } = await ada.invite('Bob', 'viewer');
    const bob = await comeIn(api, '/api/invitations/accept', { token, password: PASSWORD });
    const other = await signIn(api, 'Bob');
    await api.app.get(TokenUse).flush();
    const [newer, older] = await bob.sessions();
    expect(older).toMatchObject({ openedBy: 'password', address: '127.0.0.1', browser: FIREFOX, current: true, user: { name: 'Bob' } });
    expect(newer?.current).toBe(false);
    expect(await bob.sessions()).toHaveLength(2);
    const everyone = await ada.sessions('?of=everyone');
    expect(new Set(everyone.map(({ user }) => user.name))).toEqual(new Set(['Ada', 'Bob']));
    const [adas] = await ada.sessions();
    expect((await bob.call('DELETE', `/api/sessions/${adas!.id}`)).status).toBe(404);
    expect((await bob.call('DELETE', `/api/sessions/${newer!.id}`)).status).toBe(204);
    expect([await other.isIn(), await bob.isIn(), await ada.isIn()]).toEqual([false, true, true]);
    expect((await ada.call('DELETE', `/api/sessions/${older!.id}`)).status).toBe(204);
    expect(await bob.isIn()).toBe(false);
  });

  it('end all at once but the one that asks', async () => {
    const others = [await signIn(api, 'Ada'), await signIn(api, 'Ada')];
    expect(await (await ada.call('DELETE', '/api/sessions')).json()).toEqual({ ended: 2 });
    expect([await ada.isIn(), ...(await Promise.all(others.map((other) => other.isIn())))]).toEqual([true, false, false]);
    const { rows } = await api.sql.query<{ detail: unknown }>(
      "SELECT detail FROM audit WHERE action = 'session.close' ORDER BY id DESC LIMIT 1",
    );
    expect(rows[0]?.detail).toEqual({ others: 2 });
  });

  it('of tokens that belong to nobody are apart from each other', async () => {
    const holder = async () => comeIn(api, '/api/session', { token: (await api.apiToken('viewer')).token });
    const [one, two] = [await holder(), await holder()];
    expect(await one.sessions()).toHaveLength(1);
    expect((await one.call('DELETE', `/api/sessions/${(await two.sessions())[0]!.id}`)).status).toBe(404);
    expect(await (await one.call('DELETE', '/api/sessions')).json()).toEqual({ ended: 0 });
    expect(await two.isIn()).toBe(true);
  });
});

describe('guessing passwords', () => {
  let api: ApiApp;
  let nowMs = Date.now();
  beforeAll(async () => {
    api = await ApiApp.start({ api: { trustProxy: ['loopback'] } }, undefined, () => nowMs);
    const { token } = await api.admin.issueOneTimeToken();
    await comeIn(api, '/api/setup', { token, name: 'Ada', password: PASSWORD });
  });
  afterAll(() => api.stop());

  const attempt = (password: string, address: string, name = 'Ada'): Promise<Response> =>
    api.call('POST', '/api/session', { body: { name, password }, headers: { 'x-forwarded-for': address } });

  it('is ended for a network after a few, right or wrong, and says for how long; tokens still open', async () => {
    for (let i = 0; i < 10; i++) expect((await attempt(`wrong ${i}`, '192.0.2.1')).status).toBe(401);
    const refused = await attempt(PASSWORD, '192.0.2.1');
    const problem = problemWire.parse(await refused.json());
    expect([refused.status, problem.code]).toEqual([429, 'VD_AUTH_PASSWORD_LIMITED']);
    expect(Number(refused.headers.get('retry-after'))).toBe(problem.retryAfterS);
    expect(problem.retryAfterS).toBeGreaterThan(10);
    expect((await attempt(PASSWORD, '192.0.2.2')).status).toBe(200);
    const { token } = await api.admin.issueOneTimeToken();
    const byToken = await api.call('POST', '/api/session', { body: { token }, headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect(byToken.status).toBe(200);
    nowMs += (problem.retryAfterS ?? 0) * 1000;
    expect((await attempt(PASSWORD, '192.0.2.1')).status).toBe(200);
  }, 60_000);

  it('is ended for a name over all networks, but not where the name has come in before', async () => {
    nowMs += 3_600_000;
    for (let i = 0; i < 20; i++) expect((await attempt(`wrong ${i}`, `198.51.100.${i}`)).status).toBe(401);
    expect((await attempt(PASSWORD, '198.51.100.99')).status).toBe(429);
    expect((await attempt(PASSWORD, '192.0.2.2')).status).toBe(200);
    expect((await attempt(PASSWORD, '198.51.100.99', 'Bob')).status, 'another name').toBe(401);
  }, 60_000);
});
