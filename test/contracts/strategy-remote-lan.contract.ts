import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { describeStrategyContract, makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import barcode from '../fixtures/barcode-plugin.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { startHostPool } from '../support/analysis/host-pool.js';
import { jobFor, segmentClip } from '../support/analysis/segments.js';
import { openStrategy, startWorkerHost, urlOf } from '../support/remote/worker-hosts.js';

const { analyzers } = FakePluginRegistry.of([{ plugin: barcode }]);

// A real server, TLS, and processes that analyse: all of it but the distance.
describeStrategyContract({ describe, it }, 'remote-lan', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-strategy-'));
  await makeBarcodeClip(join(folder, 'clip.ts'), { frames: 10, fps: 25, widthPx: 320, heightPx: 180, gop: 10 });
  const stream = await segmentClip(join(folder, 'clip.ts'), folder);
  const pool = startHostPool({ mediaDir: folder, dataDir: join(folder, 'data') });
  const host = await startWorkerHost(pool, { analyzers: analyzers.map(({ definition }) => definition) });
  return {
    strategy: await openStrategy({ hosts: [{ url: urlOf(host), fingerprint: host.fingerprint }] }),
    job: jobFor(stream, 0, analyzers),
    close: async () => {
      await host.close();
      await pool.close();
      await rm(folder, { recursive: true });
    },
  };
});
