import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MEDIA_READER } from 'vedette/plugin';
import pull from '../../../src/adapters/pull/index.js';
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
import { h264Pictures } from '../../support/pull/annex-b.js';
import { MEDIA_READER_FROM_SOURCE } from '../../support/pull/pulled.js';
import { RtspCamera } from '../../support/pull/rtsp-camera.js';
import { until } from '../../support/until.js';

const ledger = new FakeIngestLedger();
const store = new FakeStreamStore();

let folder: string;
let role: TestingModule;
let camera: RtspCamera;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-pull-'));
  camera = await RtspCamera.start({
    pictures: await h264Pictures(folder, 5),
    login: { username: 'guard', password: 'sesame', scheme: 'Digest' },
  });
  const config = vedetteConfigSchema.parse({ mediaDir: folder, plugins: [{ use: 'vedette/pull' }] });
  role = await Test.createTestingModule({
    imports: [
      ConfigModule.forRoot({ config, baseDir: folder } as LoadedConfig),
      ObservabilityModule.forRole(new SilentLogger()),
      FakeIngestStores.of({ ledger, store, bell: new FakeJobBell(), audit: new FakeAuditLog() }),
      PluginHostModule.forRole({ builtins: { 'vedette/pull': async () => ({ default: pull }) }, instantiate: ['sources'] }),
      IngestModule,
    ],
  })
    .overrideProvider(MEDIA_READER)
    .useValue(MEDIA_READER_FROM_SOURCE)
    .compile();
  await role.init();
});
afterEach(async () => {
  await role.close();
  await camera.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a camera in the ingest role', () => {
  it('is recorded, begun anew when it breaks off, and every picture that it sent is stored or in a gap', async () => {
    const login = { username: 'guard', password: 'wrong' };
    const { id } = await store.create({
      ...{ name: 'door', title: 'Door', adapterId: 'pull' },
      sourceConfig: { kind: 'rtsp', url: camera.url, transport: 'tcp', ...login },
    });
    const state = async () => (await store.list()).find((stream) => stream.id === id)!;
    const refused = await until('the refusal', async () => {
      const { state: now, stateDetail } = await state();
      return now === 'retrying' && stateDetail;
    });
    expect(refused).toMatch(/^VD_PULL_UNAUTHORISED: .*Set `username` and `password`/);

    await store.update(id, { sourceConfig: { kind: 'rtsp', url: camera.url, transport: 'tcp', ...login, password: 'sesame' } });
    await until('the first segment', () => ledger.of(id)[0]?.segments[0]);
    expect(await state()).toMatchObject({ state: 'live' });
    camera.drop();
    await until('another epoch with a segment', () => ledger.of(id)[1]?.segments[0]);
    await role.close();
    const epochs = ledger.of(id);
    expect(epochs[0]?.media).toMatchObject({ videoCodec: 'h264', widthPx: 320, heightPx: 180 });
    expect(epochs.every((epoch) => epoch.state === 'closed')).toBe(true);
    const stored = epochs.flatMap(({ segments }) => segments).reduce((sum, { frameCount }) => sum + (frameCount ?? 0), 0);
    const missing = epochs.flatMap(({ gaps }) => gaps).reduce((sum, gap) => sum + (gap.videoFrames ?? 0), 0);
    // What was on the way when a connection ended never came.
    expect(stored + missing).toBeGreaterThan(camera.sent - 2 * 5);
    expect(stored + missing).toBeLessThanOrEqual(camera.sent);
  });
});
