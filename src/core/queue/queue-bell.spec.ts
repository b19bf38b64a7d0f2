import { describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { vedetteConfigSchema } from '../config/schema.js';
import type { PendingJob } from '../persistence/ledger/ingest-ledger.js';
import type { QueuedJob } from './analyze-segment-job.js';
import { QueueBell } from './queue-bell.js';
import type { QueueDirectory } from './queue-directory.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';

const job = (segmentId: string, queue = 'default'): PendingJob => ({ streamId: 's', epochId: 'e', segmentId, sequence: 0, queue });

function bellOf(addBulk: (queue: string, jobs: QueuedJob[]) => Promise<unknown>, log = new SilentLogger()) {
  const queue = (name: string) => ({
    addBulk: (jobs: QueuedJob[]) => addBulk(name, jobs),
    add: (jobName: string, data: QueuedJob['data'], opts: QueuedJob['opts']) => addBulk(name, [{ name: jobName, data, opts }]),
  });
  const directory = { get: queue } as unknown as QueueDirectory;
  return new QueueBell(directory, vedetteConfigSchema.parse({}).queues, new ThrottledWarnings(log));
}

describe(QueueBell.name, () => {
  it('adds jobs per queue, few one by one and many in bulk, with ids made of what they stand for', async () => {
    const added: [string, string[]][] = [];
    const bell = bellOf(async (queue, jobs) => added.push([queue, jobs.map(({ opts }) => String(opts.jobId))]));
    await bell.ring([job('1'), job('2'), job('3'), job('4'), job('1', 'visual_analysis'), job('2', 'visual_analysis')]);
    expect(added).toEqual([
      ['default', ['s1-default', 's2-default', 's3-default', 's4-default']],
      ['visual_analysis', ['s1-visual_analysis']],
      ['visual_analysis', ['s2-visual_analysis']],
    ]);
  });

  it('puts what is rung for while a batch is being written into the next one', async () => {
    const gate = Promise.withResolvers<void>();
    const batches: number[] = [];
    const bell = bellOf(async (_, jobs) => {
      batches.push(jobs.length);
      await gate.promise;
    });
    const rings = [bell.ring([job('1')]), bell.ring([job('2'), job('3')]), bell.ring([job('4'), job('5')])];
    gate.resolve();
    await Promise.all(rings);
    expect(batches).toEqual([1, 4]);
  });

  it('gives a ring for a lane no id that a dead or half-done job could swallow, and keeps it when it fails', async () => {
    const ids: unknown[] = [];
    const bell = bellOf(async (_, jobs) =>
      ids.push(...jobs.map(({ opts }) => [opts.jobId, opts.deduplication?.id, opts.delay, opts.removeOnFail !== true])),
    );
    await bell.ringLanes([{ streamId: 's', queue: 'default' }]);
    await bell.ringLanes([{ streamId: 's', queue: 'default' }], 'f7', 249.2);
    expect(ids).toEqual([
      [undefined, 'ls-default-idle', undefined, true],
      [undefined, 'ls-default-f7', 250, true],
    ]);
  });

  it('tells once of a queue that cannot be reached, and does not fail whoever rings', async () => {
    const log = new SilentLogger();
    const bell = bellOf(() => Promise.reject(new Error('connection refused')), log);
    await bell.ring([job('1')]);
    await bell.ring([job('2')]);
    expect(log.lines).toMatchObject([
      { level: 'warn', message: 'Ringing for default: connection refused', fields: { error: { code: 'VD_QUEUE_UNAVAILABLE' } } },
    ]);
  });
});
