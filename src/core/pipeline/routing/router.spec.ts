import { describe, expect, it } from 'vitest';
import type { AnalysisJob, ExecutionStrategy, Quote, StrategyHealth } from '../../plugin-api/index.js';
import { FakePluginRegistry, strategyOf } from '../../../../test/support/fakes/fake-plugin-registry.js';
import type { RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { Router } from './router.js';
import { RunTimes } from './run-times.js';
import { StrategyDirectory } from './strategy-directory.js';

interface Fake {
  quote: Quote;
  health: StrategyHealth;
  supports: boolean;
}
const MEDIA_MS = 2_000;

async function routing(ids: readonly string[], execution: object = {}) {
  let nowMs = 1_000;
  const fakes = Object.fromEntries(
    ids.map((id): [string, Fake] => [id, { quote: { startDelayMs: 0, costPerJob: 0 }, health: { status: 'up' }, supports: true }]),
  );
  const strategy = (id: string): ExecutionStrategy => ({
    supports: () => fakes[id]!.supports,
    quote: () => fakes[id]!.quote,
    health: () => fakes[id]!.health,
    execute: () => Promise.reject(new Error('not asked for')),
  });
  const analyzer = { definition: { id: 'a' }, placement: { execution: { prefer: ids, ...execution } } } as unknown as RegisteredAnalyzer;
  const strategies = ids.map((id) => strategyOf({ id, ...(id === 'lan' ? { reach: 'lan' } : {}) }, strategy(id)));
  const registry = new FakePluginRegistry({ analyzers: [analyzer], strategies });
  const directory = new StrategyDirectory(registry);
  await directory.open();
  const runTimes = new RunTimes(() => nowMs);
  const router = new Router(directory, runTimes, () => nowMs);
  const job = {
    stream: { streamId: 's' },
    segment: { ptsStartUs: 0, ptsEndUs: MEDIA_MS * 1_000 },
    tasks: [{ analyzerId: 'a' }],
  } as unknown as AnalysisJob;
  const route = (waitedMs = 0) => router.route({ analyzer, job, waitedMs, ruledOut: new Map() });
  const go = async (waitedMs?: number): Promise<{ id: string; reason: string }> => {
    const found = await route(waitedMs);
    if (found.kind !== 'go') throw new Error(JSON.stringify(found));
    return { id: found.place.id, reason: found.reason };
  };
  return { fakes, directory, runTimes, route, go, pass: (ms: number) => (nowMs += ms) };
}

describe(Router.name, () => {
  it('takes the preferred strategy whatever others would do, while there is no deadline', async () => {
    const { fakes, go } = await routing(['local', 'remote']);
    fakes['local']!.quote = { startDelayMs: 60_000, costPerJob: 0 };
    expect(await go()).toEqual({ id: 'local', reason: 'preferred' });
  });

  it('spills over when the deadline is at risk, and comes back when there is time to spare', async () => {
    const { fakes, go } = await routing(['local', 'remote'], { deadline: 4_000 });
    fakes['local']!.quote = { startDelayMs: 5_000, costPerJob: 0 };
    expect(await go()).toEqual({ id: 'remote', reason: 'local would be done after 5.0 s of 4.0 s' });
    fakes['local']!.quote = { startDelayMs: 3_500, costPerJob: 0 };
    expect((await go()).id).toBe('remote'); // in time, but only just: no going to and fro
    fakes['local']!.quote = { startDelayMs: 2_900, costPerJob: 0 };
    expect(await go()).toEqual({ id: 'local', reason: 'preferred' });
    fakes['local']!.quote = { startDelayMs: 3_500, costPerJob: 0 };
    expect((await go()).id).toBe('local');
  });

  it('counts the time that the segment has waited, and what the strategy was measured to take', async () => {
    const { runTimes, go } = await routing(['local', 'remote'], { deadline: 4_000 });
    for (let i = 0; i < 2; i++) runTimes.record('local', 'a', 1_500, MEDIA_MS);
    expect((await go(2_400)).id).toBe('local');
    expect(await go(2_600)).toEqual({ id: 'remote', reason: 'local would be done after 4.1 s of 4.0 s' });
  });

  it('forgets what it measured long ago, so that a strategy that was slow gets another chance', async () => {
    const { runTimes, go, pass } = await routing(['local', 'remote'], { deadline: 4_000 });
    for (let i = 0; i < 2; i++) runTimes.record('local', 'a', 9_000, MEDIA_MS);
    expect((await go()).id).toBe('remote');
    pass(61_000);
    expect((await go()).id).toBe('local');
  });

  it('does not leave a strategy for what its first job took, in which code and models are loaded', async () => {
    const { runTimes, go } = await routing(['local', 'remote'], { deadline: 4_000 });
    runTimes.record('local', 'a', 9_000, MEDIA_MS);
    expect((await go()).id).toBe('local');
    runTimes.record('local', 'a', 100, MEDIA_MS);
    expect(runTimes.expectMs('local', 'a', MEDIA_MS)).toBe(100);
    runTimes.record('local', 'a', 200, MEDIA_MS);
    expect(runTimes.expectMs('local', 'a', MEDIA_MS)).toBeCloseTo(130);
  });

  it('takes the soonest when all would be late, and says so', async () => {
    const { fakes, go } = await routing(['local', 'remote'], { deadline: 1_000 });
    fakes['local']!.quote = { startDelayMs: 9_000, costPerJob: 0 };
    fakes['remote']!.quote = { startDelayMs: 3_000, costPerJob: 0 };
    expect(await go()).toEqual({ id: 'remote', reason: 'local would be done after 9.0 s of 1.0 s; late everywhere: 3.0 s of 1.0 s' });
  });

  it('passes over what is down, rests or does not take it, and names each', async () => {
    const { fakes, directory, go } = await routing(['one', 'two', 'three', 'four']);
    fakes['one']!.health = { status: 'down', detail: 'no host is connected' };
    const { breaker } = directory.get('two')!;
    for (let i = 0; i < 3; i++) breaker.failed();
    fakes['three']!.supports = false;
    expect(await go()).toEqual({
      id: 'four',
      reason: 'one is down: no host is connected; two rests after failures in a row; three does not take it',
    });
  });

  it('has a run wait while a strategy is away, and fails one that nothing will ever take', async () => {
    const { fakes, route } = await routing(['one', 'two']);
    fakes['one']!.supports = false;
    fakes['two']!.health = { status: 'down' };
    expect(await route()).toEqual({ kind: 'wait', reason: 'one does not take it; two is down' });
    fakes['two']!.health = { status: 'degraded' };
    fakes['two']!.supports = false;
    expect((await route()).kind).toBe('wait'); // a part of it is away, which may be the part that would
    fakes['two']!.health = { status: 'up' };
    expect(await route()).toMatchObject({ kind: 'fail', error: { code: 'VD_PIPELINE_NO_STRATEGY' } });

    const lan = await routing(['lan']);
    lan.fakes['lan']!.supports = false; // its hosts may be upgraded to the worker's version
    expect(await lan.route()).toEqual({ kind: 'wait', reason: 'lan does not take it' });
  });
});
