import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochWire, MetricWire, NewStreamWire, RunWire, StreamWire } from '../../src/core/wire/wire.js';
import { freePort } from '../../src/core/persistence/embedded/free-port.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { checkInvariants } from '../faults/invariants.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { ApiClient } from './support/api-client.js';
import { Machine } from './support/machine.js';
import { countVideoFrames } from './support/media-probe.js';
import { publishClip } from './support/publisher.js';
import { waitFor } from './support/wait-for.js';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const FPS = 25;
const FRAMES = 10 * FPS;
const UNWANTED = ['vedette/visual-analysis', 'vedette/logo-detection', 'vedette/object-detection'].map((use) => ({ use, enabled: false }));

/** Machines that share a database, a Redis and nothing else: each has folders of its own, and is reached by its address alone. */
describe('many machines', () => {
  let database: TestDatabase;
  let sql: pg.Client;
  let redis: TestRedis;
  let shared: Record<string, string>;
  let scratch: string;
  let clip: string;
  let api: ApiClient;
  let token: string;
  const machines = new Map<string, Machine>();
  const rtmp: Record<string, number> = {};
  const streams: Record<string, NewStreamWire> = {};

  const plugins = (name: string): unknown[] => [
    ...UNWANTED,
    { use: 'vedette/rtmp', sources: { rtmp: { host: '127.0.0.1', port: rtmp[name] ?? 1935 } } },
    {
      use: 'vedette/strategy-remote-lan',
      strategies: { 'remote-lan': { token: { file: join(scratch, 'token') }, hosts: [{ url: `https://127.0.0.1:${rtmp['lent']}` }] } },
    },
    { use: join(ROOT, 'test/fixtures/barcode-plugin.ts'), analyzers: { barcode: { execution: { prefer: ['remote-lan', 'local'] } } } },
  ];
  const isRunning =
    (role: string) =>
    async (machine: Machine): Promise<boolean> =>
      (
        await sql.query('SELECT 1 FROM instances WHERE role = $1 AND pid = $2 AND heartbeat_at > now() - interval $$10 seconds$$', [
          role,
          machine.child.pid,
        ])
      ).rows.length > 0;
  const start = async (name: string, role: 'api' | 'ingest' | 'worker', config: Record<string, unknown> = {}): Promise<Machine> => {
    const machine = await Machine.start(name, {
      command: [role],
      env: shared,
      config: { analysis: { hosts: 1 }, plugins: plugins(name), ...config },
      isReady: isRunning(role),
    });
    machines.set(name, machine);
    return machine;
  };
  const publish = (node: string, stream: string): Promise<void> =>
    publishClip(clip, `rtmp://127.0.0.1:${rtmp[node]}/live/${streams[stream]!.key!.key}`);

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    redis = await startRedis();
    shared = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    scratch = mkdtempSync(join(tmpdir(), 'vedette-machines-'));
    writeFileSync(join(scratch, 'token'), randomBytes(32).toString('hex'), { mode: 0o600 });
    for (const name of ['left', 'right', 'lent', 'api', 'left-media', 'right-media']) rtmp[name] = await freePort();
    clip = join(scratch, 'clip.flv');
    await makeBarcodeClip(clip, { frames: FRAMES, fps: FPS, widthPx: 320, heightPx: 180, gop: 25, audio: true });

    await start('api', 'api', { api: { port: rtmp['api'] } });
    await Promise.all(
      ['left', 'right'].map((name) =>
        start(name, 'ingest', {
          ingest: { node: name },
          packaging: { segmentDuration: '1s' },
          media: { listen: `127.0.0.1:${rtmp[`${name}-media`]}` },
        }),
      ),
    );
    machines.set(
      'lent',
      await Machine.start('lent', {
        command: ['worker-host', '--token-file', join(scratch, 'token'), '--listen', `127.0.0.1:${rtmp['lent']}`],
        config: { analysis: { hosts: 1 }, plugins: [...UNWANTED, { use: join(ROOT, 'test/fixtures/barcode-plugin.ts') }] },
        isReady: ({ output }) => output.includes('worker-host is ready'),
      }),
    );
    await start('first', 'worker');

    const { stdout } = await run(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'token'], {
      cwd: scratch,
      env: { ...process.env, ...shared, VEDETTE_CONFIG: '' },
    });
    token = /[\w-]{30,}/.exec(stdout)![0];
    api = await ApiClient.signIn(`http://127.0.0.1:${rtmp['api']}`, token);
    for (const name of ['alpha', 'beta']) streams[name] = await api.post<NewStreamWire>('/api/streams', { name, adapterId: 'rtmp' });
  }, 180_000);

  afterAll(async () => {
    await Promise.all([...machines.values()].map((machine) => machine.remove()));
    await sql?.end();
    await redis?.stop();
    await database?.drop();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }, 120_000);

  const runsOf = (stream: string): Promise<RunWire[]> => api.all<RunWire>(`/api/streams/${streams[stream]!.id}/runs`);
  const latestEpoch = async (stream: string): Promise<EpochWire> =>
    (await api.all<EpochWire>(`/api/streams/${streams[stream]!.id}/epochs`)).reduce((latest, epoch) =>
      epoch.ordinal > latest.ordinal ? epoch : latest,
    );
  const settled = (stream: string): Promise<unknown> =>
    waitFor(
      `all of ${stream} to be analysed`,
      async () => {
        const epochs = await api.all<EpochWire>(`/api/streams/${streams[stream]!.id}/epochs`);
        const runs = await runsOf(stream);
        return (
          epochs.length > 0 &&
          epochs.every(({ state }) => state === 'closed') &&
          runs.length > 0 &&
          runs.every(({ state }) => state !== 'queued' && state !== 'running')
        );
      },
      60_000,
    );
  /** Every frame of the latest publish, each once. */
  const expectEveryFrameOnce = async (stream: string): Promise<void> => {
    const epoch = await latestEpoch(stream);
    const found = await api.all<MetricWire>(`/api/streams/${streams[stream]!.id}/metrics?epochId=${epoch.id}&name=frame-index`);
    expect(found.map(({ value }) => value).sort((a, b) => a - b)).toEqual(Array.from({ length: FRAMES }, (_, index) => index));
    expect(await checkInvariants(database.url, { expectations: { idle: true } })).toEqual([]);
  };

  it('takes streams in on two nodes, analyses them on machines without a shared disk, and plays both from one address', async () => {
    await Promise.all([publish('left', 'alpha'), publish('right', 'beta')]);
    for (const [stream, node] of [
      ['alpha', 'left'],
      ['beta', 'right'],
    ] as const) {
      await settled(stream);
      await expectEveryFrameOnce(stream);
      const runs = await runsOf(stream);
      expect(new Set(runs.map(({ state, strategy }) => `${state} ${strategy}`)), stream).toEqual(new Set(['done remote-lan']));
      expect((await api.get<StreamWire>(`/api/streams/${streams[stream]!.id}`)).node).toMatchObject({ name: node, alive: true });
      const { id } = await latestEpoch(stream);
      expect(await countVideoFrames(`${api.baseUrl}/streaming/${streams[stream]!.id}/${id}/index.m3u8`, api.cookie)).toBe(FRAMES);
    }
    const { items } = await api.get<{ items: { id: string; workers: { status: string; report: { hosts?: { state: string }[] } }[] }[] }>(
      '/api/strategies',
    );
    expect(items.find(({ id }) => id === 'remote-lan')?.workers[0]).toMatchObject({ status: 'up', report: { hosts: [{ state: 'up' }] } });
  }, 120_000);

  it('loses nothing when a worker is added by one command and another loses its power', async () => {
    const published = publish('left', 'alpha');
    await waitFor(
      'a first run of the new epoch',
      async () =>
        (await latestEpoch('alpha')).ordinal === 1 &&
        (await runsOf('alpha')).some(({ epochId, state }) => state === 'done' && epochId !== undefined),
      30_000,
    );
    await start('second', 'worker');
    await machines.get('first')!.powerOff();
    await published;
    await settled('alpha');
    await expectEveryFrameOnce('alpha');
  }, 120_000);

  it('goes on in the worker when the lent machine loses its power, says why, and lends it work again when it is back', async () => {
    const lent = machines.get('lent')!;
    const published = publish('right', 'beta');
    await waitFor(
      'work on the lent machine',
      async () => {
        const epoch = await latestEpoch('beta');
        return epoch.ordinal === 1 && (await runsOf('beta')).some((one) => one.epochId === epoch.id && one.strategy === 'remote-lan');
      },
      30_000,
    );
    await lent.powerOff();
    await published;
    await settled('beta');
    await expectEveryFrameOnce('beta');
    const epoch = await latestEpoch('beta');
    const moved = (await runsOf('beta')).filter((one) => one.epochId === epoch.id && one.strategy === 'local');
    expect(moved.length).toBeGreaterThan(0);
    for (const { strategyReason } of moved) expect(strategyReason).toMatch(/^remote-lan (failed with VD_REMOTE_|is down: |rests after)/);
    await lent.powerOn();
    await waitFor(
      'the worker to know of it',
      async () => {
        const { items } = await api.get<{ items: { id: string; workers: { status: string }[] }[] }>('/api/strategies');
        return items.find(({ id }) => id === 'remote-lan')?.workers.some(({ status }) => status === 'up');
      },
      90_000,
    );
    await publish('right', 'beta');
    await settled('beta');
    await expectEveryFrameOnce('beta');
    const last = await latestEpoch('beta');
    expect((await runsOf('beta')).filter((one) => one.epochId === last.id).every(({ strategy }) => strategy === 'remote-lan')).toBe(true);
  }, 180_000);

  it('says that media is away while its node is, and has it again when the node is back', async () => {
    const right = machines.get('right')!;
    const { id } = await latestEpoch('beta');
    const segment = `/streaming/${streams['beta']!.id}/${id}/000001.ts`;
    expect((await api.bytes(segment)).length).toBeGreaterThan(1_000);
    await right.shutDown();
    const response = await fetch(api.baseUrl + segment, { headers: { cookie: api.cookie } });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, 'VD_MEDIA_NODE_AWAY']);
    await right.powerOn();
    expect((await api.bytes(segment)).length).toBeGreaterThan(1_000);
  }, 90_000);

  it('answers whether the work fits, from what was measured', async () => {
    const { stdout } = await run(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'capacity', '--json', '--all'], {
      cwd: scratch,
      env: { ...process.env, ...shared, VEDETTE_CONFIG: join(machines.get('second')!.home, 'vedette.config.yaml') },
    });
    const answer = JSON.parse(stdout) as {
      verdict: string;
      utilisation: number | null;
      analyzers: { analyzerId: string; cpuSecondsPerStreamMinute: number | null }[];
      pools: { strategy: string }[];
    };
    expect(answer.verdict).toBe('fits');
    expect(answer.analyzers.find(({ analyzerId }) => analyzerId === 'barcode')?.cpuSecondsPerStreamMinute).toBeGreaterThan(0);
    expect(answer.pools.map(({ strategy }) => strategy).sort()).toEqual(['remote-lan', 'worker']);
  }, 60_000);
});
