import { describe, expect, it } from 'vitest';
import type { BackfillWire, ClipWire, ImportWire } from '../../api/models';
import { backfillRow, clipRow, importRow, inOrder } from './job-rows';

const JOB = { id: 'j', title: 'Yesterday', createdAt: '2026-11-28T10:00:00Z', createdBy: 'ann', errorCode: null, detail: null };
const backfill = (over: Partial<BackfillWire>): BackfillWire =>
  ({
    ...JOB,
    state: 'running',
    phase: 'analysing',
    progress: 0.25,
    fills: false,
    outcome: null,
    segments: { queued: 3, running: 1, done: 4, partial: 0, skipped: 0, failed: 2 },
    ...over,
  }) as BackfillWire;

describe('rows of jobs', () => {
  it.each([
    ['running', {}, 'running', ['pause', 'cancel'], 0.25],
    ['compared', { phase: 'comparing' }, 'comparing', ['cancel'], 0.25],
    ['paused', { state: 'paused' }, 'paused', ['resume', 'cancel'], 0.25],
    ['found and undecided', { state: 'done' }, 'found', ['apply', 'discard'], null],
    ['done', { state: 'done', fills: true }, 'done', ['remove'], null],
    ['decided', { state: 'done', outcome: 'applied' }, 'done', ['remove'], null],
    ['failed', { state: 'failed' }, 'failed', ['remove'], null],
  ] as const)('a backfill that is %s', (_, over, phase, actions, progress) => {
    expect(backfillRow(backfill(over))).toMatchObject({ phase, actions, progress, segments: { failed: 2, total: 10 } });
  });

  it('a clip can be fetched once it is there', () => {
    const clip = (state: string): ClipWire => ({ ...JOB, state, progress: 0.5, sizeBytes: 9 }) as ClipWire;
    expect(clipRow(clip('running'))).toMatchObject({ actions: ['cancel'], progress: 0.5 });
    expect(clipRow(clip('done'))).toMatchObject({ actions: ['download', 'remove'], progress: null });
    expect(clipRow(clip('failed'))).toMatchObject({ tone: 'bad', actions: ['remove'] });
  });

  it('an import counts its bytes while it is uploaded', () => {
    const file = {
      ...JOB,
      name: 'film.mp4',
      streamId: 's',
      state: 'uploading',
      receivedBytes: 30,
      sizeBytes: 120,
      progress: 0,
    } as unknown as ImportWire;
    expect(importRow(file)).toMatchObject({ title: 'film.mp4', progress: 0.25, actions: ['cancel'], streamId: 's' });
    expect(importRow({ ...file, state: 'done' })).toMatchObject({ progress: null, actions: ['remove'] });
  });

  it('come with those first that go on, then the newest', () => {
    const of = (id: string, state: BackfillWire['state'], createdAt: string) =>
      backfillRow(backfill({ id, state, createdAt, fills: true }));
    const rows = [
      of('a', 'done', '2026-11-28T12:00:00Z'),
      of('b', 'running', '2026-11-28T10:00:00Z'),
      of('c', 'done', '2026-11-28T13:00:00Z'),
    ];
    expect(inOrder(rows).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  });
});
