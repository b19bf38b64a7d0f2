import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MediaFiles } from '../../src/core/retention/media-files.js';
import { MediaKeeper } from '../../src/core/retention/media-keeper.js';
import { epochPlaylist } from '../../src/core/api/playback/playlist.js';
import { checkInvariants } from '../faults/invariants.js';
import { RetentionHarness, SEGMENT_MS, type RecordedEpoch } from './support/retention-harness.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let house: RetentionHarness;
beforeAll(async () => {
  house = await RetentionHarness.start();
});
beforeEach(async () => {
  await house.clear();
  house.nowMs = Date.now();
  house.space = { freeBytes: 10e9, totalBytes: 20e9 };
});
afterAll(() => house.close());

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
/** A recording that began so long ago, with its runs done. */
const recorded = async (agoMs: number, count: number, sizeBytes?: number, streamId?: string): Promise<RecordedEpoch> => {
  const epoch = await house.epoch(streamId ?? (await house.stream()), house.nowMs - agoMs);
  await house.record(epoch, count, sizeBytes);
  return epoch;
};
const invariants = () => checkInvariants(house.database.url, { mediaDir: house.mediaDir, expectations: { idle: true } });

describe(MediaKeeper.name, () => {
  it('deletes media that is too old, files and rows together, and puts it on record', async () => {
    const epoch = await recorded(DAY_MS, 30);
    house.nowMs += 20_000;
    const round = await house.mediaKeeper(house.config({ media: { maxAge: '24h' } })).round();
    expect(await house.states(epoch)).toEqual({ deleted: range(0, 9), ready: range(9, 30) });
    expect(round).toMatchObject({
      purgedFiles: 9,
      purgedBytes: 9_000,
      keptBytes: 21_000,
      undeletedFiles: 0,
      overBytes: 0,
      isForeign: false,
    });
    expect(await house.query('SELECT keeper, what, why, scope, items::int, bytes::int FROM purged')).toEqual([
      { keeper: `media:${house.nodeId}`, what: 'media', why: 'age', scope: epoch.streamId, items: 9, bytes: 9_000 },
    ]);
    expect(await invariants()).toEqual([]);
  });

  it('writes runs that are not done as skipped before their file goes, and leaves those that are', async () => {
    const epoch = await recorded(DAY_MS, 5);
    await house.record(epoch, 5, 1_000, { runs: 'queued' });
    await house.query(`UPDATE analysis_runs SET state = 'running', attempt = 1, owner = 'worker' WHERE epoch_id = $1 AND sequence = 5`, [
      epoch.epochId,
    ]);
    await house.end(epoch);
    house.nowMs += HOUR_MS;
    await house.mediaKeeper(house.config({ media: { maxAge: '24h' } })).round();
    const runs = await house.query(
      'SELECT state, reason, count(*)::int AS count, bool_and(finished_at IS NOT NULL) AS ended FROM analysis_runs GROUP BY 1, 2 ORDER BY 1',
    );
    expect(runs).toEqual([
      { state: 'done', reason: null, count: 5, ended: true },
      { state: 'skipped', reason: 'retention', count: 5, ended: true },
    ]);
    const told = await house.query(`SELECT count(*)::int AS count FROM feed WHERE kind = 'run.finished'`);
    expect(told).toEqual([{ count: 10 }]);
    expect(await invariants()).toEqual([]);
  });

  it('keeps what has events, with its margin, for longer; and what somebody marked', async () => {
    const epoch = await recorded(40 * DAY_MS, 30);
    await house.event(epoch, 10, 11);
    await house.event(epoch, 20, 20, 'cut');
    await house.holds.make(
      {
        ...{ streamId: epoch.streamId, kind: 'mark', why: 'a goal' },
        range: { fromMs: house.nowMs - 40 * DAY_MS + 25 * SEGMENT_MS, toMs: house.nowMs - 40 * DAY_MS + 26 * SEGMENT_MS },
      },
      house.by,
    );
    const retention = house.config({ media: { eventMargin: '3s', events: ['*', '!cut'] } });
    await house.mediaKeeper(retention).round();
    expect(await house.states(epoch)).toEqual({
      deleted: [...range(0, 8), ...range(14, 25), ...range(26, 30)],
      ready: [...range(8, 14), 25],
    });
    house.nowMs += 51 * DAY_MS;
    await house.mediaKeeper(retention).round();
    expect((await house.states(epoch))['ready']).toBeUndefined();
  });

  it('finds an event that has lasted for days, and one that goes on', async () => {
    const epoch = await recorded(40 * DAY_MS, 4);
    const later = await recorded(40 * DAY_MS, 4, 1_000);
    await house.event(epoch, 3, 3);
    await house.query(`UPDATE events SET start_at = start_at - interval '3 days'`);
    await house.event(later, 0, 0);
    await house.query(`UPDATE events SET state = 'open', end_at = NULL, end_pts_us = NULL WHERE epoch_id = $1`, [later.epochId]);
    await house.mediaKeeper(house.config()).round();
    expect([await house.states(epoch), await house.states(later)]).toEqual([{ ready: range(0, 4) }, { ready: range(0, 4) }]);
  });

  it('keeps what is held, whatever the limits and the room, until it is released', async () => {
    const epoch = await recorded(100 * DAY_MS, 10);
    const startedMs = house.nowMs - 100 * DAY_MS;
    const { hold, covered } = await house.holds.make(
      { streamId: epoch.streamId, kind: 'hold', why: 'court', range: { fromMs: startedMs + 3_000, toMs: startedMs + 7_000 } },
      house.by,
    );
    expect(covered).toEqual({ segments: 3, bytes: 3_000, missing: 0 });
    house.space = { freeBytes: 0, totalBytes: 20e9 };
    const keeper = house.mediaKeeper(house.config({ media: { maxSize: '1B' } }));
    const round = await keeper.round();
    expect(await house.states(epoch)).toEqual({ deleted: [0, ...range(4, 10)], ready: [1, 2, 3] });
    expect(round.overBytes).toBeGreaterThan(0);
    house.space = { freeBytes: 10e9, totalBytes: 20e9 };
    expect((await house.holds.release(epoch.streamId, hold.id, 'settled', house.by))?.releasedWhy).toBe('settled');
    expect(await house.holds.release(epoch.streamId, hold.id, 'again', house.by)).toBeNull();
    await keeper.round();
    expect((await house.states(epoch))['ready']).toBeUndefined();
    const audit = await house.query(`SELECT action, detail ->> 'why' AS why FROM audit WHERE target = $1 ORDER BY id`, [epoch.streamId]);
    expect(audit).toEqual([
      { action: 'hold.create', why: 'court' },
      { action: 'hold.release', why: 'settled' },
    ]);
  });

  it('holds an event by its id', async () => {
    const epoch = await recorded(100 * DAY_MS, 10);
    const eventId = await house.event(epoch, 4, 5);
    await house.holds.make({ streamId: epoch.streamId, kind: 'hold', why: 'look', range: { eventId, marginMs: 1_000 } }, house.by);
    await house.mediaKeeper(house.config()).round();
    expect((await house.states(epoch))['ready']).toEqual([3, 4, 5, 6]);
    const unknown = house.holds.make(
      { streamId: epoch.streamId, kind: 'hold', why: 'x', range: { eventId: '999', marginMs: 0 } },
      house.by,
    );
    await expect(unknown).rejects.toMatchObject({ code: 'VD_RETENTION_EVENT_UNKNOWN' });
    const turned = house.holds.make({ streamId: epoch.streamId, kind: 'hold', why: 'x', range: { fromMs: 5, toMs: 5 } }, house.by);
    await expect(turned).rejects.toMatchObject({ code: 'VD_RETENTION_RANGE_INVALID' });
  });

  it('keeps each stream within its quota, and all within the size of the folder, the oldest first', async () => {
    const a = await recorded(3 * HOUR_MS, 10);
    const b = await recorded(2 * HOUR_MS, 10);
    await house.retentions.set(a.streamId, { maxSizeBytes: 4_500 }, house.by);
    await house.mediaKeeper(house.config()).round();
    expect([(await house.states(a))['ready'], (await house.states(b))['ready']]).toEqual([range(6, 10), range(0, 10)]);
    await house.mediaKeeper(house.config({ media: { maxSize: '8kB' } })).round();
    expect([(await house.states(a))['ready'], (await house.states(b))['ready']]).toEqual([undefined, range(2, 10)]);
    expect(await house.query(`SELECT why, sum(items)::int AS items FROM purged GROUP BY why ORDER BY why`)).toEqual([
      { why: 'quota', items: 6 },
      { why: 'size', items: 6 },
    ]);
  });

  it('makes room on a disk that is getting full, and leaves what is live', async () => {
    const old = await recorded(HOUR_MS, 5, 20_000);
    const live = await house.epoch(old.streamId, house.nowMs - 20_000);
    await house.record(live, 10, 20_000);
    house.space = { freeBytes: 1_000_000, totalBytes: 20e9 };
    const round = await house.mediaKeeper(house.config({ disk: { floor: '1.01MB' } }), 10_000).round();
    // It is told the same of the disk each time: everything that may go does.
    expect((await house.states(old))['ready']).toBeUndefined();
    expect((await house.states(live))['ready']).toEqual(range(5, 10));
    expect(round.overBytes).toBeGreaterThan(0);
  });

  it('brings a deletion to its end that an earlier process began', async () => {
    const epoch = await recorded(40 * DAY_MS, 5);
    // The rows have changed; then the process died.
    const ids = (await house.query<{ id: string }>('SELECT id::text AS id FROM segments ORDER BY sequence LIMIT 3')).map(({ id }) => id);
    expect(await house.purge.begin('media:x', 'age', ids)).toHaveLength(3);
    const violations = await checkInvariants(house.database.url, { mediaDir: house.mediaDir });
    expect(violations.map(({ what }) => what)).toEqual(['files of deleted segments are still there']);
    await house.mediaKeeper(house.config({ media: { maxAge: 'forever' } })).round();
    expect(await house.states(epoch)).toEqual({ deleted: [0, 1, 2], ready: [3, 4] });
    expect(await house.query('SELECT 1 FROM segments WHERE file_left')).toEqual([]);
  });

  it('takes away the folders of epochs that are over, with what is ours in them, and of no others', async () => {
    const [over, open] = [await recorded(40 * DAY_MS, 3), await recorded(40 * DAY_MS, 3)];
    const foreign = await recorded(40 * DAY_MS, 3);
    const unfinished = await recorded(40 * DAY_MS, 3);
    const folder = (epoch: RecordedEpoch) => join(house.mediaDir, epoch.streamId, epoch.epochId);
    for (const epoch of [over, open, foreign, unfinished]) await writeFile(join(folder(epoch), 'index.m3u8'), '#EXTM3U');
    await writeFile(join(folder(over), '000007.ts.tmp'), 'x');
    await writeFile(join(folder(foreign), 'my notes.txt'), 'x');
    await mkdir(join(house.mediaDir, '.open'), { recursive: true });
    await writeFile(join(house.mediaDir, '.open', `${unfinished.epochId}.json`), '{}');
    for (const epoch of [over, foreign, unfinished]) await house.end(epoch);
    await house.mediaKeeper(house.config()).round();
    expect([over, open, foreign, unfinished].map((epoch) => existsSync(folder(epoch)))).toEqual([false, true, true, true]);
    expect(existsSync(join(house.mediaDir, over.streamId))).toBe(false);
    expect(await readdir(folder(foreign))).toEqual(['my notes.txt']);
    expect(house.logger.lines.map(({ message }) => message)).toContain(
      'A folder of deleted media stays: there are files in it that are not ours',
    );
  });

  it('gives up no more in the ledger where files cannot be deleted, and does so once they can', async () => {
    const epoch = await recorded(40 * DAY_MS, 1_000);
    const folder = join(house.mediaDir, epoch.streamId, epoch.epochId);
    // A folder in a file's place cannot be unlinked, by root neither.
    const paths = await house.query<{ path: string }>('SELECT path FROM segments ORDER BY sequence LIMIT 1');
    const { rename, rm } = await import('node:fs/promises');
    await rename(join(house.mediaDir, paths[0]!.path), join(folder, 'aside'));
    await mkdir(join(house.mediaDir, paths[0]!.path, 'in the way'), { recursive: true });
    const keeper = house.mediaKeeper(house.config());
    const round = await keeper.round();
    expect(round.undeletedFiles).toBe(1);
    const { 0: left } = await house.query<{ count: number }>(`SELECT count(*)::int AS count FROM segments WHERE state <> 'deleted'`);
    expect(left!.count).toBe(800);
    expect((await keeper.round()).undeletedFiles).toBe(1);
    await rm(join(house.mediaDir, paths[0]!.path), { recursive: true });
    await rename(join(folder, 'aside'), join(house.mediaDir, paths[0]!.path));
    expect(await keeper.round()).toMatchObject({ undeletedFiles: 0, purgedFiles: 801 });
    await chmod(folder, 0o700);
  });

  it('does nothing in a folder that is not the one that it recorded into', async () => {
    const epoch = await recorded(40 * DAY_MS, 3);
    const id = join(house.mediaDir, '.ingest-id');
    await writeFile(id, '00000000-0000-4000-8000-000000000001');
    expect((await house.mediaKeeper(house.config()).round()).isForeign).toBe(true);
    await writeFile(id, `${house.nodeId}\n`);
    expect(await house.states(epoch)).toEqual({ ready: [0, 1, 2] });
  });

  it('makes playlists begin where media does, and calls a gap what went between', async () => {
    const epoch = await recorded(40 * DAY_MS, 8);
    await house.event(epoch, 3, 3);
    await house.end(epoch);
    house.nowMs -= 10 * DAY_MS - 7.5 * SEGMENT_MS;
    await house.mediaKeeper(house.config({ media: { eventMargin: '0ms' } })).round();
    expect(await house.states(epoch)).toEqual({ deleted: [0, 1, 2, 4, 5, 6], ready: [3, 7] });
    const text = epochPlaylist((await house.playlists.epoch(epoch.streamId, epoch.epochId))!);
    expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:3');
    const lines = text.split('\n').filter((line) => line === '#EXT-X-GAP' || line.endsWith('.ts'));
    expect(lines).toEqual(['000003.ts', ...[4, 5, 6].flatMap((n) => ['#EXT-X-GAP', `00000${n}.ts`]), '000007.ts']);
  });
});

describe(MediaFiles.name, () => {
  it('deletes nothing outside its folder', async () => {
    const epoch = await recorded(HOUR_MS, 1);
    const outside = join(house.mediaDir, '..', 'vedette-outside');
    await mkdir(join(outside, epoch.epochId), { recursive: true });
    await writeFile(join(outside, epoch.epochId, '000000.ts'), 'x');
    const linked = '11111111-1111-4111-8111-111111111111';
    await symlink(outside, join(house.mediaDir, linked));
    const files = new MediaFiles(house.mediaDir);
    await expect(files.remove(`${linked}/${epoch.epochId}/000000.ts`)).rejects.toThrow('link out of the media folder');
    await expect(files.removeFolder(linked, epoch.epochId)).rejects.toThrow('link out of the media folder');
    for (const path of ['../x', `${linked}/../000000.ts`, '/etc/passwd', `${epoch.streamId}/${epoch.epochId}/..`, ''])
      await expect(files.remove(path)).rejects.toThrow('no place of a segment');
    expect(existsSync(join(outside, epoch.epochId, '000000.ts'))).toBe(true);
    expect(await files.remove(`${epoch.streamId}/${epoch.epochId}/000009.ts`)).toBe(false);
  });
});
