import { describe, expect, it } from 'vitest';
import type { CaseWire } from '../../api/models';
import { ApiError } from '../../api/problem';
import { aGroup } from '../../testing/event-samples';
import { at, T0 } from '../../testing/wire-samples';
import { CaseState, clipsOf } from './case-state';

const aCase = (state: CaseWire['state'], progress = 0): CaseWire => ({
  ...{ id: 'case-1', title: 'Morning', state, progress, detail: null, createdAt: at(0), expiresAt: at(1), createdBy: 'admin', clips: [] },
});

describe(clipsOf.name, () => {
  it('takes some of what is around an event, and of one that goes on what was analysed', () => {
    const over = aGroup(20, { firstStartAt: at(10_000) }, { subject: 'Acme', endAt: at(22_000), state: 'closed' });
    const open = aGroup(30, {}, { analysedUpTo: at(34_000) });
    expect(clipsOf([over, open], T0 + 60_000)).toEqual([
      { streamId: 'stream-1', from: at(5_000), to: at(27_000), mode: 'copy', title: 'Acme' },
      { streamId: 'stream-1', from: at(25_000), to: at(39_000), mode: 'copy', title: 'black' },
    ]);
  });

  it('asks for nothing that is not recorded yet', () => {
    expect(clipsOf([aGroup(30, {}, { endAt: at(31_000) })], T0 + 33_000)[0]!.to).toBe(at(33_000));
  });
});

describe(CaseState.name, () => {
  it('is begun, watched until it is done, and then left alone', async () => {
    const answers = [aCase('running', 0.5), aCase('done', 1)];
    let looks = 0;
    const state = new CaseState({ createCase: async () => aCase('queued'), case: async () => answers[looks++]! }, () => T0);
    expect(await state.begin('Morning', [aGroup(1)])).toBe(true);
    const seen = [state.made()?.state];
    for (let i = 0; i < 4; i++) {
      await state.look();
      seen.push(state.made()?.state);
    }
    expect([seen, looks]).toEqual([['queued', 'running', 'done', 'done', 'done'], 2]);
  });

  it('says why none is made', async () => {
    const full = new ApiError({ type: 'about:blank', status: 507, title: 'Full', detail: 'Full', code: 'VD_CLIP_NO_ROOM' });
    const state = new CaseState({ createCase: () => Promise.reject(full), case: async () => aCase('done') }, () => T0);
    expect([await state.begin('x', [aGroup(1)]), state.problem()?.code, state.made()]).toEqual([false, 'VD_CLIP_NO_ROOM', null]);
  });
});
