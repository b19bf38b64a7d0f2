import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { describeStrategyContract, makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/plugins/strategy-local/index.js';
import barcode from '../fixtures/barcode-plugin.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { startHostPool } from '../support/analysis/host-pool.js';
import { jobFor, segmentClip } from '../support/analysis/segments.js';

const { analyzers } = FakePluginRegistry.of([{ plugin: barcode }]);

for (const definition of plugin.strategies ?? []) {
  describeStrategyContract({ describe, it }, definition.id, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-strategy-'));
    await makeBarcodeClip(join(folder, 'clip.ts'), { frames: 10, fps: 25, widthPx: 320, heightPx: 180, gop: 10 });
    const stream = await segmentClip(join(folder, 'clip.ts'), folder);
    const pool = startHostPool({ mediaDir: folder, dataDir: join(folder, 'data') });
    return {
      strategy: await definition.create({}, pool),
      job: jobFor(stream, 0, analyzers),
      close: async () => {
        await pool.close();
        await rm(folder, { recursive: true });
      },
    };
  });
}
