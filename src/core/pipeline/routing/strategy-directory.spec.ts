import { describe, expect, it } from 'vitest';
import type { ExecutionStrategy } from '../../plugin-api/index.js';
import { FakePluginRegistry, strategyOf } from '../../../../test/support/fakes/fake-plugin-registry.js';
import type { RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { reportOf, StrategyDirectory } from './strategy-directory.js';

const strategy = (more: Partial<ExecutionStrategy> = {}): ExecutionStrategy => ({
  supports: () => true,
  execute: () => Promise.reject(new Error('no job was expected')),
  health: () => ({ status: 'up' }),
  ...more,
});
const fail = (): never => {
  throw new Error('boom');
};

describe(StrategyDirectory.name, () => {
  const open = async (strategies: Record<string, ExecutionStrategy>, execution: object): Promise<StrategyDirectory> => {
    const directory = new StrategyDirectory(
      new FakePluginRegistry({
        analyzers: [{ definition: { queue: 'default' }, placement: { execution } } as unknown as RegisteredAnalyzer],
        strategies: Object.entries(strategies).map(([id, one]) => strategyOf({ id, ...(id === 'cloud' ? { solves: ['door'] } : {}) }, one)),
      }),
    );
    await directory.open();
    return directory;
  };

  it('makes those that analyzers prefer or try in the shadow, and no others', async () => {
    const directory = await open(
      { local: strategy(), cloud: strategy(), idle: strategy() },
      { prefer: ['local'], shadow: { strategy: 'cloud' } },
    );
    expect(directory.all.map(({ id, reach, standsIn }) => [id, reach, standsIn])).toEqual([
      ['local', 'worker', false],
      ['cloud', 'worker', true],
    ]);
  });

  it('tells how each strategy is and what it reports, also of one that cannot, so that the heartbeat goes out', async () => {
    const strategies = {
      silent: strategy({ budget: { perDay: 2 } }),
      telling: strategy({
        report: () => ({ hosts: [], status: 'its own' }),
        health: () => ({ status: 'degraded', detail: 'one is away' }),
      }),
      failing: strategy({ report: fail, health: fail }),
    };
    const { all } = await open(strategies, { prefer: Object.keys(strategies) });
    expect(await Promise.all(all.map(reportOf))).toEqual([
      { status: 'up', breaker: 'closed', budget: { perDay: 2 } },
      { hosts: [], status: 'degraded', detail: 'one is away', breaker: 'closed' },
      { error: 'boom', status: 'down', detail: 'boom', breaker: 'closed' },
    ]);
  });
});
