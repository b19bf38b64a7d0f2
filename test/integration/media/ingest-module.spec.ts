import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definePlugin, defineSource, PUBLISH_GATE, z, type PublishGate, type PublishGrant } from 'vedette/plugin';
import webcam from '../../../src/adapters/webcam/index.js';
import { ConfigModule } from '../../../src/core/config/config.module.js';
import type { LoadedConfig } from '../../../src/core/config/load-config.js';
import { vedetteConfigSchema } from '../../../src/core/config/schema.js';
import { ObservabilityModule } from '../../../src/core/observability/observability.module.js';
import { PluginHostModule } from '../../../src/core/plugin-host/plugin-host.module.js';
import { IngestModule } from '../../../src/core/streams/ingest.module.js';
import { FakeAuditLog } from '../../support/fakes/fake-audit-log.js';
import { FakeIngestLedger } from '../../support/fakes/fake-ingest-ledger.js';
import { FakeJobBell } from '../../support/fakes/fake-job-bell.js';
import { FakeIngestStores } from '../../support/fakes/fake-ingest-stores.js';
import { FakeStreamStore } from '../../support/fakes/fake-stream-store.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { until } from '../../support/until.js';

let mediaDir: string;
let gate: PublishGate | undefined;
let role: TestingModule;
const ledger = new FakeIngestLedger();
const store = new FakeStreamStore();
const bell = new FakeJobBell();
const audit = new FakeAuditLog();

/** A listener that does nothing but hold the gate it was given. */
const door = definePlugin({
  id: 'door',
  version: '1.0.0',
  api: '^1.0.0',
  sources: [
    defineSource({
      id: 'door',
      version: '1.0.0',
      title: 'Door',
      kind: 'listener',
      config: z.strictObject({}),
      inject: [PUBLISH_GATE],
      create: (injected: PublishGate) => ({
        open: async () => {
          gate = injected;
          const done = Promise.withResolvers<{ reason: string }>();
          return { stop: async (reason: string) => done.resolve({ reason }), done: done.promise };
        },
      }),
    }),
  ],
});

beforeEach(async () => {
  mediaDir = await mkdtemp(join(tmpdir(), 'vd-media-'));
  const config = vedetteConfigSchema.parse({ mediaDir, plugins: [{ use: 'vedette/webcam' }, { use: 'vedette/door' }] });
  role = await Test.createTestingModule({
    imports: [
      ConfigModule.forRoot({ config, baseDir: mediaDir } as LoadedConfig),
      ObservabilityModule.forRole(new SilentLogger()),
      FakeIngestStores.of({ ledger, store, bell: bell, audit: audit }),
      PluginHostModule.forRole({
        builtins: { 'vedette/webcam': async () => ({ default: webcam }), 'vedette/door': async () => ({ default: door }) },
        instantiate: ['sources'],
      }),
      IngestModule,
    ],
  }).compile();
  await role.init();
});
afterEach(async () => {
  await role.close();
  await rm(mediaDir, { recursive: true, force: true });
});

describe('IngestModule', () => {
  it('gives listeners the publish gate, runs the demo picture, and ends both when it closes', async () => {
    const held = await until('the listener', () => gate);
    const obs = await store.create({ name: 'obs', title: 'OBS', adapterId: 'door' });
    const { key } = await store.createKey(obs.id);
    const grant = (await held.authorise(key, '192.0.2.1')) as PublishGrant;
    expect(grant.context).toMatchObject({ streamId: obs.id, streamName: 'obs' });

    const demo = await store.create({
      name: 'demo',
      title: 'Demo',
      adapterId: 'webcam',
      sourceConfig: { format: 'lavfi', device: 'demo' },
    });
    const first = await until('the first segment', () => ledger.of(demo.id)[0]?.segments[0]);
    expect(first).toMatchObject({ state: 'ready', frameCount: 50, keyframePtsUs: [first.ptsStartUs] });
    expect(ledger.of(demo.id)[0]?.media).toMatchObject({ videoCodec: 'h264', widthPx: 960, heightPx: 540 });
    await role.close();
    expect(ledger.of(demo.id)).toMatchObject([{ state: 'closed' }]);
    await expect(grant.context.openEpoch({ startedAtMs: 0, input: { kind: 'flv' } })).rejects.toMatchObject({ code: 'VD_INGEST_STOPPING' });
  });
});
