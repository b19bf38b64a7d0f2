import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayOf, RESULT_TABLES } from '../../src/core/persistence/partition-keeper.js';
import { LEDGER_KEEPER } from '../../src/core/persistence/retention/keepers.js';
import { LedgerKeeper } from '../../src/core/retention/ledger-keeper.js';
import { livePlaylist } from '../../src/core/api/playback/playlist.js';
import { checkInvariants } from '../faults/invariants.js';
import { RetentionHarness, SEGMENT_MS } from './support/retention-harness.js';

const DAY_MS = 86_400_000;
/** Noon, so that days are where they seem to be. */
const NOON_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2;

let house: RetentionHarness;
beforeAll(async () => {
  house = await RetentionHarness.start();
});
beforeEach(async () => {
  await house.clear();
  const partitions = await house.query<{ name: string }>(
    'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent::regclass::text = ANY ($1::text[])',
    [[...RESULT_TABLES]],
  );
  if (partitions.length > 0) await house.query(`DROP TABLE ${partitions.map(({ name }) => name).join(', ')}`);
  house.partitions.forget();
  house.nowMs = NOON_MS;
  house.space = { freeBytes: 10e9, totalBytes: 20e9 };
});
afterAll(() => house.close());

/** Days of results, each with a metric of the stream; ago in days. */
async function days(streamId: string, ...ago: number[]): Promise<void> {
  await house.partitions.ensure(ago.map((one) => dayOf((NOON_MS - one * DAY_MS) * 1_000)));
  for (const one of ago)
    await house.query(
      `INSERT INTO metrics (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, name, unit, value)
       SELECT to_timestamp($1::float8 / 1000), 1, n, $2, $2, 'look', n, 'm', '1', 0.5 FROM generate_series(1, 2000) n`,
      [NOON_MS - one * DAY_MS, streamId],
    );
}
const daysLeft = async (): Promise<number[]> =>
  (await house.days.list()).map(({ endMs }) => Math.round((NOON_MS - (endMs - DAY_MS / 2)) / DAY_MS)).reverse();

describe(LedgerKeeper.name, () => {
  it('drops days of results that are too old, and what somebody keeps longer stays for all', async () => {
    const streamId = await house.stream();
    await days(streamId, 0, 1, 5, 40, 41, 100);
    const round = await house.ledgerKeeper(house.config({ results: { maxAge: '40d' } })).round();
    expect(await daysLeft()).toEqual([0, 1, 5, 40]);
    expect(round).toMatchObject({
      days: 4,
      droppedDays: [100, 41].map((ago) => new Date(NOON_MS - ago * DAY_MS).toISOString().slice(0, 10)),
    });
    await house.retentions.set(streamId, { resultsMaxAgeMs: null }, house.by);
    await house.ledgerKeeper(house.config({ media: { maxAge: '2d' }, results: { maxAge: '2d' } })).round();
    expect(await daysLeft()).toEqual([0, 1, 5, 40]);
    const purged = await house.query(
      `SELECT why, count(*)::int AS days, bool_and(bytes > 0) AS known FROM purged WHERE what = 'results' GROUP BY why`,
    );
    expect(purged).toEqual([{ why: 'age', days: 2, known: true }]);
  });

  it('drops the oldest days of a database that is too large, or whose disk is getting full; what is held stays', async () => {
    const streamId = await house.stream();
    await days(streamId, 0, 1, 2, 3, 4, 5, 6);
    const fromMs = NOON_MS - 5 * DAY_MS;
    await house.holds.make({ streamId, kind: 'hold', why: 'court', range: { fromMs, toMs: fromMs + 1_000 } }, house.by);
    const bytes = await house.days.databaseBytes();
    const day = (await house.days.list())[0]!.bytes;
    await house.ledgerKeeper(house.config({ results: { maxSize: `${Math.round(bytes - 1.5 * day)}B` } })).round();
    expect(await daysLeft()).toEqual([0, 1, 2, 3, 5]);
    house.space = { freeBytes: 0.9e9, totalBytes: 20e9 };
    const round = await house.ledgerKeeper(house.config({ results: { maxSize: 'unlimited' } })).round();
    expect(await daysLeft()).toEqual([0, 1, 2, 5]);
    expect(round.overBytes).toBeGreaterThan(0);
  });

  it('waits for nobody who reads a day: it goes the next time', async () => {
    const streamId = await house.stream();
    await days(streamId, 0, 300);
    const keeper = house.ledgerKeeper(house.config());
    await house.sql.transaction(async (manager) => {
      await manager.query('SELECT count(*) FROM metrics');
      expect((await keeper.round()).droppedDays).toEqual([]);
    });
    expect(house.logger.lines.map(({ message }) => message)).toContain('A day of results is in use and will be deleted later');
    expect((await keeper.round()).droppedDays).toHaveLength(1);
    // Workers find the day again when results of it come.
    await days(streamId, 300);
    expect(await daysLeft()).toEqual([0, 300]);
  });

  it('lets rows go whose media and results are gone, leaves a gap in their place, and the numbers of playlists as they were', async () => {
    const streamId = await house.stream();
    const old = await house.epoch(streamId, NOON_MS - 120 * DAY_MS);
    await house.record(old, 10);
    await house.event(old, 2, 3);
    await house.end(old);
    const going = await house.epoch(streamId, NOON_MS - 100 * DAY_MS);
    await house.record(going, 20);
    await house.event(going, 8, 8);
    const retention = house.config({ media: { eventMargin: '0ms' } });
    const media = house.mediaKeeper(retention);
    const ledger = house.ledgerKeeper(retention);
    const hold = {
      streamId,
      kind: 'hold',
      why: 'court',
      range: { fromMs: NOON_MS - 100 * DAY_MS + 8 * SEGMENT_MS, toMs: NOON_MS - 100 * DAY_MS + 9 * SEGMENT_MS },
    } as const;
    const { hold: made } = await house.holds.make(hold, house.by);
    const before = livePlaylist((await house.playlists.liveWindow(streamId, 3))!);
    expect(before).toContain('#EXT-X-MEDIA-SEQUENCE:27');
    await media.round();
    await ledger.round();
    await ledger.round();
    // The epoch that is over is gone with all it had; of the one that goes on its held segment is left, and its newest row.
    expect(await house.query('SELECT id FROM epochs')).toEqual([{ id: going.epochId }]);
    expect(await house.states(going)).toEqual({ ready: [8], deleted: [19] });
    expect(
      await house.query('SELECT after_sequence, missing_sequences, from_pts_us::int, to_pts_us::int, reason FROM gaps ORDER BY 1'),
    ).toEqual([
      { after_sequence: -1, missing_sequences: 8, from_pts_us: 0, to_pts_us: 16_000_000, reason: 'retention' },
      { after_sequence: 8, missing_sequences: 10, from_pts_us: 18_000_000, to_pts_us: 38_000_000, reason: 'retention' },
    ]);
    expect(await house.query('SELECT count(*)::int AS count FROM analysis_runs')).toEqual([{ count: 2 }]);
    expect(await house.query('SELECT count(*)::int AS count FROM events')).toEqual([{ count: 1 }]);
    const after = livePlaylist((await house.playlists.liveWindow(streamId, 3))!);
    expect(after).toContain('#EXT-X-MEDIA-SEQUENCE:27\n#EXT-X-DISCONTINUITY-SEQUENCE:1');
    // What goes later makes the same gaps grow.
    await house.record(going, 5);
    await house.holds.release(streamId, made.id, 'done', house.by);
    await media.round();
    await ledger.round();
    expect(await house.query('SELECT after_sequence, missing_sequences, reason FROM gaps ORDER BY 1')).toEqual([
      { after_sequence: -1, missing_sequences: 9, reason: 'retention' },
      { after_sequence: 8, missing_sequences: 15, reason: 'retention' },
    ]);
    const purged = await house.query(`SELECT why, sum(items)::int AS items FROM purged WHERE what = 'rows' GROUP BY why ORDER BY why`);
    expect(purged).toEqual([
      { why: 'epochs', items: 1 },
      { why: 'events', items: 2 },
      { why: 'segments', items: 33 },
    ]);
    expect(await checkInvariants(house.database.url, { mediaDir: house.mediaDir, expectations: { idle: true } })).toEqual([]);
  });

  it('lets go of what a removed stream left, by the same limits', async () => {
    const streamId = await house.stream();
    for (const ago of [120, 119]) {
      const epoch = await house.epoch(streamId, NOON_MS - ago * DAY_MS);
      await house.record(epoch, 3);
      await house.end(epoch);
    }
    await house.streams.remove(streamId);
    await house.mediaKeeper(house.config()).round();
    await house.ledgerKeeper(house.config()).round();
    // The newest epoch stays, with its newest row: what came after it would be numbered by it.
    expect(await house.query('SELECT sequence, state FROM segments')).toEqual([{ sequence: 2, state: 'deleted' }]);
    expect(await house.query('SELECT ordinal FROM epochs')).toEqual([{ ordinal: 1 }]);
  });

  it('is one process at a time, and followed by another when it dies', async () => {
    expect(await house.keepers.claim(LEDGER_KEEPER, 'one', 60_000)).toBe(true);
    expect(await house.keepers.claim(LEDGER_KEEPER, 'two', 60_000)).toBe(false);
    expect(await house.keepers.claim(LEDGER_KEEPER, 'one', 60_000)).toBe(true);
    await house.query(`UPDATE keepers SET lease_until = now() - interval '1 second'`);
    expect(await house.keepers.claim(LEDGER_KEEPER, 'two', 60_000)).toBe(true);
    await house.keepers.release(LEDGER_KEEPER, 'one');
    expect(await house.keepers.claim(LEDGER_KEEPER, 'one', 60_000)).toBe(false);
    await house.keepers.release(LEDGER_KEEPER, 'two');
    expect(await house.keepers.claim(LEDGER_KEEPER, 'one', 60_000)).toBe(true);
  });

  it('runs for a year on a small disk: what there is stays within its limits, and the newest is always there', async () => {
    const streamId = await house.stream();
    const retention = house.config({
      media: { maxAge: '30d', maxSize: '60kB', eventMaxAge: '60d', eventMargin: '0ms' },
      results: { maxAge: '60d' },
    });
    const [media, ledger] = [house.mediaKeeper(retention), house.ledgerKeeper(retention)];
    let most = 0;
    for (let day = 0; day < 366; day += 6) {
      house.nowMs = NOON_MS + day * DAY_MS;
      // A publish of a few seconds now and then; something happens in every second one.
      const epoch = await house.epoch(streamId, house.nowMs - 60_000);
      await house.record(epoch, 6, 1_000);
      if (day % 12 === 0) await house.event(epoch, 1, 2);
      await house.end(epoch);
      const { keptBytes } = await media.round();
      await ledger.round();
      most = Math.max(most, keptBytes);
      expect((await house.states(epoch))['ready']).toEqual([0, 1, 2, 3, 4, 5]);
    }
    // The publishes of the last 30 days, and the events of the 30 before those.
    expect(most).toBe(5 * 6_000 + 3 * 2_000);
    const [rows] = await house.query<Record<string, number>>(`SELECT (SELECT count(*) FROM segments)::int AS segments,
      (SELECT count(*) FROM analysis_runs)::int AS runs, (SELECT count(*) FROM epochs)::int AS epochs,
      (SELECT count(*) FROM events)::int AS events, (SELECT count(*) FROM gaps)::int AS gaps`);
    // 60 days of them, and no more: after a year as after three months.
    expect(rows!['segments']).toBeLessThanOrEqual(11 * 6);
    expect(rows!['runs']).toBe(rows!['segments']);
    expect(rows!['epochs']).toBeLessThanOrEqual(12);
    expect(rows!['events']).toBeLessThanOrEqual(6);
    expect(rows!['gaps']).toBeLessThanOrEqual(12);
    const window = await house.playlists.liveWindow(streamId, 6);
    expect(livePlaylist(window!)).toContain(`#EXT-X-MEDIA-SEQUENCE:${60 * 6}\n#EXT-X-DISCONTINUITY-SEQUENCE:60\n`);
    expect(await checkInvariants(house.database.url, { mediaDir: house.mediaDir, expectations: { idle: true } })).toEqual([]);
  });
});
