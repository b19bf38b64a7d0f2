import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigModule } from '../../../src/core/config/config.module.js';
import { vedetteConfigSchema, type VedetteConfigInput } from '../../../src/core/config/schema.js';
import { MediaServerModule } from '../../../src/core/media/server/media-server.module.js';
import { MediaStoreModule } from '../../../src/core/media/store/media-store.module.js';
import { createLogger } from '../../../src/core/observability/logger.js';
import { ObservabilityModule } from '../../../src/core/observability/observability.module.js';
import { reservePort } from '../../support/reserve-port.js';
import { MediaNodes, type MediaNode } from '../../../src/core/persistence/media/media-nodes.js';
import { SEGMENT_URLS, type SegmentUrls } from '../../../src/core/plugin-api/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let folder: string;
let apps: INestApplicationContext[];
beforeEach(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'vd-node-'));
  apps = [];
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** A machine with a disk of its own. */
async function machine(
  name: string,
  config: VedetteConfigInput,
  module: typeof MediaServerModule | typeof MediaStoreModule,
): Promise<INestApplicationContext> {
  const parsed = vedetteConfigSchema.parse({
    ...config,
    dataDir: join(folder, name),
    mediaDir: join(folder, name, 'media'),
    database: { url: database.url, poolSize: 2 },
  });
  const imports = [
    ConfigModule.forRoot({ config: parsed, file: null, baseDir: folder }),
    ObservabilityModule.forRole(createLogger({ role: 'test', level: 'error', format: 'json' })),
    module,
  ];
  const app = await NestFactory.createApplicationContext(
    { module: class TestRole {}, imports },
    { logger: ['error'], abortOnError: false },
  );
  apps.push(app);
  return app;
}

describe(MediaServerModule.name, () => {
  it('has other machines find this node and fetch its segments, while it runs', async () => {
    const port = await reservePort();
    const ingest = await machine('ingest', { media: { listen: `127.0.0.1:${port}` }, ingest: { node: 'cam-1' } }, MediaServerModule);
    const elsewhere = await machine('worker', {}, MediaStoreModule);
    const [node] = await elsewhere.get(MediaNodes, { strict: false }).living();
    expect(node).toMatchObject({ name: 'cam-1', url: `http://127.0.0.1:${port}`, freeBytes: expect.any(Number) as number });
    const path = `${randomUUID()}/${randomUUID()}/000000.ts`;
    await mkdir(join(folder, 'ingest', 'media', path, '..'), { recursive: true });
    await writeFile(join(folder, 'ingest', 'media', path), 'segment');
    const urls = elsewhere.get<SegmentUrls>(SEGMENT_URLS, { strict: false });
    const url = await urls.sign({ path, nodeId: (node as MediaNode).id });
    expect(await (await fetch(url)).text()).toBe('segment');
    apps = apps.filter((app) => app !== ingest);
    await ingest.close();
    await expect(fetch(url)).rejects.toThrow();
    expect(await elsewhere.get(MediaNodes, { strict: false }).living()).toEqual([]);
  });

  it('keeps its name over a restart, and serves nobody unless it is told to', async () => {
    const first = await machine('ingest', {}, MediaServerModule);
    const [before] = await first.get(MediaNodes, { strict: false }).living();
    apps = [];
    await first.close();
    const again = await machine('ingest', { media: { url: 'https://cam-1.example' } }, MediaServerModule);
    const [after] = await again.get(MediaNodes, { strict: false }).living();
    expect([before?.url, after?.url]).toEqual([null, 'https://cam-1.example']);
    expect(after?.id).toBe(before?.id);
  });

  it('does not start on a port that is taken, and says which', async () => {
    const port = await reservePort();
    await machine('one', { media: { listen: `127.0.0.1:${port}` } }, MediaServerModule);
    await expect(machine('two', { media: { listen: `127.0.0.1:${port}` } }, MediaServerModule)).rejects.toMatchObject({
      code: 'VD_MEDIA_LISTEN_FAILED',
      message: expect.stringContaining(String(port)) as string,
    });
  });
});
