import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { createPool } from '../../../../src/core/persistence/pool.js';
import { expect } from 'vitest';
import type { EpochWire, MetricWire, NewStreamWire, RunWire } from '../../../../src/core/wire/wire.js';
import { EmbeddedDatabase } from '../../../../src/core/persistence/embedded-postgres.js';
import { reservePort } from '../../../support/reserve-port.js';
import { makeBarcodeClip } from '../../../../src/core/plugin-testing/index.js';
import { migrateDatabase } from '../../../../src/core/queue/queue-migrations.js';
import { checkInvariants } from '../../../faults/invariants.js';
import { startRedis, type TestRedis } from '../../../support/redis.js';
import { ApiClient } from '../api-client.js';
import { Machine } from '../machine.js';
import { publishClip } from '../publisher.js';
import { waitFor } from '../wait-for.js';
import { MachineNetwork, type NetworkedMachine } from './machine-network.js';

const ROOT = resolve(import.meta.dirname, '../../../..');
const BARCODE = join(ROOT, 'test/fixtures/barcode-plugin.ts');
const UNWANTED = ['vedette/visual-analysis', 'vedette/logo-detection', 'vedette/object-detection'].map((use) => ({ use, enabled: false }));
const LOOPBACK = '127.0.0.1';
export const FPS = 25;

const run = promisify(execFile);

export interface RoomOptions {
  /** Without one, all machines are on loopback, where nothing can be cut or slowed. */
  readonly network: MachineNetwork | null;
  readonly clipSeconds: number;
  /** Merged over the config of every machine. */
  readonly config?: Record<string, unknown>;
  /** Options of the analyzer that reads the frame number out of the picture. */
  readonly barcode?: Record<string, unknown>;
  /** Entries of `plugins` besides. */
  readonly plugins?: readonly unknown[];
}

/** One publish, from its first packet on. */
export interface Publish {
  /** Settles when the clip is sent. */
  readonly ended: Promise<void>;
  /** Runs of what this publish brought. */
  readonly runs: () => Promise<RunWire[]>;
}

/**
 * Machines that share a database, a Redis and nothing else: each has folders and an address of its own. The database, Redis and the API
 * are at the centre; ingest nodes, workers and worker hosts are started by name.
 */
export class MachineRoom {
  readonly machines = new Map<string, Machine>();
  readonly streams: Record<string, NewStreamWire> = {};
  database!: EmbeddedDatabase;
  databaseUrl!: string;
  redis!: TestRedis;
  sql!: pg.Pool;
  api!: ApiClient;
  private readonly scratch = mkdtempSync(join(tmpdir(), 'vedette-machines-'));
  private readonly places = new Map<string, NetworkedMachine>();
  private readonly ports: Record<string, number> = {};

  private constructor(private readonly options: RoomOptions) {}

  /** The centre, and nobody else. */
  static async open(options: RoomOptions): Promise<MachineRoom> {
    const room = new MachineRoom(options);
    try {
      await room.openCentre();
      return room;
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  get clip(): string {
    return join(this.scratch, 'clip.flv');
  }
  get frames(): number {
    return this.options.clipSeconds * FPS;
  }
  machine(name: string): Machine {
    return this.machines.get(name)!;
  }
  addressOf(name: string): string {
    return this.places.get(name)?.address ?? LOOPBACK;
  }

  async startIngest(name: string): Promise<Machine> {
    const { address } = await this.place(name);
    this.ports[`${name}-media`] = await reservePort();
    return this.startRole(name, 'ingest', {
      ingest: { node: name },
      packaging: { segmentDuration: '1s' },
      media: { listen: `${address}:${this.ports[`${name}-media`]}` },
    });
  }

  async startWorker(name: string): Promise<Machine> {
    await this.place(name);
    return this.startRole(name, 'worker');
  }

  /** A machine that is lent to the workers; they look for it at its place from the start. */
  async startWorkerHost(name: string): Promise<Machine> {
    const { address, launch } = await this.place(name);
    const machine = await Machine.start(name, {
      command: ['worker-host', '--token-file', join(this.scratch, 'token'), '--listen', `${address}:${this.ports[name]}`],
      config: { analysis: { hosts: 1 }, plugins: [...UNWANTED, { use: BARCODE }] },
      isReady: ({ output }) => output.includes('worker-host is ready'),
      launch,
    });
    this.machines.set(name, machine);
    return machine;
  }

  async createStreams(...names: readonly string[]): Promise<void> {
    for (const name of names) this.streams[name] = await this.api.post<NewStreamWire>('/api/streams', { name, adapterId: 'rtmp' });
  }

  /** An encoder in the studio that pushes the clip once, in real time. */
  async publish(node: string, stream: string): Promise<Publish> {
    const { key, id } = this.streams[stream]!;
    const before = await this.api.all<EpochWire>(`/api/streams/${id}/epochs`);
    const url = `rtmp://${this.addressOf(node)}:${this.ports[node]}/live/${key!.key}`;
    const ended = publishClip(this.clip, url, { launch: this.places.get('studio')?.launch ?? [] });
    // Whoever waits for it hears of it.
    ended.catch(() => undefined);
    return {
      ended,
      runs: async () => {
        const epochs = await this.api.all<EpochWire>(`/api/streams/${id}/epochs`);
        const opened = new Set(epochs.filter(({ ordinal }) => ordinal >= before.length).map((epoch) => epoch.id));
        return (await this.runsOf(stream)).filter(({ epochId }) => opened.has(epochId));
      },
    };
  }

  runsOf(stream: string): Promise<RunWire[]> {
    return this.api.all<RunWire>(`/api/streams/${this.streams[stream]!.id}/runs`);
  }

  async latestEpoch(stream: string): Promise<EpochWire> {
    const epochs = await this.api.all<EpochWire>(`/api/streams/${this.streams[stream]!.id}/epochs`);
    return epochs.reduce((latest, epoch) => (epoch.ordinal > latest.ordinal ? epoch : latest));
  }

  /** A worker is in the middle of a run, as far as the ledger knows. */
  async isAtWork({ child }: Machine): Promise<boolean> {
    const { rowCount } = await this.sql.query(
      `SELECT 1 FROM analysis_runs r JOIN instances i ON i.id::text = r.owner::text WHERE r.state = 'running' AND i.pid = $1`,
      [child.pid],
    );
    return (rowCount ?? 0) > 0;
  }

  /** Some worker, at least, reaches the machine that is lent. */
  async isRemoteUp(): Promise<boolean> {
    const { items } = await this.api.get<{ items: { id: string; workers: { status: string }[] }[] }>('/api/strategies');
    return items.find(({ id }) => id === 'remote-lan')?.workers.some(({ status }) => status === 'up') ?? false;
  }

  /** Waits until all of the streams is analysed, whatever came of it. */
  async allAnalysed(...streams: readonly string[]): Promise<void> {
    for (const stream of streams) await this.analysed(stream, 120_000);
  }

  private async analysed(stream: string, deadlineMs: number): Promise<void> {
    await waitFor(
      `all of ${stream} to be analysed`,
      async () => {
        const epochs = await this.api.all<EpochWire>(`/api/streams/${this.streams[stream]!.id}/epochs`);
        const runs = await this.runsOf(stream);
        return (
          epochs.length > 0 &&
          epochs.every(({ state }) => state === 'closed') &&
          runs.length > 0 &&
          runs.every(({ state }) => state !== 'queued' && state !== 'running')
        );
      },
      deadlineMs,
    );
  }

  /** Every frame of the latest publish, each once, and nothing broken of what is promised. */
  async expectEveryFrameOnce(stream: string): Promise<void> {
    const { id } = await this.latestEpoch(stream);
    const found = await this.api.all<MetricWire>(`/api/streams/${this.streams[stream]!.id}/metrics?epochId=${id}&name=frame-index`);
    expect(found.map(({ value }) => value).sort((a, b) => a - b)).toEqual(Array.from({ length: this.frames }, (_, index) => index));
    expect(await checkInvariants(this.databaseUrl, { expectations: { idle: true } })).toEqual([]);
  }

  /** Runs a command of Vedette at the centre. @returns what it wrote */
  async command(args: readonly string[], config = ''): Promise<string> {
    const { stdout } = await run(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...args], {
      cwd: this.scratch,
      env: { ...process.env, ...this.shared, VEDETTE_CONFIG: config },
    });
    return stdout;
  }

  async close(): Promise<void> {
    // Nothing more is to be learnt from how they end.
    await Promise.all([...this.machines.values()].map((machine) => machine.powerOff().then(() => machine.remove())));
    await this.sql?.end();
    await this.redis?.stop();
    await this.database?.stop();
    await this.options.network?.close();
    rmSync(this.scratch, { recursive: true, force: true });
  }

  private get shared(): Record<string, string> {
    return { DATABASE_URL: this.databaseUrl, REDIS_URL: this.redis.url };
  }

  private async openCentre(): Promise<void> {
    const { network, clipSeconds } = this.options;
    const centre = network?.centre ?? { name: 'centre', address: LOOPBACK, launch: [] };
    this.places.set('centre', centre);
    this.ports['api'] = await reservePort();
    // Named in every worker's config, whether it is there yet or not.
    await this.place('lent');
    await this.place('studio');
    writeFileSync(join(this.scratch, 'token'), randomBytes(32).toString('hex'), { mode: 0o600 });
    const clip = makeBarcodeClip(this.clip, {
      frames: clipSeconds * FPS,
      fps: FPS,
      widthPx: 320,
      heightPx: 180,
      gop: FPS,
      audio: true,
    });
    this.redis = await startRedis(centre.address);
    this.database = new EmbeddedDatabase({
      dataDir: join(this.scratch, 'database'),
      port: await reservePort(),
      settings: { fsync: 'off', full_page_writes: 'off', listen_addresses: [...new Set([LOOPBACK, centre.address])].join(',') },
    });
    const started = await this.database.start();
    const url = new URL(started.url);
    if (network !== null) {
      appendFileSync(join(this.scratch, 'database/postgres/pg_hba.conf'), `host all all ${network.range} scram-sha-256\n`);
      // The role of Vedette itself may not.
      await withClient(started.superuserUrl, (client) => client.query('SELECT pg_reload_conf()'));
      url.hostname = centre.address;
    }
    this.databaseUrl = url.href;
    await migrateDatabase(this.databaseUrl);
    this.sql = createPool({ databaseUrl: this.databaseUrl, size: 2, name: 'test', statementTimeoutMs: 30_000 });
    await Promise.all([clip, this.startRole('api', 'api', { api: { host: centre.address, port: this.ports['api'] } })]);
    const token = /[\w-]{30,}/.exec(await this.command(['token']))![0];
    this.api = await ApiClient.signIn(`http://${centre.address}:${this.ports['api']}`, token);
  }

  private async place(name: string): Promise<NetworkedMachine> {
    const { network } = this.options;
    const place = this.places.get(name) ?? (await network?.add(name)) ?? { name, address: LOOPBACK, launch: [] };
    this.places.set(name, place);
    this.ports[name] ??= await reservePort();
    return place;
  }

  private async startRole(name: string, role: 'api' | 'ingest' | 'worker', config: Record<string, unknown> = {}): Promise<Machine> {
    const machine = await Machine.start(name, {
      command: [role],
      env: this.shared,
      config: { analysis: { hosts: 1 }, plugins: this.pluginsOf(name), ...this.options.config, ...config },
      isReady: (one) => this.isAlive(role, one),
      launch: this.places.get(name)?.launch ?? [],
    });
    this.machines.set(name, machine);
    return machine;
  }

  private async isAlive(role: string, machine: Machine): Promise<boolean> {
    const { rowCount } = await this.sql.query(
      'SELECT 1 FROM instances WHERE role = $1 AND pid = $2 AND heartbeat_at > now() - interval $$10 seconds$$',
      [role, machine.child.pid],
    );
    return (rowCount ?? 0) > 0;
  }

  private pluginsOf(name: string): unknown[] {
    const { barcode = {}, plugins = [] } = this.options;
    const lent = { url: `https://${this.addressOf('lent')}:${this.ports['lent'] ?? 0}` };
    return [
      ...UNWANTED,
      { use: 'vedette/rtmp', sources: { rtmp: { host: this.addressOf(name), port: this.ports[name] ?? 1935 } } },
      {
        use: 'vedette/strategy-remote-lan',
        strategies: { 'remote-lan': { token: { file: join(this.scratch, 'token') }, hosts: [lent] } },
      },
      { use: BARCODE, analyzers: { barcode: { config: barcode, execution: { prefer: ['remote-lan', 'local'] } } } },
      ...plugins,
    ];
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
