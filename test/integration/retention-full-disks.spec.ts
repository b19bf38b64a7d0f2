import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EpochHandle } from 'vedette/plugin';
import { EmbeddedDatabase } from '../../src/core/persistence/embedded-postgres.js';
import { dayOf } from '../../src/core/persistence/partition-keeper.js';
import { RefusedMedia } from '../../src/core/persistence/retention/refused-media.js';
import { newStreamKey, streamKeyHint, streamKeySha256 } from '../../src/core/persistence/streams/stream-key.js';
import { migrateDatabase } from '../../src/core/queue/queue-migrations.js';
import { DiskGuard } from '../../src/core/retention/disk-guard.js';
import { checkInvariants } from '../faults/invariants.js';
import { makeClip } from '../support/media/ffmpeg.js';
import { SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';
import { TestIngestNode } from './support/ingest-node.js';
import { RetentionHarness } from './support/retention-harness.js';

const MEBIBYTE = 1024 ** 2;
const DAY_MS = 86_400_000;
const mounted: SmallDisk[] = [];
function disk(mebibytes: number): SmallDisk {
  const made = SmallDisk.mount(mebibytes * MEBIBYTE);
  if (made === null) throw new Error('This process may not mount');
  mounted.push(made);
  return made;
}
const probe = SmallDisk.mount(MEBIBYTE);
probe?.unmount();
const mayMount = probe !== null;
afterAll(() => mounted.forEach((one) => one.unmount()));

const freeOn = async ({ folder }: SmallDisk): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};
/** Takes room until so much is left. */
const fillTo = async (small: SmallDisk, leftBytes: number): Promise<void> =>
  writeFileSync(join(small.folder, 'filler-most'), Buffer.alloc((await freeOn(small)) - leftBytes, 1));

describe.skipIf(!mayMount)('a media disk that is getting full (needs the right to mount)', () => {
  /** @param before what lies there already: a node that is up would find files before the ledger has them */
  async function setUp<T = undefined>(before?: (house: RetentionHarness) => Promise<T>) {
    const small = disk(64);
    const mediaDir = join(small.folder, 'media');
    await mkdir(mediaDir);
    const house = await RetentionHarness.start(mediaDir);
    house.space = undefined;
    const retention = house.config({ media: { maxSize: 'unlimited' }, disk: { floor: '32MiB', reserve: '12MiB' } });
    const refused = new RefusedMedia(house.sql);
    const guard = new DiskGuard(mediaDir, retention, { logger: house.logger, refused: (streamId) => refused.at(streamId) });
    const prepared = await before?.(house);
    const node = await TestIngestNode.start({ databaseUrl: house.database.url, name: 'node', mediaDir, guard });
    const clips = await mkdtemp(join(tmpdir(), 'vd-full-'));
    // Noise: so much of it that what is left of a full disk holds none.
    await makeClip(join(clips, 'clip.flv'), { seconds: 6, size: '320x192', filter: 'noise=alls=80:allf=t' });
    const flv = await readFile(join(clips, 'clip.flv'));
    await rm(clips, { recursive: true });
    const streamId = (await house.streams.create({ name: 'door', title: 'door', adapterId: 'rtmp' })).id;
    const key = newStreamKey();
    const values = [streamId, streamKeySha256(key), streamKeyHint(key)];
    await house.query('INSERT INTO stream_keys (id, stream_id, key_sha256, hint) VALUES (gen_random_uuid(), $1, $2, $3)', values);
    const segments = async (state: string): Promise<number> =>
      (await house.query(`SELECT 1 FROM segments WHERE state = $1`, [state])).length;
    const closed = (epoch: EpochHandle): Promise<unknown> =>
      until(
        'the end of the epoch',
        async () => (await house.query(`SELECT 1 FROM epochs WHERE id = $1 AND state = 'closed'`, [epoch.epochId]))[0],
      );
    const tearDown = async (): Promise<void> => {
      await node.stop();
      await house.close();
    };
    return { prepared: prepared as T, small, house, retention, guard, node, flv, key, streamId, segments, closed, tearDown };
  }

  it('loses its oldest media before anything fails, and recording goes on', async () => {
    const set = await setUp(async (house) => {
      const old = await house.epoch(await house.stream(), Date.now() - 3_600_000);
      await house.record(old, 20, MEBIBYTE);
      await house.end(old);
      return old;
    });
    const { prepared: old, small, house, retention, guard, node, flv, key, segments, closed, tearDown } = set;
    try {
      await fillTo(small, 20 * MEBIBYTE);
      await guard.look();
      expect(guard.state.level).toBe('low');
      const round = await house.mediaKeeper(retention, 60_000).round();
      expect(round.overBytes).toBe(0);
      expect(await freeOn(small)).toBeGreaterThan(32 * MEBIBYTE);
      expect((await house.states(old))['ready']?.[0]).toBe(round.purgedFiles);
      await guard.look();
      expect([guard.state.level, guard.refusal()]).toEqual(['ok', null]);
      const before = await segments('ready');
      const epoch = await node.publish(key, flv);
      await epoch.end('publisher-gone');
      await closed(epoch);
      await until('the segments', async () => (await segments('ready')) > before);
      expect(await checkInvariants(house.database.url, { mediaDir: house.mediaDir })).toEqual([]);
    } finally {
      await tearDown();
    }
  });

  it('stops recording in good order where nothing may go, says for how long, and starts again', async () => {
    const { small, house, guard, node, flv, key, segments, closed, tearDown } = await setUp();
    try {
      const epoch = await node.publish(key, flv);
      await until('a segment', async () => (await segments('ready')) > 0);
      await fillTo(small, 10 * MEBIBYTE);
      await guard.look();
      expect(guard.refusal()).toContain('are kept free (retention.disk.reserve)');
      await closed(epoch);
      expect(await house.query('SELECT end_reason FROM epochs')).toEqual([{ end_reason: 'disk-full' }]);
      // Nothing that was taken is missing: there was room for it.
      expect([await segments('unreadable'), (await house.query('SELECT 1 FROM gaps')).length]).toEqual([0, 0]);
      await expect(node.publish(key, flv)).rejects.toMatchObject({ code: 'VD_INGEST_DISK_FULL' });
      const gap = () => house.query<{ us: number; reason: string }>('SELECT (to_pts_us - from_pts_us)::float8 AS us, reason FROM gaps');
      const first = await until('the gap', async () => (await gap())[0]);
      expect(first.reason).toBe('disk-full');
      await until('the gap to grow while the publisher is turned away', async () => {
        await expect(node.publish(key, flv)).rejects.toMatchObject({ code: 'VD_INGEST_DISK_FULL' });
        const [now] = await gap();
        return now!.us > first.us;
      });
      small.makeRoom();
      await guard.look();
      const again = await node.publish(key, flv);
      await again.end('publisher-gone');
      await closed(again);
      expect(await gap()).toHaveLength(1);
      expect(await checkInvariants(house.database.url, { mediaDir: house.mediaDir })).toEqual([]);
    } finally {
      await tearDown();
    }
  });

  it('gives a stream that ends on a full disk its gap, with its length', async () => {
    const { small, house, guard, node, flv, key, segments, closed, tearDown } = await setUp();
    try {
      const half = Math.floor(flv.length / 2);
      const epoch = await node.publish(key, flv.subarray(0, half));
      await until('a segment', async () => (await segments('ready')) > 0);
      // Faster than anybody looks: the packager finds the disk full.
      small.fill();
      for (let at = half; at < flv.length; at += 16_384) if (!epoch.write(flv.subarray(at, at + 16_384))) await epoch.drained();
      await until('the packager to have taken it', async () => {
        await guard.look();
        return guard.refusal() !== null;
      });
      await epoch.end('publisher-gone');
      await closed(epoch);
      const [ended] = await house.query<{ known_until_s: number; without_end: number; whole: number }>(
        `SELECT GREATEST((SELECT max(pts_end_us) FROM segments), (SELECT max(to_pts_us) FROM gaps))::float8 / 1e6 AS known_until_s,
           (SELECT count(*) FROM gaps WHERE to_pts_us IS NULL)::int AS without_end,
           (SELECT count(*) FROM segments WHERE state = 'ready' AND error IS NULL)::int AS whole`,
      );
      // Six seconds were sent: what is not stored whole lies in gaps, or in segments that say so, up to where they ended.
      expect(ended!.known_until_s).toBeGreaterThan(5.5);
      expect(ended!.known_until_s).toBeLessThan(6.5);
      expect(ended!.without_end).toBe(0);
      expect(ended!.whole).toBeGreaterThan(0);
      const gapsFound = await house.query(`SELECT 1 FROM gaps WHERE to_pts_us > from_pts_us`);
      expect(gapsFound.length).toBeGreaterThan(0);
      small.makeRoom();
    } finally {
      await tearDown();
    }
  });
});

describe.skipIf(!mayMount)('a database disk that is getting full (needs the right to mount)', () => {
  it('loses its oldest results before anything fails; a disk that others fill is survived, with all that was registered', async () => {
    const small = disk(256);
    const server = new EmbeddedDatabase({ dataDir: small.folder, settings: { min_wal_size: '32MB', max_wal_size: '48MB', fsync: 'off' } });
    const { url } = await server.start();
    let isDown = false;
    void server.exited().then(() => (isDown = true));
    await migrateDatabase(url);
    const house = await RetentionHarness.start(undefined, { url, name: 'vedette', drop: () => Promise.resolve() });
    try {
      const streamId = await house.stream();
      const noonMs = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2;
      const retention = house.config({ results: { maxSize: 'unlimited', maxAge: 'forever' }, disk: { floor: '64MiB', reserve: '8MiB' } });
      const ledger = house.ledgerKeeper(retention);
      // Some 8 MB a day, for as long as it takes: without retention the disk is full within three weeks.
      for (let day = 0; day < 30; day++) {
        const atMs = noonMs - (30 - day) * DAY_MS;
        await house.partitions.ensure([dayOf(atMs * 1_000)]);
        await house.query(
          `INSERT INTO metrics (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, name, unit, value)
           SELECT to_timestamp($1::float8 / 1000), $2, n, $3, $3, 'look', n, 'm', '1', 0.5 FROM generate_series(1, 40000) n`,
          [atMs, day, streamId],
        );
        house.nowMs = atMs + DAY_MS;
        const { bavail, bsize, blocks } = await statfs(small.folder);
        house.space = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
        await ledger.round();
      }
      const left = await house.days.list();
      expect(left.length).toBeLessThan(30);
      expect(left.at(-1)!.endMs).toBeGreaterThan(noonMs - DAY_MS);
      // Now somebody else takes all that is left.
      small.fill();
      const epoch = await house.epoch(streamId, Date.now()).catch(() => null);
      const begun = epoch ?? { streamId, epochId: '', count: 0 };
      let refused = 0;
      for (let i = 0; i < 50 && refused === 0; i++) await house.record(begun, 20).catch(() => refused++);
      expect(await until('an answer', () => house.query('SELECT 1 AS one').catch(() => null), 30_000)).toEqual([{ one: 1 }]);
      small.makeRoom();
      const after = await until('a recording', async () => house.epoch(streamId, Date.now()).catch(() => null), 30_000);
      await until(
        'its segments',
        async () =>
          house.record(after, 3).then(
            () => true,
            () => false,
          ),
        30_000,
      );
      expect((await house.states(after))['ready']).toEqual([0, 1, 2]);
      expect(isDown).toBe(false);
    } finally {
      await house.close();
      await server.stop();
    }
  });
});
