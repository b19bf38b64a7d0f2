import { describe, expect, it } from 'vitest';
import { ApiError, local } from '../../api/problem';
import type { SignIn } from '../../core/session-state';
import { SignInState } from './sign-in-state';

function bench(answers: (Error | undefined)[] = []) {
  const tried: SignIn[] = [];
  const clock = { nowMs: 1_000_000 };
  const state = new SignInState({
    session: {
      signIn: async (by) => {
        tried.push(by);
        const answer = answers.shift();
        if (answer !== undefined) throw answer;
      },
    },
    now: () => clock.nowMs,
  });
  return { state, tried, clock };
}
const refused = (code: string, retryAfterS?: number): ApiError =>
  new ApiError({ ...local('t', 'd', code, 429, ''), ...(retryAfterS === undefined ? {} : { retryAfterS }) });

describe(SignInState.name, () => {
  it('signs in by name and password, and forgets the password then', async () => {
    const { state, tried } = bench();
    state.name.set(' Ada ');
    state.password.set(' with blanks ');
    expect(await state.submit()).toBe(true);
    expect(tried).toEqual([{ name: 'Ada', password: ' with blanks ' }]);
    expect(state.password()).toBe('');
  });

  it('takes a token with what a terminal adds to it', async () => {
    const { state, tried } = bench();
    state.choose('token');
    state.token.set(' vdo_ab\n cd ');
    await state.submit();
    expect(tried).toEqual([{ token: 'vdo_abcd' }]);
  });

  it('asks the server nothing while a field is empty', async () => {
    const { state, tried } = bench();
    state.name.set('Ada');
    expect([await state.submit(), state.isIncomplete(), tried.length]).toEqual([false, true, 0]);
    state.choose('token');
    expect(state.isIncomplete()).toBe(false);
  });

  it('waits as long as the server says, by the clock; a token may be tried meanwhile', async () => {
    const { state, tried, clock } = bench([refused('VD_AUTH_PASSWORD_LIMITED', 15)]);
    state.name.set('Ada');
    state.password.set('x');
    await state.submit();
    expect([state.waitS(), state.mayTry(), await state.submit(), tried.length]).toEqual([15, false, false, 1]);
    clock.nowMs += 14_500;
    state.tick();
    expect(state.waitS()).toBe(1);
    state.choose('token');
    expect(state.mayTry()).toBe(true);
    state.choose('password');
    clock.nowMs += 1_000;
    state.tick();
    expect(await state.submit()).toBe(true);
  });

  it('tells why it was refused', async () => {
    const { state } = bench([refused('VD_AUTH_PASSWORD_WRONG')]);
    state.name.set('Ada');
    state.password.set('x');
    await state.submit();
    expect([state.problem()?.code, state.waitS(), state.busy()]).toEqual(['VD_AUTH_PASSWORD_WRONG', 0, false]);
  });
});
