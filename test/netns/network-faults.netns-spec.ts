import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SegmentWire } from '../../src/core/wire/wire.js';
import { MachineNetwork, reasonAgainstNamespaces } from '../e2e/support/network/machine-network.js';
import { MachineRoom, type Publish } from '../e2e/support/network/machine-room.js';
import { signalTree } from '../e2e/support/process-tree.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { deliverThrice } from '../faults/deliver-thrice.js';

const CLIP_SECONDS = 15;
/** Longer than the lease of a worker, its locks and every heartbeat. */
const PARTITION_MS = 60_000;
const POISONED_SECOND = 4;

const against = await reasonAgainstNamespaces();

/** What a network between machines does to them, each fault by itself and for longer than `npm test` has time for. */
describe.skipIf(against !== null)(`faults of the network between machines${against === null ? '' : `, left out since ${against}`}`, () => {
  let network: MachineNetwork;
  let room: MachineRoom;
  const mending = new Set<() => void>();

  beforeAll(async () => {
    network = await MachineNetwork.create();
    room = await MachineRoom.open({
      network,
      clipSeconds: CLIP_SECONDS,
      barcode: { lingerMs: 400 },
      plugins: [
        {
          use: resolve(import.meta.dirname, '../fixtures/poison-plugin.ts'),
          analyzers: {
            poison: {
              streams: ['gamma'],
              config: { fromPtsUs: POISONED_SECOND * 1e6, toPtsUs: (POISONED_SECOND + 1) * 1e6 },
              execution: { prefer: ['local'] },
            },
          },
        },
      ],
    });
    await Promise.all([room.startIngest('left'), room.startIngest('right'), room.startWorkerHost('lent'), room.startWorker('first')]);
    await room.startWorker('second');
    await room.createStreams('alpha', 'beta', 'gamma');
  }, 180_000);
  afterEach(() => {
    for (const mend of mending) mend();
    mending.clear();
  });
  afterAll(() => room?.close(), 120_000);

  const until = (mend: () => void): (() => void) => {
    mending.add(mend);
    return mend;
  };
  const strategiesOf = async ({ runs }: Publish): Promise<Set<string | null>> => new Set((await runs()).map(({ strategy }) => strategy));
  const bothPublish = async (): Promise<{ alpha: Publish; ended: Promise<unknown> }> => {
    const [alpha, beta] = await Promise.all([room.publish('left', 'alpha'), room.publish('right', 'beta')]);
    return { alpha, ended: Promise.all([alpha.ended, beta.ended]) };
  };
  const allOf = async (...streams: readonly string[]): Promise<void> => {
    await room.allAnalysed(...streams);
    for (const stream of streams) await room.expectEveryFrameOnce(stream);
  };
  const remoteIsUp = (): Promise<unknown> => waitFor('a worker to have the lent machine again', () => room.isRemoteUp(), 120_000);
  const inTheMiddle = (name: string): Promise<unknown> =>
    waitFor(`${name} to be in the middle of a run`, () => room.isAtWork(room.machine(name)), 60_000, 20);
  const either = (): Promise<'first' | 'second'> =>
    waitFor('a worker to be in the middle of a run', async () =>
      (await room.isAtWork(room.machine('first'))) ? 'first' : (await room.isAtWork(room.machine('second'))) && 'second',
    );

  it('F27: a machine behind a slow and bad line does its work, if later', async () => {
    for (const name of ['left', 'right', 'lent', 'first', 'second']) network.shape(name, { delayMs: 5, jitterMs: 5, lossRate: 0.005 });
    network.shape('lent', { delayMs: 100, jitterMs: 50, lossRate: 0.02 });
    await (
      await bothPublish()
    ).ended;
    await allOf('alpha', 'beta');
    network.shape('lent', { delayMs: 5, jitterMs: 5 });
  }, 180_000);

  it('F27: a machine that takes work and never answers is left alone, and asked again when it answers', async () => {
    await remoteIsUp();
    // Looked up each time: the worker host replaces analysis hosts that end meanwhile.
    const signal = (name: NodeJS.Signals): void => signalTree(room.machine('lent').child.pid!, name);
    const { alpha, ended } = await bothPublish();
    await waitFor('work on the lent machine', async () => (await strategiesOf(alpha)).has('remote-lan'));
    signal('SIGSTOP');
    until(() => signal('SIGCONT'));
    await ended;
    await allOf('alpha', 'beta');
    expect([...(await strategiesOf(alpha))].sort()).toEqual(['local', 'remote-lan']);
    signal('SIGCONT');
    await remoteIsUp();
  }, 240_000);

  it('F29: an ingest node without the database goes on recording, and all of it is analysed afterwards', async () => {
    const alpha = await room.publish('left', 'alpha');
    await waitFor('a first run', async () => (await alpha.runs()).some(({ state }) => state === 'done'));
    const mend = until(network.cut('left', 'centre'));
    await alpha.ended;
    mend();
    await waitFor('what it recorded meanwhile to be in the ledger', async () => (await alpha.runs()).length >= CLIP_SECONDS, 90_000);
    await allOf('alpha');
  }, 180_000);

  it('F29: a worker that was away for a minute brings results that nobody takes', async () => {
    const { ended } = await bothPublish();
    const parted = await either();
    const partedAtMs = performance.now();
    const mend = until(network.cut(parted));
    await ended;
    await allOf('alpha', 'beta');
    await waitFor('the partition to end', () => performance.now() - partedAtMs >= PARTITION_MS, PARTITION_MS + 1_000);
    mend();
    await waitFor('it to bring them', () => room.machine(parted).output.includes('Results were dropped'), 120_000);
    await allOf('alpha', 'beta');
  }, 300_000);

  it.each(['asks', 'is answered'] as const)(
    'F30: nothing is complete that was not committed, when a worker %s the database in vain',
    async (way) => {
      const port = Number(new URL(room.databaseUrl).port);
      const { ended } = await bothPublish();
      const name = await either();
      const mend = until(
        network.block(({ from, to, sourcePort, destinationPort }) =>
          way === 'asks' ? from === name && destinationPort === port : to === name && sourcePort === port,
        ),
      );
      await ended;
      // By the other worker, once the lease of this one is over.
      await room.allAnalysed('alpha', 'beta');
      mend();
      await allOf('alpha', 'beta');
    },
    240_000,
  );

  it('F31: jobs that come three times, to several machines, change nothing', async () => {
    const queues = { databaseUrl: room.databaseUrl, redisUrl: room.redis.url, names: ['default'] };
    const copies = await deliverThrice(queues, room.streams['alpha']!.id, async () => (await room.publish('left', 'alpha')).ended);
    expect(copies).toBeGreaterThan(CLIP_SECONDS);
    await allOf('alpha');
  }, 180_000);

  it('F32: a segment whose file is gone before anybody fetched it is on record as missing, and the others are analysed', async () => {
    await Promise.all(['first', 'second'].map((name) => room.machine(name).powerOff()));
    const published = await room.publish('left', 'alpha');
    await published.ended;
    const { id } = await room.latestEpoch('alpha');
    const segments = (): Promise<SegmentWire[]> => room.api.all(`/api/streams/${room.streams['alpha']!.id}/segments?epochId=${id}`);
    await waitFor('the epoch to end', async () => (await room.latestEpoch('alpha')).state === 'closed');
    const lost = (await segments()).find(({ sequence }) => sequence === 3)!;
    const { rows } = await room.sql.query<{ path: string }>('SELECT path FROM segments WHERE id = $1', [lost.id]);
    rmSync(join(room.machine('left').mediaDir, rows[0]!.path));
    await Promise.all(['first', 'second'].map((name) => room.machine(name).powerOn()));
    await room.allAnalysed('alpha');
    const runs = await published.runs();
    expect(runs.filter(({ state }) => state !== 'done').map(({ state, reason, segmentId }) => [state, reason, segmentId])).toEqual([
      ['skipped', 'missing', lost.id],
    ]);
  }, 180_000);

  it('loses nothing when database, Redis and API are ended and started again while encoders go on', async () => {
    const { ended } = await bothPublish();
    await either();
    await room.database.stop();
    await room.machine('api').powerOff();
    await room.redis.command('FLUSHALL');
    await room.database.start();
    await room.machine('api').powerOn();
    await ended;
    await allOf('alpha', 'beta');
  }, 180_000);

  it('F33: a segment that takes its worker down each time is given up, and everything else goes on', async () => {
    let supervised = true;
    const supervise = async (name: string): Promise<void> => {
      const machine = room.machine(name);
      while (supervised) {
        if (machine.child.exitCode === null && machine.child.signalCode === null) await once(machine.child, 'exit');
        if (supervised) await machine.powerOn();
      }
    };
    const supervisors = ['first', 'second'].map(supervise);
    const published = await room.publish('left', 'gamma');
    await published.ended;
    await room.allAnalysed('gamma');
    supervised = false;
    const runs = await published.runs();
    const poisoned = runs.filter(({ analyzerId, state }) => analyzerId === 'poison' && state !== 'done');
    expect(poisoned.map(({ state, errorCode }) => `${state} ${errorCode}`)).toEqual(['failed VD_PIPELINE_POISON']);
    await room.expectEveryFrameOnce('gamma');
    await Promise.all(['first', 'second'].map((name) => room.machine(name).shutDown()));
    await Promise.all(supervisors);
    await Promise.all(['first', 'second'].map((name) => room.machine(name).powerOn()));
  }, 300_000);

  it('F28: a machine whose network is gone for good in the middle of a job loses it to others', async () => {
    await remoteIsUp();
    const { alpha, ended } = await bothPublish();
    await waitFor('work on the lent machine', async () => (await strategiesOf(alpha)).has('remote-lan'));
    await network.unplug('lent');
    await inTheMiddle('first');
    await network.unplug('first');
    await ended;
    await allOf('alpha', 'beta');
  }, 240_000);
});
