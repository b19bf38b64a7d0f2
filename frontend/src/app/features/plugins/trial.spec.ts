import { describe, expect, it } from 'vitest';
import type { BackfillDiffWire, BackfillWire } from '../../api/models';
import { Trial, type TrialDeps } from './trial';

const DIFF = { segments: 3 } as BackfillDiffWire;

function trialWith(states: readonly Partial<BackfillWire>[], over: Partial<TrialDeps['api']> = {}) {
  const done: string[] = [];
  const bodies: unknown[] = [];
  let nowMs = 100_000;
  let asked = 0;
  const trial = new Trial({
    api: {
      createBackfill: async (body) => {
        bodies.push(body);
        return { id: 'b' } as BackfillWire;
      },
      backfill: async () => ({ id: 'b', detail: null, ...states[Math.min(asked++, states.length - 1)] }) as BackfillWire,
      backfillDiff: async () => DIFF,
      changeBackfill: async (_, change) => {
        done.push(change);
        return {} as BackfillWire;
      },
      removeBackfill: async () => void done.push('remove'),
      ...over,
    },
    now: () => nowMs,
    wait: async (ms) => void (nowMs += ms),
  });
  return { trial, done, bodies };
}

describe(Trial.name, () => {
  it('analyses the last seconds apart, shows the difference and leaves nothing behind', async () => {
    const { trial, done, bodies } = trialWith([{ state: 'queued' }, { state: 'running' }, { state: 'done' }]);
    await trial.start('look', 's', { fps: 2 }, 'Trial');
    expect(bodies).toEqual([
      {
        streamIds: ['s'],
        analyzerId: 'look',
        from: new Date(80_000).toISOString(),
        to: new Date(100_000).toISOString(),
        config: { fps: 2 },
        title: 'Trial',
      },
    ]);
    expect([trial.result(), trial.running(), trial.problem()]).toEqual([{ analyzerId: 'look', diff: DIFF }, null, null]);
    expect(done).toEqual(['discard', 'remove']);
  });

  it('says why it failed, and that it takes too long', async () => {
    const failed = trialWith([{ state: 'failed', detail: 'No worker' }]);
    await failed.trial.start('look', 's', {}, 'Trial');
    expect(failed.trial.problem()).toMatchObject({ analyzerId: 'look', problem: { detail: 'No worker' } });
    const slow = trialWith([{ state: 'running' }]);
    await slow.trial.start('look', 's', {}, 'Trial');
    expect(slow.trial.problem()).toMatchObject({ problem: { detail: 'running' } });
    expect(slow.done).toContain('remove');
  });

  it('is made one at a time', async () => {
    const { trial, bodies } = trialWith([{ state: 'done' }]);
    await Promise.all([trial.start('look', 's', {}, 'Trial'), trial.start('other', 's', {}, 'Trial')]);
    expect(bodies).toHaveLength(1);
  });

  it('cancels what cannot be discarded yet', async () => {
    const calls: string[] = [];
    const { trial } = trialWith([{ state: 'failed' }], {
      changeBackfill: async (_, change) => {
        calls.push(change);
        if (change === 'discard') throw new Error('Not in a state for that');
        return {} as BackfillWire;
      },
    });
    await trial.start('look', 's', {}, 'Trial');
    expect(calls).toEqual(['discard', 'cancel']);
  });
});
