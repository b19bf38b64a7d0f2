import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { AllowedEgress } from '../../src/core/config/allowed-egress.js';
import { ConfigSecrets } from '../../src/core/config/config-secrets.js';
import { describeStrategyContract, makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import plugin from '../../src/plugins/strategy-cloud/index.js';
import { ScriptedServer } from '../../src/plugins/strategy-cloud/testing/scripted-server.js';
import barcode from '../fixtures/barcode-plugin.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { startHostPool } from '../support/analysis/host-pool.js';
import { jobFor, segmentClip } from '../support/analysis/segments.js';
import { PROVIDER_WIRES } from '../../src/plugins/strategy-cloud/testing/provider-wires.js';

const [analyzer] = FakePluginRegistry.of([{ plugin: barcode }]).analyzers;
const objects = { ...analyzer!, definition: { ...analyzer!.definition, solves: ['object'] } };
const quiet = new SilentLogger();

for (const definition of plugin.strategies ?? []) {
  const wire = PROVIDER_WIRES[definition.id];
  if (wire === undefined) throw new Error(`${definition.id} has no server to be tested against`);
  describeStrategyContract({ describe, it }, definition.id, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-cloud-'));
    await makeBarcodeClip(join(folder, 'clip.ts'), { frames: 10, fps: 25, widthPx: 320, heightPx: 180, gop: 10 });
    const stream = await segmentClip(join(folder, 'clip.ts'), folder);
    const pool = startHostPool({ mediaDir: folder, dataDir: join(folder, 'data') });
    const server = await ScriptedServer.start(wire.script);
    const secrets = new ConfigSecrets(folder, quiet, { CLOUD_TEST_KEY: 'a-key-for-tests' });
    // Far enough apart that a picture falls into the segment wherever its clock begins.
    const config = definition.config.parse({ ...wire.config(server.url), pictures: { fps: 10 } });
    return {
      strategy: await definition.create(config, pool, secrets, new AllowedEgress(['127.0.0.1']), quiet),
      job: jobFor(stream, 0, [objects]),
      close: async () => {
        await Promise.all([pool.close(), server.close()]);
        await rm(folder, { recursive: true });
      },
    };
  });
}
