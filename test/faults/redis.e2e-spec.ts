import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpochWire, MetricWire, RunWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { FeedClient } from '../e2e/support/feed-client.js';
import { reservePort } from '../support/reserve-port.js';
import { publishClip } from '../e2e/support/publisher.js';
import { startVedette, type VedetteProcess } from '../e2e/support/vedette-process.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { checkInvariants } from './invariants.js';

const FRAMES = 375;

/** A Redis that keeps nothing: whoever kills it wipes it. */
class ForgetfulRedis {
  private child: ChildProcess | null = null;
  private readonly dir = mkdtempSync(join(tmpdir(), 'vedette-redis-'));

  constructor(private readonly port: number) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.child = spawn(
      'redis-server',
      ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', this.dir],
      { stdio: 'ignore' },
    );
    await waitFor('Redis to answer', () => this.ask((redis) => redis.ping()));
  }

  async kill(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined); // the promise says it
    try {
      await redis.connect();
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }
}

/** Without brands there is nothing for logo detection to do. */
const endedWell = ({ state, reason }: RunWire): boolean =>
  state === 'done' || (state === 'skipped' && reason?.startsWith('no-references') === true);

describe('queues on Redis', () => {
  let redis: ForgetfulRedis;
  let vedette: VedetteProcess;
  let feed: FeedClient;

  beforeAll(async () => {
    redis = new ForgetfulRedis(await reservePort());
    await redis.start();
    vedette = await startVedette({ barcode: true, env: { REDIS_URL: redis.url } });
    feed = await new FeedClient(vedette.apiUrl, vedette.api.cookie, [`stream:${vedette.streamId}`]).open();
  }, 180_000);

  afterAll(async () => {
    feed?.close();
    await vedette?.stop();
    await redis?.end();
  }, 60_000);

  it('loses nothing and tells nothing twice when Redis forgets all, and when it is killed and comes back empty', async () => {
    const clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: FRAMES, fps: 25, widthPx: 320, heightPx: 180, gop: 25, audio: true });
    const finished = () => new Set(feed.of('run.finished').map((message) => message.run.id)).size;
    const published = publishClip(clip, vedette.publishUrl);

    await waitFor('the first run', () => finished() > 0, 40_000);
    expect(await redis.ask((client) => client.keys('bull:*'))).not.toEqual([]);
    await redis.ask((client) => client.flushall());
    const beforeKill = finished();
    await waitFor('runs after Redis forgot all', () => finished() > beforeKill, 20_000);
    await redis.kill();
    await waitFor(
      'a segment that nobody could ring for',
      async () => {
        const runs = await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`);
        return runs.some((run) => run.state === 'queued');
      },
      20_000,
    );
    await redis.start();
    await published;

    const runs = await waitFor(
      'the epoch to be closed and every run to have ended',
      async () => {
        const epochs = await vedette.api.all<EpochWire>(`/api/streams/${vedette.streamId}/epochs`);
        const all = await vedette.api.all<RunWire>(`/api/streams/${vedette.streamId}/runs`);
        return epochs.every((epoch) => epoch.state === 'closed') && all.every(endedWell) && all;
      },
      60_000,
    );
    const metrics = await vedette.api.all<MetricWire>(`/api/streams/${vedette.streamId}/metrics?name=frame-index`);
    expect(metrics.map((metric) => metric.value).sort((a, b) => a - b)).toEqual(Array.from({ length: FRAMES }, (_, index) => index));
    const expectations = { idle: true, analyzers: ['visual-analysis', 'object-detection', 'barcode'] };
    expect(await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir, expectations })).toEqual([]);
    await waitFor('the feed to tell of every run', () => finished() === runs.length, 20_000);
    expect(feed.of('run.finished')).toHaveLength(runs.length);
  }, 180_000);
});
