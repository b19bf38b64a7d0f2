import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import { deferred } from '../../testing/deferred';
import { LogState } from './log-state';

const log = (name: string) => ({ name, sizeBytes: 10, modifiedAt: '2026-11-28T10:00:00.000Z' });

describe(LogState.name, () => {
  let asked: string[];
  let answers: Record<string, () => Response | Promise<Response>>;
  let tick: () => void;
  let state: LogState;
  beforeEach(() => {
    asked = [];
    answers = {
      '/api/system/logs': () => Response.json({ logs: [log('api'), log('worker')], obstacle: null }),
    };
    const api = new ApiClient('http://vedette.test', async (request) => {
      const { pathname, search } = new URL(request.url);
      asked.push(pathname + search);
      return (answers[pathname] ?? (() => Response.json({ entries: [{ at: null, level: null, who: null, text: pathname }] })))();
    });
    state = new LogState(api, {
      now: () => 0,
      every: (_periodMs, run) => {
        tick = run;
        return () => undefined;
      },
    });
  });

  it('shows the log of the worker, or that which is asked for', async () => {
    await state.load();
    expect(state.name()).toBe('worker');
    expect(asked.at(-1)).toBe('/api/system/logs/worker?level=info&limit=300');
    await state.choose('api');
    expect(state.entries()).toEqual([{ at: null, level: null, who: null, text: '/api/system/logs/api' }]);
    expect(state.file()?.name).toBe('api');
  });

  it('asks by level and words, and again while it follows', async () => {
    await state.setLevel('error');
    await state.find('  no door ');
    expect(asked.at(-1)).toBe('/api/system/logs/worker?level=error&limit=300&search=no%20door');
    state.start(null);
    await expect.poll(() => asked.length).toBe(6);
    tick();
    await expect.poll(() => asked.length).toBe(8);
    state.follows.set(false);
    tick();
    expect(asked).toHaveLength(8);
  });

  it('believes the latest question, whichever answer comes last', async () => {
    const slow = deferred<Response>();
    answers['/api/system/logs/worker'] = () => slow.promise;
    const first = state.load();
    await expect.poll(() => asked.length).toBe(2);
    await state.choose('api');
    slow.resolve(Response.json({ entries: [] }));
    await first;
    expect(state.entries()).toHaveLength(1);
  });

  it('knows that there are none, and why it does not know', async () => {
    answers['/api/system/logs'] = () => Response.json({ logs: [], obstacle: 'none' });
    await state.load();
    expect([state.name(), state.entries()]).toEqual([null, []]);
    answers['/api/system/logs'] = () =>
      Response.json({ title: 'No', code: 'VD_AUTH_FORBIDDEN', status: 403, type: 'about:blank', detail: '' }, { status: 403 });
    await state.load();
    expect(state.problem()?.code).toBe('VD_AUTH_FORBIDDEN');
  });
});
