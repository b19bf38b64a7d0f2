import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import type { QueueReportWire, QueueRunWire, RetriedRunsWire } from '../../api/models';
import { Notices } from '../../core/notices';
import { JobsState } from './jobs-state';

const aQueue = (over: Partial<QueueReportWire> = {}): QueueReportWire => ({
  name: 'default',
  verdict: 'well',
  sentence: '',
  paused: null,
  workers: 1,
  waiting: 0,
  running: 0,
  oldestMs: null,
  windowMs: 300_000,
  arrivedPerSecond: 0,
  endedPerSecond: 0,
  ended: { done: 0, partial: 0, skipped: 0, failed: 0 },
  waitMs: null,
  runMs: null,
  skips: [],
  failures: [],
  newestFailedRunId: null,
  seen: null,
  ...over,
});
const answered = (over: Partial<RetriedRunsWire> = {}): RetriedRunsWire => ({ retried: 0, gone: 0, behind: [], after: null, ...over });
const behind = (from: string, to: string, streamIds = ['s1'], runs = 2): RetriedRunsWire['behind'][number] => ({
  analyzerId: 'look',
  why: 'late',
  runs,
  streamIds,
  from,
  to,
});
const aRun = (id: string): QueueRunWire => ({ id, queue: 'default', streamName: 'door' }) as QueueRunWire;

describe(JobsState.name, () => {
  let asked: { call: string; body: unknown }[];
  let answers: Record<string, unknown[]>;
  let notices: Notices;
  let state: JobsState;
  beforeEach(() => {
    asked = [];
    answers = {};
    notices = new Notices(() => undefined);
    state = new JobsState({
      api: new ApiClient('http://vedette.test', async (request) => {
        const call = `${request.method} ${request.url.slice('http://vedette.test/api/'.length)}`;
        asked.push({ call, body: request.method === 'GET' ? undefined : await request.json().catch(() => undefined) });
        const left = answers[call];
        return Response.json(
          (left === undefined || left.length === 0 ? undefined : left.length > 1 ? left.shift() : left[0]) ?? { items: [], next: null },
        );
      }),
      notices,
      words: {
        retried: (count) => `${count} wait again`,
        gone: (count) => `${count} gone`,
        cancelled: (count) => `${count} cancelled`,
        seen: (queue) => `${queue} seen`,
        begun: (count) => `${count} begun`,
      },
      now: () => 1_000,
      every: () => () => undefined,
    });
  });
  const calls = (): string[] => asked.map(({ call }) => call);
  const titles = (): string[] => notices.list().map(({ title }) => title);

  it('has the worst queue first', async () => {
    answers['GET queues/reports'] = [
      {
        items: [
          aQueue({ name: 'b' }),
          aQueue({ name: 'a' }),
          aQueue({ name: 'c', verdict: 'failing' }),
          aQueue({ name: 'd', verdict: 'paused' }),
        ],
        next: null,
      },
    ];
    await state.queues.load();
    expect(state.sortedQueues().map(({ name }) => name)).toEqual(['c', 'd', 'a', 'b']);
  });

  it('puts the answer of a pause in the place of what it knew', async () => {
    answers['GET queues/reports'] = [{ items: [aQueue(), aQueue({ name: 'other' })], next: null }];
    await state.queues.load();
    answers['POST queues/default/pause'] = [aQueue({ verdict: 'paused', paused: { by: 'ann', since: '2026-11-28T10:00:00Z' } })];
    await state.pause('default');
    expect(state.queues.value()?.map(({ name, paused }) => [name, paused?.by])).toEqual([
      ['default', 'ann'],
      ['other', undefined],
    ]);
  });

  it('retries page after page, and tells once what became of all', async () => {
    answers['POST queues/default/retry'] = [answered({ retried: 1000, after: '77' }), answered({ retried: 5, gone: 2 })];
    await state.retry('default', 'failed', 'VD_X');
    expect(asked.filter(({ call }) => call === 'POST queues/default/retry').map(({ body }) => body)).toEqual([
      { state: 'failed', why: 'VD_X' },
      { state: 'failed', why: 'VD_X', after: '77' },
    ]);
    expect(notices.list()).toMatchObject([{ title: '1005 wait again', detail: '2 gone' }]);
    expect(state.behind()).toBeNull();
  });

  it('keeps what lies behind as one range for each analyzer, and begins a backfill of it when told to', async () => {
    answers['POST queues/default/retry'] = [
      answered({ behind: [behind('2026-11-28T10:00:00Z', '2026-11-28T10:01:00Z')], after: '9' }),
      answered({ behind: [behind('2026-11-28T09:00:00Z', '2026-11-28T09:30:00Z', ['s2'])] }),
    ];
    await state.retry('default', 'failed', null);
    expect(titles()).toEqual([]);
    expect(state.behind()).toEqual({
      queue: 'default',
      groups: [behind('2026-11-28T09:00:00Z', '2026-11-28T10:01:00Z', ['s1', 's2'], 4)],
    });
    await state.analyseBehind();
    expect(asked.find(({ call }) => call === 'POST backfills')?.body).toEqual({
      analyzerId: 'look',
      streamIds: ['s1', 's2'],
      from: '2026-11-28T09:00:00Z',
      to: '2026-11-28T10:01:00Z',
      onlyMissing: true,
    });
    expect([titles(), state.behind()]).toEqual([['1 begun'], null]);
  });

  it('lists runs page by page, and forgets the list of what is not shown any more', async () => {
    answers['GET queues/default/runs?state=failed&limit=20&why=VD_X'] = [{ items: [aRun('9')], next: '9' }];
    answers['GET queues/default/runs?state=failed&limit=20&why=VD_X&after=9'] = [{ items: [aRun('8')], next: null }];
    await state.showRuns({ queue: 'default', state: 'failed', why: 'VD_X' });
    expect([state.runs()?.length, state.moreRuns()]).toEqual([1, '9']);
    await state.loadRuns();
    expect([state.runs()?.map(({ id }) => id), state.moreRuns()]).toEqual([['9', '8'], null]);
    const late = state.loadRuns();
    state.hideRuns();
    await late;
    expect(state.runs()).toBeNull();
  });

  it('takes a run off the list once it waits again', async () => {
    answers['GET queues/default/runs?state=failed&limit=20'] = [{ items: [aRun('9'), aRun('8')], next: null }];
    answers['POST runs/9/retry'] = [answered({ retried: 1 })];
    await state.showRuns({ queue: 'default', state: 'failed', why: null });
    await state.retryRun(state.runs()![0]!);
    expect(state.runs()?.map(({ id }) => id)).toEqual(['8']);
  });

  it('lets cancelled runs wait again when that is undone', async () => {
    answers['POST queues/default/cancel'] = [
      { cancelled: 1000, more: true },
      { cancelled: 3, more: false },
    ];
    answers['POST queues/default/retry'] = [answered({ retried: 1003 })];
    await state.cancelWaiting('default');
    expect(titles()).toEqual(['1003 cancelled']);
    notices.list()[0]!.action!.run();
    await expect
      .poll(() => asked.find(({ call }) => call === 'POST queues/default/retry')?.body)
      .toEqual({ state: 'skipped', why: 'cancelled' });
  });

  it('marks failures as seen up to the newest that was shown, and tells them again when that is undone', async () => {
    await state.markSeen(aQueue());
    expect(calls()).toEqual([]);
    answers['POST queues/default/failures/seen'] = [aQueue()];
    answers['DELETE queues/default/failures/seen'] = [aQueue({ newestFailedRunId: '12' })];
    await state.markSeen(aQueue({ newestFailedRunId: '12' }));
    expect(asked[0]).toEqual({ call: 'POST queues/default/failures/seen', body: { upToRunId: '12' } });
    notices.list()[0]!.action!.run();
    await expect.poll(calls).toContain('DELETE queues/default/failures/seen');
  });

  it('asks for imports of streams that are fed by files only', async () => {
    answers['GET streams'] = [
      {
        items: [
          { id: 'f', name: 'film', title: 'A film', adapterId: 'file' },
          { id: 'r', name: 'live', title: '', adapterId: 'rtmp' },
        ],
        next: null,
      },
    ];
    await state.imports.load();
    expect(calls()).toEqual(['GET streams', 'GET streams/f/imports']);
  });
});
