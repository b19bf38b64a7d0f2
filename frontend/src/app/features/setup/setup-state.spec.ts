import { describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import { SessionState } from '../../core/session-state';
import { SetupState } from './setup-state';

const USER = { id: 'u', name: 'admin', role: 'admin' };
const SESSION = { user: USER, kind: 'session', expiresAt: null };
const NOBODY = { user: null, kind: null, expiresAt: null };
const ACCOUNT = { user: USER, isPerson: true, hasPassword: false, asksOldPassword: false };
const INVITED = { name: 'Bob', role: 'viewer', isReset: false, expiresAt: '2026-12-01T00:00:00.000Z' };

type Answers = Readonly<Record<string, unknown>>;
const refusal = (code: string, status: number) => new Response(JSON.stringify({ code, title: 't', status, detail: '' }), { status });

/** A server that answers by method and path; what it was sent is kept. */
function bench(answers: Answers) {
  const sent: [string, unknown][] = [];
  const api = new ApiClient('http://vedette.test', async (request) => {
    const key = `${request.method} ${new URL(request.url).pathname}`;
    const text = await request.text();
    sent.push([key, text === '' ? null : JSON.parse(text)]);
    const answer = answers[key];
    if (answer instanceof Response) return answer;
    return answer === undefined ? new Response(null, { status: 204 }) : new Response(JSON.stringify(answer));
  });
  const session = new SessionState(api);
  return { state: new SetupState({ people: api.people, session }), session, sent };
}

describe(SetupState.name, () => {
  it('makes the first person by the token of the link, and is signed in then', async () => {
    const { state, session, sent } = bench({ 'GET /api/session': NOBODY, 'GET /api/setup': { isOpen: true }, 'POST /api/setup': SESSION });
    await state.begin('token=vdo_first');
    expect([state.phase(), state.token()]).toEqual(['person', 'vdo_first']);
    state.name.set(' Ada ');
    expect([await state.savePerson(), state.isIncomplete()]).toEqual([false, true]);
    state.password.set('correct horse');
    expect(await state.savePerson()).toBe(true);
    expect(sent.at(-1)).toEqual(['POST /api/setup', { token: 'vdo_first', name: 'Ada', password: 'correct horse' }]);
    expect([state.phase(), state.password(), session.isAdmin()]).toEqual(['stream', '', true]);
  });

  it('asks for the token where the link brought none', async () => {
    const { state } = bench({ 'GET /api/session': NOBODY, 'GET /api/setup': { isOpen: true } });
    await state.begin('');
    state.name.set('Ada');
    state.password.set('correct horse');
    expect([await state.savePerson(), state.isIncomplete()]).toEqual([false, true]);
  });

  it('names whoever signed in with the token before', async () => {
    const { state, sent } = bench({ 'GET /api/session': SESSION, 'GET /api/account': ACCOUNT, 'PATCH /api/users/u': {} });
    await state.begin('');
    expect([state.phase(), state.isSignedIn()]).toEqual(['person', true]);
    state.name.set('Ada');
    state.password.set('correct horse');
    expect(await state.savePerson()).toBe(true);
    expect(sent.map(([key]) => key)).toEqual(expect.arrayContaining(['PATCH /api/users/u', 'PUT /api/account/password']));
    expect(state.phase()).toBe('stream');
  });

  it.each([
    [
      'somebody with a password goes on with the stream',
      { 'GET /api/session': SESSION, 'GET /api/account': { ...ACCOUNT, hasPassword: true } },
      'stream',
    ],
    ['nobody comes in by it a second time', { 'GET /api/session': NOBODY, 'GET /api/setup': { isOpen: false } }, 'closed'],
    ['a viewer sets up nothing', { 'GET /api/session': { ...SESSION, user: { ...USER, role: 'viewer' } } }, 'forbidden'],
  ] as const)('%s', async (_, answers, phase) => {
    const { state } = bench(answers);
    await state.begin('');
    expect(state.phase()).toBe(phase);
  });

  it('lets in who was invited', async () => {
    const viewer = { ...SESSION, user: { ...USER, role: 'viewer' } };
    const { state, session, sent } = bench({ 'POST /api/invitations/look-up': INVITED, 'POST /api/invitations/accept': viewer });
    await state.begin('invitation=vdi_link');
    expect([state.phase(), state.invited()?.name]).toEqual(['invited', 'Bob']);
    expect([await state.acceptInvitation(), state.isIncomplete()]).toEqual([false, true]);
    state.password.set('correct horse');
    expect(await state.acceptInvitation()).toBe(true);
    expect(sent.at(-1)).toEqual(['POST /api/invitations/accept', { token: 'vdi_link', password: 'correct horse' }]);
    expect(session.status()).toBe('signed-in');
  });

  it('says that a link opens nothing, and tells what else went wrong', async () => {
    const used = bench({ 'POST /api/invitations/look-up': refusal('VD_AUTH_INVITATION_INVALID', 401) });
    await used.state.begin('invitation=vdi_used');
    expect([used.state.phase(), used.state.problem()]).toEqual(['nothing', null]);
    const down = bench({ 'POST /api/invitations/look-up': refusal('VD_API_UNAVAILABLE', 503) });
    await down.state.begin('invitation=vdi_link');
    expect([down.state.phase(), down.state.problem()?.code]).toEqual(['asking', 'VD_API_UNAVAILABLE']);
  });
});
