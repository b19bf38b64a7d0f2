import { rename, rm, symlink, truncate, writeFile, readFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { epochPlaylist } from '../../src/core/api/playback/playlist.js';
import { SegmentScan } from '../../src/core/retention/segment-scan.js';
import { checkInvariants } from '../faults/invariants.js';
import { RetentionHarness, type RecordedEpoch } from './support/retention-harness.js';

let house: RetentionHarness;
let epoch: RecordedEpoch;
let paths: string[];
beforeAll(async () => {
  house = await RetentionHarness.start();
});
beforeEach(async () => {
  await house.clear();
  house.nowMs = Date.now();
  epoch = await house.epoch(await house.stream(), house.nowMs - 60_000);
  paths = (await house.record(epoch, 8)).map((path) => join(house.mediaDir, path));
});
afterAll(() => house.close());

/** Whole rounds in both ways: one step is enough for so few. */
const look = async (scan: SegmentScan): Promise<void> => {
  house.nowMs += 3_600_000;
  await scan.step();
};
const gaps = () =>
  house.query<{ sequence: number; us: number }>(
    `SELECT after_sequence + 1 AS sequence, (to_pts_us - from_pts_us)::int AS us FROM gaps WHERE reason = 'lost' ORDER BY 1`,
  );

describe(SegmentScan.name, () => {
  it('finds nothing wrong with what is as it was', async () => {
    const scan = house.scan();
    await look(scan);
    expect(await house.states(epoch)).toEqual({ ready: [0, 1, 2, 3, 4, 5, 6, 7] });
    expect(scan.standing).toMatchObject({
      presence: { files: 8, lastLost: 0, after: '0' },
      contents: { files: 8, lastLost: 0, after: '0' },
    });
  });

  it('notices files that were deleted, replaced, cut off or damaged: lost, with a gap of their length, and playlists say so', async () => {
    await rm(paths[1]!);
    await truncate(paths[2]!, 500);
    const bytes = await readFile(paths[3]!);
    bytes[700]! ^= 0x10;
    await writeFile(paths[3]!, bytes);
    await writeFile(paths[4]!, Buffer.alloc(1_000, 77));
    await rm(paths[5]!);
    await symlink(paths[0]!, paths[5]!);
    await rm(paths[6]!);
    await mkdir(paths[6]!);
    await look(house.scan());
    expect(await house.states(epoch)).toEqual({ ready: [0, 7], lost: [1, 2, 3, 4, 5, 6] });
    expect(await gaps()).toEqual([1, 2, 3, 4, 5, 6].map((sequence) => ({ sequence, us: 2_000_000 })));
    const why = await house.query<{ error: string }>(`SELECT error FROM segments WHERE state = 'lost' ORDER BY sequence`);
    expect(why.map(({ error }) => error.replace(/crc32:[0-9a-f]{8}/g, 'X').replace(/: E.*/, ''))).toEqual([
      'it is gone',
      'it has 500 bytes, and had 1000',
      'its checksum is X, and was X',
      'its checksum is X, and was X',
      'it cannot be read',
      'it is no file any more',
    ]);
    const text = epochPlaylist((await house.playlists.epoch(epoch.streamId, epoch.epochId))!);
    expect(text.match(/#EXT-X-GAP\n/g)).toHaveLength(6);
    expect(house.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
    expect(await checkInvariants(house.database.url, { mediaDir: house.mediaDir, expectations: { idle: true } })).toMatchObject([]);
  });

  it('skips runs that wait for a file that is lost, and leaves what is done', async () => {
    const waiting = (await house.record(epoch, 1, 1_000, { runs: 'queued' }))[0]!;
    await rm(join(house.mediaDir, waiting));
    await rm(paths[0]!);
    await look(house.scan());
    const runs = await house.query('SELECT state, reason, count(*)::int AS count FROM analysis_runs GROUP BY 1, 2 ORDER BY 1');
    expect(runs).toEqual([
      { state: 'done', reason: null, count: 8 },
      { state: 'skipped', reason: 'missing', count: 1 },
    ]);
  });

  it('finds what comes back as it was, and nothing else', async () => {
    await rename(paths[1]!, `${paths[1]}.aside`);
    await rm(paths[2]!);
    const scan = house.scan();
    await look(scan);
    expect(scan.standing?.presence.lastLost).toBe(2);
    await rename(`${paths[1]}.aside`, paths[1]!);
    await writeFile(paths[2]!, Buffer.alloc(1_000, 99));
    await look(scan);
    expect(await house.states(epoch)).toMatchObject({ lost: [2] });
    expect(await gaps()).toHaveLength(1);
    expect(scan.standing?.contents.lastLost).toBe(1);
  });

  it('reads no more bytes than it may, and goes on where an earlier process stood', async () => {
    const bytes = await readFile(paths[7]!);
    bytes[0]! ^= 1;
    await writeFile(paths[7]!, bytes);
    const first = house.scan({ rate: 2_500 });
    await first.step();
    expect(first.standing?.contents.files).toBe(3);
    await first.step();
    expect(first.standing?.contents.files).toBe(3);
    house.nowMs += 1_000;
    await first.step();
    expect(first.standing?.contents.files).toBe(5);
    await first.keepPlace();
    const second = house.scan({ rate: 2_500 });
    for (let i = 0; i < 3; i++, house.nowMs += 1_000) await second.step();
    expect(await house.states(epoch)).toMatchObject({ lost: [7] });
    expect(second.standing?.contents).toMatchObject({ files: 8, lastLost: 1, after: '0' });
  });

  it('takes a folder that is not the one it recorded into for no proof', async () => {
    const id = join(house.mediaDir, '.ingest-id');
    await writeFile(id, '00000000-0000-4000-8000-000000000001');
    await rm(paths[0]!);
    await look(house.scan());
    await writeFile(id, `${house.nodeId}\n`);
    expect((await house.query(`SELECT 1 FROM segments WHERE state = 'lost'`)).length).toBe(0);
  });

  it('does not take what retention is deleting for lost; what is lost goes by the limits as well', async () => {
    await rm(paths[0]!);
    const scan = house.scan();
    await look(scan);
    await house.end(epoch);
    house.nowMs += 31 * 86_400_000;
    await house.mediaKeeper(house.config()).round();
    await look(scan);
    expect(await house.states(epoch)).toEqual({ deleted: [0, 1, 2, 3, 4, 5, 6, 7] });
    expect(scan.standing?.presence.lastLost).toBe(0);
  });
});
