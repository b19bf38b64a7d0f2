import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { prepareWorkerHost, type RunningWorkerHost } from '../../src/core/worker-host/prepare-worker-host.js';
import { remoteLanConfig } from '../../src/plugins/strategy-remote-lan/config.js';

/** The worker host is core's, the strategy a plugin: what the one says to write must be what the other reads. */
describe('what a worker host says to write into the config of a worker', () => {
  let folder: string;
  let host: RunningWorkerHost;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-worker-host-'));
    const quiet = (): void => undefined;
    const prepared = await prepareWorkerHost({ listen: '127.0.0.1:0', announce: false }, { baseDir: folder, dataDir: folder }, '1.0.0');
    host = await prepared.start({
      analyzers: [],
      pool: {
        load: () => ({ capacity: 1, running: 0, waiting: 0 }),
        execute: () => Promise.reject(new Error('no job was expected')),
        discard: quiet,
        health: () => ({ status: 'up' }),
      },
      references: { revision: () => Promise.resolve(0), put: quiet },
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
  });
  afterAll(async () => {
    await host.close();
    await rm(folder, { recursive: true });
  });

  it('is a plugin entry whose strategy takes it', () => {
    const [entry] = parse(host.detail['config'] ?? '') as { use: string; strategies: { 'remote-lan': unknown } }[];
    expect(entry?.use).toBe('vedette/strategy-remote-lan');
    const config = remoteLanConfig.parse(entry?.strategies['remote-lan']);
    expect(config.hosts).toEqual([{ url: host.detail['url'], fingerprint: host.detail['fingerprint'] }]);
  });
});
