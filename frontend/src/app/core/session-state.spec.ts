import { describe, expect, it } from 'vitest';
import { ApiClient } from '../api/api-client';
import { SessionState } from './session-state';

const session = { user: { id: 'u', name: 'admin', role: 'admin' }, kind: 'session', expiresAt: null };
const problem = (status: number): Response => new Response(JSON.stringify({ code: 'VD_X', title: 't', status, detail: '' }), { status });
const stateWith = (...answers: Response[]): SessionState =>
  new SessionState(new ApiClient('http://vedette.test', async () => answers.shift()!));
const ok = (): Response => new Response(JSON.stringify(session));

describe(SessionState.name, () => {
  it('is signed in when the server knows the cookie', async () => {
    const state = stateWith(ok());
    await state.check();
    expect([state.status(), state.isAdmin()]).toEqual(['signed-in', true]);
  });

  it('is signed out on a clear no, without calling that expired', async () => {
    const state = stateWith(problem(401));
    await state.check();
    expect([state.status(), state.expired()]).toEqual(['signed-out', false]);
  });

  it('is signed out when the server says that nobody is signed in', async () => {
    const nobody = (): Response => new Response(JSON.stringify({ user: null, kind: null, expiresAt: null }));
    const state = stateWith(nobody(), ok(), nobody());
    await state.check();
    expect([state.status(), state.expired()]).toEqual(['signed-out', false]);
    await state.check();
    await state.check();
    expect([state.status(), state.expired()]).toEqual(['signed-out', true]);
  });

  it('notices that the session ended by itself', async () => {
    const state = stateWith(ok(), problem(401));
    await state.check();
    await state.check();
    expect([state.status(), state.expired()]).toEqual(['signed-out', true]);
  });

  it('signs nobody out because the server is down', async () => {
    const state = stateWith(ok(), problem(503));
    await state.check();
    await state.check();
    expect(state.status()).toBe('signed-in');
  });

  it('rejects a wrong token and stays signed out', async () => {
    const state = stateWith(problem(401));
    await expect(state.signIn({ token: 'x' })).rejects.toThrow();
    expect(state.status()).toBe('signed-out');
  });
});
