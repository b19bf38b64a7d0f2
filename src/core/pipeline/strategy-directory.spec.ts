import { describe, expect, it } from 'vitest';
import type { ExecutionStrategy, JsonObject } from '../plugin-api/index.js';
import type { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { StrategyDirectory } from './strategy-directory.js';

const strategy = (report?: () => JsonObject): ExecutionStrategy => ({
  supports: () => true,
  execute: () => Promise.reject(new Error('no job was expected')),
  health: () => ({ status: 'up' }),
  ...(report === undefined ? {} : { report }),
});

describe(StrategyDirectory.name, () => {
  it('tells what strategies report, and of one that cannot, so that the heartbeat goes out', async () => {
    const strategies: Record<string, ExecutionStrategy> = {
      silent: strategy(),
      telling: strategy(() => ({ hosts: [] })),
      failing: strategy(() => {
        throw new Error('boom');
      }),
    };
    const ids = Object.keys(strategies);
    const directory = await StrategyDirectory.open({
      analyzers: [{ placement: { execution: { prefer: ids } } }],
      strategies: ids.map((id) => ({ definition: { id } })),
      createStrategy: (id: string) => Promise.resolve(strategies[id]!),
    } as unknown as PluginRegistry);
    expect(directory.reports()).toEqual({ telling: { hosts: [] }, failing: { error: 'boom' } });
  });
});
