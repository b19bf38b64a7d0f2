import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import { aStrategy } from '../../testing/work-samples';
import { PlacementState } from './placement-state';

const UNAVAILABLE = { title: 'Down', code: 'VD_API_UNAVAILABLE', status: 503, detail: '', fix: 'Wait' };

describe(PlacementState.name, () => {
  let asked: string[];
  let answer: (path: string) => Response | Promise<Response>;
  let timers: { periodMs: number; run: () => void }[];
  let state: PlacementState;

  beforeEach(() => {
    asked = [];
    timers = [];
    answer = () => Response.json({ items: [], next: null });
    state = new PlacementState({
      api: new ApiClient('http://vedette.test', async ({ url }) => {
        const path = url.slice('http://vedette.test'.length);
        asked.push(path);
        return answer(path);
      }),
      now: () => 1_000,
      every: (periodMs, run) => {
        const timer = { periodMs, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    });
  });
  const beat = (): void => timers.forEach(({ run }) => run());
  const times = (path: string): number => asked.filter((one) => one === path).length;

  it('asks at once and again with every beat, until it is stopped', async () => {
    state.start();
    state.start();
    await expect.poll(() => asked).toEqual(['/api/strategies', '/api/strategies/shadow?window=24h', '/api/capacity']);
    await expect.poll(() => state.shadows.value()).toEqual([]);
    beat();
    await expect.poll(() => times('/api/strategies')).toBe(2);
    state.stop();
    expect(timers).toEqual([]);
    expect(state.strategies.value()).toBeNull();
  });

  it('keeps the last answer when the next question fails, with the reason, and drops the reason once it is answered again', async () => {
    answer = () => Response.json({ items: [aStrategy()], next: null });
    await state.strategies.load();
    answer = () => Response.json(UNAVAILABLE, { status: 503 });
    await state.strategies.load();
    expect(state.strategies.value()).toHaveLength(1);
    expect(state.strategies.problem()).toMatchObject({ code: 'VD_API_UNAVAILABLE', fix: 'Wait' });
    expect(state.strategies.answeredAtMs()).toBe(1_000);
    answer = () => Response.json({ items: [], next: null });
    await state.strategies.load();
    expect(state.strategies.problem()).toBeNull();
  });

  it('asks no second question while the first is open, and takes no answer after it was stopped', async () => {
    const waiting: ((response: Response) => void)[] = [];
    answer = () => new Promise((resolve) => waiting.push(resolve));
    state.start();
    beat();
    expect(times('/api/strategies')).toBe(1);
    state.stop();
    for (const give of waiting) give(Response.json({ items: [aStrategy()], next: null }));
    await new Promise(setImmediate);
    expect(state.strategies.value()).toBeNull();
    expect(state.strategies.problem()).toBeNull();
  });

  it('asks after capacity no more where the server has no such route', async () => {
    answer = (path) =>
      path === '/api/capacity'
        ? Response.json({ ...UNAVAILABLE, status: 404, code: 'VD_API_NOT_FOUND' }, { status: 404 })
        : Response.json({ items: [], next: null });
    state.start();
    await expect.poll(() => state.capacityMissing()).toBe(true);
    beat();
    expect(times('/api/capacity')).toBe(1);
    expect(times('/api/strategies')).toBe(2);
  });
});
