import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamWire } from '../../src/core/wire/wire.js';
import { countVideoFrames } from './support/media-probe.js';
import { MachineNetwork, reasonAgainstNamespaces } from './support/network/machine-network.js';
import { MachineRoom } from './support/network/machine-room.js';
import { waitFor } from './support/wait-for.js';

const against = await reasonAgainstNamespaces();
const PARTITION_MS = 30_000;

/**
 * Machines that share a database, a Redis and nothing else. Where the system allows it, each has a network of its own, which delays,
 * loses and parts; elsewhere they are on loopback, and what needs such a network is left out.
 */
describe(against === null ? 'many machines' : `many machines, on loopback since ${against}`, () => {
  let room: MachineRoom;
  let network: MachineNetwork | null = null;

  beforeAll(async () => {
    network = against === null ? await MachineNetwork.create() : null;
    room = await MachineRoom.open({ network, clipSeconds: 10, barcode: { lingerMs: 300 } });
    await Promise.all([room.startIngest('left'), room.startIngest('right'), room.startWorkerHost('lent'), room.startWorker('first')]);
    await room.createStreams('alpha', 'beta');
    // As between two towns, over a line that is not good.
    for (const name of ['left', 'right', 'lent', 'first']) network?.shape(name, { delayMs: 5, jitterMs: 5, lossRate: 0.002 });
  }, 180_000);
  afterAll(() => room?.close(), 120_000);

  it('takes streams in on two nodes, analyses them on machines without a shared disk, and plays both from one address', async () => {
    const published = await Promise.all([room.publish('left', 'alpha'), room.publish('right', 'beta')]);
    await Promise.all(published.map(({ ended }) => ended));
    await room.allAnalysed('alpha', 'beta');
    for (const [stream, node] of [
      ['alpha', 'left'],
      ['beta', 'right'],
    ] as const) {
      await room.expectEveryFrameOnce(stream);
      const runs = await room.runsOf(stream);
      expect(new Set(runs.map(({ state, strategy }) => `${state} ${strategy}`)), stream).toEqual(new Set(['done remote-lan']));
      const { id } = room.streams[stream]!;
      expect((await room.api.get<StreamWire>(`/api/streams/${id}`)).node).toMatchObject({ name: node, alive: true });
      const epoch = await room.latestEpoch(stream);
      expect(await countVideoFrames(`${room.api.baseUrl}/streaming/${id}/${epoch.id}/index.m3u8`, room.api.cookie)).toBe(room.frames);
    }
    const { items } = await room.api.get<{
      items: { id: string; workers: { status: string; report: { hosts?: { state: string }[] } }[] }[];
    }>('/api/strategies');
    expect(items.find(({ id }) => id === 'remote-lan')?.workers[0]).toMatchObject({ status: 'up', report: { hosts: [{ state: 'up' }] } });
  }, 120_000);

  it('loses nothing when a worker is added by one command and another loses its power', async () => {
    const published = await room.publish('left', 'alpha');
    await waitFor('a first run', async () => (await published.runs()).some(({ state }) => state === 'done'), 30_000);
    await room.startWorker('second');
    network?.shape('second', { delayMs: 5, jitterMs: 5, lossRate: 0.002 });
    await room.machine('first').powerOff();
    await published.ended;
    await room.allAnalysed('alpha');
    await room.expectEveryFrameOnce('alpha');
  }, 120_000);

  it('goes on in the worker when the lent machine loses its power, says why, and lends it work again when it is back', async () => {
    const lent = room.machine('lent');
    const published = await room.publish('right', 'beta');
    await waitFor(
      'work on the lent machine',
      async () => (await published.runs()).some(({ strategy }) => strategy === 'remote-lan'),
      30_000,
    );
    await lent.powerOff();
    await published.ended;
    await room.allAnalysed('beta');
    await room.expectEveryFrameOnce('beta');
    const moved = (await published.runs()).filter(({ strategy }) => strategy === 'local');
    expect(moved.length).toBeGreaterThan(0);
    for (const { strategyReason } of moved)
      expect(strategyReason).toMatch(/^remote-lan( failed with VD_REMOTE_| is down: | rests after|: the connection to )/);

    // A worker is parted from everybody meanwhile: in the middle of a run, and for longer than its lease and its locks.
    const parted = await Promise.all([room.publish('left', 'alpha'), room.publish('right', 'beta')]);
    const second = room.machine('second');
    await waitFor('the worker to be in the middle of a run', () => room.isAtWork(second), 30_000, 20);
    const partedAtMs = performance.now();
    const mend = network?.cut('second');
    await Promise.all([room.machine('first').powerOn(), lent.powerOn()]);
    await Promise.all(parted.map(({ ended }) => ended));
    await room.allAnalysed('alpha', 'beta');
    for (const stream of ['alpha', 'beta']) await room.expectEveryFrameOnce(stream);
    await waitFor('a worker to know of it', () => room.isRemoteUp(), 90_000);
    const again = await room.publish('right', 'beta');
    await again.ended;
    await room.allAnalysed('beta');
    await room.expectEveryFrameOnce('beta');
    expect((await again.runs()).every(({ strategy }) => strategy === 'remote-lan')).toBe(true);

    if (mend === undefined) return;
    await waitFor('the partition to have lasted', () => performance.now() - partedAtMs >= PARTITION_MS, PARTITION_MS);
    mend();
    await waitFor('the parted worker to bring what it found', () => second.output.includes('Results were dropped'), 60_000);
    for (const stream of ['alpha', 'beta']) await room.expectEveryFrameOnce(stream);
  }, 240_000);

  it('says that media is away while its node is, and has it again when the node is back', async () => {
    const right = room.machine('right');
    const { id } = await room.latestEpoch('beta');
    const segment = `/streaming/${room.streams['beta']!.id}/${id}/000001.ts`;
    expect((await room.api.bytes(segment)).length).toBeGreaterThan(1_000);
    await right.shutDown();
    const response = await fetch(room.api.baseUrl + segment, { headers: { cookie: room.api.cookie } });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, 'VD_MEDIA_NODE_AWAY']);
    await right.powerOn();
    expect((await room.api.bytes(segment)).length).toBeGreaterThan(1_000);
  }, 90_000);

  it('answers whether the work fits, from what was measured', async () => {
    const config = join(room.machine('second').home, 'vedette.config.yaml');
    const answer = JSON.parse(await room.command(['capacity', '--json', '--all'], config)) as {
      verdict: string;
      analyzers: { analyzerId: string; cpuSecondsPerStreamMinute: number | null }[];
      pools: { strategy: string }[];
    };
    expect(answer.verdict).toBe('fits');
    expect(answer.analyzers.find(({ analyzerId }) => analyzerId === 'barcode')?.cpuSecondsPerStreamMinute).toBeGreaterThan(0);
    expect(new Set(answer.pools.map(({ strategy }) => strategy))).toEqual(new Set(['remote-lan', 'worker']));
  }, 60_000);
});
