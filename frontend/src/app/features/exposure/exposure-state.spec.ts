import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import { deferred } from '../../testing/deferred';
import type { StreamWire } from '../../api/models';
import { askOf } from './exposure-ask';
import { ExposureState } from './exposure-state';

const NOW_MS = Date.parse('2026-11-28T10:00:00.000Z');
const streams = [
  { id: 's1', name: 'arena' },
  { id: 's2', name: 'lobby' },
] as unknown as StreamWire[];
const answer = (label: string) => ({
  from: '2026-11-27T10:00:00.000Z',
  to: '2026-11-28T10:00:00.000Z',
  brands: [{ subjectId: label, label }],
});

describe(ExposureState.name, () => {
  let asked: URL[];
  let answers: (() => Response | Promise<Response>)[];
  let tick: () => void;
  let state: ExposureState;
  beforeEach(() => {
    asked = [];
    answers = [];
    const api = new ApiClient('http://vedette.test', async (request) => {
      asked.push(new URL(request.url));
      return (answers.shift() ?? (() => Response.json(answer('Acme'))))();
    });
    state = new ExposureState(api, {
      now: () => NOW_MS,
      every: (_periodMs, run) => {
        tick = run;
        return () => undefined;
      },
    });
    state.start();
  });
  const params = (at: number): Record<string, string> => Object.fromEntries(asked[at]!.searchParams);

  it('asks for all streams, up to now, and again as time goes by', async () => {
    await state.show(askOf({}), streams);
    expect(params(0)).toEqual({ from: '2026-11-27T10:00:00.000Z', to: '2026-11-28T10:00:00.000Z' });
    expect(state.main.value()?.brands[0]?.label).toBe('Acme');
    expect(state.span()?.toMs).toBe(NOW_MS);
    tick();
    await expect.poll(() => asked.length).toBe(2);
  });

  it('leaves a range that stays as it is', async () => {
    await state.show(askOf({ from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' }), streams);
    tick();
    expect(asked).toHaveLength(1);
  });

  it('asks for two ranges one after the other, and forgets the second when nobody wants it any more', async () => {
    answers = [() => Response.json(answer('Now')), () => Response.json(answer('Then'))];
    await state.show(askOf({ range: '1h', against: 'before' }), streams);
    expect(params(1)).toEqual({ from: '2026-11-28T08:00:00.000Z', to: '2026-11-28T09:00:00.000Z' });
    expect(state.beside.value()?.brands[0]?.label).toBe('Then');
    await state.show(askOf({ range: '1h' }), streams);
    expect(state.beside.value()).toBeNull();
  });

  it('knows the shows of the only stream, and asks for one of them', async () => {
    const show = { id: 'e1', streamId: 's1', startedAt: '2026-11-28T08:00:00.000Z', endedAt: '2026-11-28T09:00:00.000Z' };
    answers = [() => Response.json({ items: [show], next: null })];
    await state.show(askOf({ streams: 'arena', show: 'e1' }), streams);
    expect(asked[0]!.pathname).toBe('/api/streams/s1/epochs');
    expect(params(1)).toMatchObject({ streamId: 's1', epochId: 'e1', from: '2026-11-28T07:59:59.000Z' });
    await state.show(askOf({ streams: 'arena,lobby' }), streams);
    expect(params(2)).toMatchObject({ streamId: 's1,s2' });
    expect(state.shows()).toEqual([]);
  });

  it('asks nothing anew for another brand', async () => {
    await state.show(askOf({}), streams);
    await state.show(askOf({ brand: 'Bolt' }), streams);
    expect(asked).toHaveLength(1);
  });

  it('asks one question at a time, and the latest of those that came meanwhile', async () => {
    const first = deferred<Response>();
    answers = [() => first.promise, () => Response.json(answer('Latest'))];
    const showing = state.show(askOf({}), streams);
    await expect.poll(() => asked.length).toBe(1);
    await state.show(askOf({ range: '7d' }), streams);
    await state.show(askOf({ range: '30d' }), streams);
    expect(asked).toHaveLength(1);
    first.resolve(Response.json(answer('First')));
    await showing;
    expect(asked).toHaveLength(2);
    expect(params(1)['from']).toBe('2026-10-29T10:00:00.000Z');
    expect(state.main.value()?.brands[0]?.label).toBe('Latest');
  });

  it('says why it cannot, and keeps what it had', async () => {
    await state.show(askOf({}), streams);
    answers = [() => Response.json({ type: 'about:blank', title: 'No', detail: '', code: 'VD_API_BUSY', status: 503 }, { status: 503 })];
    await state.load();
    expect(state.problem()?.code).toBe('VD_API_BUSY');
    expect(state.main.value()).not.toBeNull();
    expect(state.isLoading()).toBe(false);
  });
});
