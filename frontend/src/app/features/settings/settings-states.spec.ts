import { describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import type { OpenSessionWire, PersonWire, StreamKeyWire, TokenWire } from '../../api/models';
import { aStream } from '../../testing/wire-samples';
import { AccountState } from './account-state';
import { isInForce, KeysState } from './keys-state';
import { invitationLink, PeopleState } from './people-state';
import { RetentionState } from './retention-state';
import { SessionsState } from './sessions-state';
import { TokensState } from './tokens-state';

/** A server that answers by method and path; an array is answered one after the other. */
function bench(answers: Readonly<Record<string, unknown>>) {
  const sent: [string, unknown][] = [];
  const api = new ApiClient('http://vedette.test', async (request) => {
    const url = new URL(request.url);
    const key = `${request.method} ${url.pathname}`;
    const text = await request.text();
    sent.push([key + url.search, text === '' ? null : JSON.parse(text)]);
    const kept = answers[key];
    const answer = Array.isArray(kept) ? kept.shift() : kept;
    if (answer instanceof Response) return answer;
    return answer === undefined ? new Response(null, { status: 204 }) : new Response(JSON.stringify(answer));
  });
  return { api, sent };
}
const refusal = (code: string, status: number) => new Response(JSON.stringify({ code, title: 't', status, detail: '' }), { status });
const person = (id: string, more: Partial<PersonWire> = {}) => ({ id, name: id, role: 'viewer', state: 'active', ...more }) as PersonWire;

describe(PeopleState.name, () => {
  it('reads page by page, and keeps what it has when the next one fails', async () => {
    const pages = [{ items: [person('a')], next: '1' }, { items: [person('b')], next: '2' }, refusal('VD_X', 503)];
    const { api, sent } = bench({ 'GET /api/users': pages });
    const { list } = new PeopleState(api.people);
    await list.load();
    await list.more();
    await list.more();
    expect(list.items()?.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(list.problem()?.code).toBe('VD_X');
    expect(sent[1]?.[0]).toBe('GET /api/users?limit=50&after=1');
  });

  it('shows the link of whom it invites, until somebody says that they have it', async () => {
    const invitation = { person: person('c', { state: 'invited' }), token: 'vdi_x', expiresAt: '' };
    const { api, sent } = bench({ 'POST /api/users': invitation });
    const state = new PeopleState(api.people);
    expect(await state.invite(' Cyd ', 'viewer')).toBe(true);
    expect(sent[0]?.[1]).toEqual({ name: 'Cyd', role: 'viewer' });
    expect(invitationLink('http://host/below', state.link()?.token ?? '')).toBe('http://host/below/setup#invitation=vdi_x');
    expect(state.list.items()?.map(({ id }) => id)).toEqual(['c']);
  });

  it('leaves a person as they are when the server refuses', async () => {
    const { api } = bench({
      'GET /api/users': { items: [person('a', { role: 'admin' })], next: null },
      'PATCH /api/users/a': refusal('VD_USER_LAST_ADMIN', 409),
    });
    const state = new PeopleState(api.people);
    await state.list.load();
    expect(await state.setRole(person('a'), 'viewer')).toBe(false);
    expect([state.doing.problem()?.code, state.list.items()?.[0]?.role]).toEqual(['VD_USER_LAST_ADMIN', 'admin']);
  });

  it('drops whom it removes', async () => {
    const { api } = bench({ 'GET /api/users': { items: [person('a'), person('b')], next: null } });
    const state = new PeopleState(api.people);
    await state.list.load();
    await state.remove(person('a'));
    expect(state.list.items()?.map(({ id }) => id)).toEqual(['b']);
  });
});

describe(TokensState.name, () => {
  it('shows a token once, and lists it without', async () => {
    const { api, sent } = bench({ 'POST /api/tokens': { id: 't', name: 'grafana', role: 'viewer', token: 'vda_x' } });
    const state = new TokensState(api.people);
    await state.create({ name: 'grafana', role: 'viewer', days: null });
    expect(sent[0]?.[1]).toEqual({ name: 'grafana', role: 'viewer' });
    expect(state.fresh()?.token).toBe('vda_x');
    expect(JSON.stringify(state.list.items())).not.toContain('vda_x');
    await state.revoke({ id: 't' } as TokenWire);
    expect(state.list.items()).toEqual([]);
  });
});

describe(SessionsState.name, () => {
  it('shows one’s own, or everybody’s, and ends them', async () => {
    const one = { id: 's', current: false } as OpenSessionWire;
    const { api, sent } = bench({ 'GET /api/sessions': { items: [one], next: null }, 'DELETE /api/sessions': { ended: 1 } });
    const state = new SessionsState(api.people);
    await state.show('everyone');
    expect(sent[0]?.[0]).toBe('GET /api/sessions?of=everyone&limit=50');
    expect(state.hasOthers()).toBe(true);
    await state.end(one);
    expect([state.list.items(), state.hasOthers()]).toEqual([[], false]);
    await state.endOthers();
    expect(sent.slice(-2).map(([key]) => key)).toEqual(['DELETE /api/sessions', 'GET /api/sessions?of=everyone&limit=50']);
  });
});

describe(KeysState.name, () => {
  it('shows the key that takes the place of another, and reads the list anew', async () => {
    const stream = aStream({ id: 's' });
    const { api, sent } = bench({
      'GET /api/streams/s/keys': { items: [{ id: 'k' }], next: null },
      'POST /api/streams/s/keys/k/rotate': { id: 'n', hint: 'wxyz', key: 'vd_new' },
    });
    const state = new KeysState(api);
    await state.open('s');
    await state.rotate(stream, { id: 'k' } as StreamKeyWire, 60);
    expect(state.fresh()).toMatchObject({ stream: { id: 's' }, key: { key: 'vd_new' } });
    expect(sent.map(([key]) => key)).toEqual(['GET /api/streams/s/keys', 'POST /api/streams/s/keys/k/rotate', 'GET /api/streams/s/keys']);
  });

  it('knows which keys open a stream now', () => {
    const key = (revokedAt: string | null, expiresAt: string | null) => ({ revokedAt, expiresAt }) as StreamKeyWire;
    const nowMs = Date.parse('2026-11-28T12:00:00Z');
    expect(isInForce(key(null, null), nowMs)).toBe(true);
    expect(isInForce(key(null, '2026-11-28T12:00:01Z'), nowMs)).toBe(true);
    expect(isInForce(key(null, '2026-11-28T12:00:00Z'), nowMs)).toBe(false);
    expect(isInForce(key('2026-11-01T00:00:00Z', null), nowMs)).toBe(false);
  });
});

describe(RetentionState.name, () => {
  it('saves what was changed of a stream, and asks nothing of the server where a field holds no number', async () => {
    const answer = { own: {}, effective: {}, use: {} };
    const { api, sent } = bench({ 'GET /api/streams/s/retention': answer, 'PUT /api/streams/s/retention': answer });
    const state = new RetentionState(api.upkeep, () => 0);
    await state.choose('s');
    state.change({ maxAge: { kind: 'limit', count: 'x', unit: 'days' } });
    await state.save();
    expect([state.faults(), sent.length]).toEqual([['maxAge'], 1]);
    state.change({ maxAge: { kind: 'limit', count: '2', unit: 'days' } });
    await state.save();
    expect(sent.at(-1)).toEqual(['PUT /api/streams/s/retention', { maxAgeMs: 172_800_000 }]);
    expect([state.isSaved(), state.faults()]).toEqual([true, []]);
  });
});

describe(AccountState.name, () => {
  it('sends the old password where it is asked for, and forgets both', async () => {
    const account = { user: {}, isPerson: true, hasPassword: true, asksOldPassword: true };
    const { api, sent } = bench({ 'GET /api/account': account });
    const state = new AccountState(api.people, () => 0);
    await state.account.load();
    state.password.set('new one');
    await state.changePassword();
    expect([state.isIncomplete(), sent.length]).toEqual([true, 1]);
    state.oldPassword.set('old one');
    await state.changePassword();
    expect(sent[1]).toEqual(['PUT /api/account/password', { password: 'new one', oldPassword: 'old one' }]);
    expect([state.isChanged(), state.password(), state.oldPassword()]).toEqual([true, '', '']);
  });

  it('keeps what was typed when it is refused', async () => {
    const { api } = bench({ 'PUT /api/account/password': refusal('VD_USER_PASSWORD_WEAK', 400) });
    const state = new AccountState(api.people, () => 0);
    state.password.set('short');
    await state.changePassword();
    expect([state.doing.problem()?.code, state.password(), state.isChanged()]).toEqual(['VD_USER_PASSWORD_WEAK', 'short', false]);
  });
});
