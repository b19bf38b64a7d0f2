import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../src/core/persistence/pool.js';
import { checkInvariants, type InvariantExpectations } from '../faults/invariants.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let sql: pg.Pool;
let mediaDir: string;
let streamId: string;
let epochId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  sql = createPool({ databaseUrl: database.url, size: 2, name: 'test', statementTimeoutMs: 30_000 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  mediaDir = await mkdtemp(join(tmpdir(), 'vd-media-'));
  const seed = new LedgerSeed(sql);
  streamId = await seed.stream();
  epochId = await seed.epoch(streamId, { state: 'closed', startedAt: new Date('2026-01-01T00:00:00Z') });
  for (const sequence of [0, 1, 2]) await seed.segment(streamId, epochId, sequence);
  await sql.query('UPDATE segments SET audio_frame_count = 90');
  const { rows } = await sql.query<{ path: string }>('SELECT path FROM segments');
  for (const { path } of rows) {
    await mkdir(dirname(join(mediaDir, path)), { recursive: true });
    await writeFile(join(mediaDir, path), '');
  }
});
afterEach(async () => {
  await rm(mediaDir, { recursive: true, force: true });
  await sql.query('TRUNCATE streams CASCADE');
});

const found = async (expectations: InvariantExpectations = {}) =>
  (await checkInvariants(database.url, { mediaDir, expectations: { analyzers: [], ...expectations } })).map(
    ({ invariant, what }) => `${invariant}: ${what}`,
  );
const gap = (values: string) =>
  sql.query(
    `INSERT INTO gaps (stream_id, epoch_id, after_sequence, missing_sequences, reason, from_pts_us, to_pts_us, video_frames, audio_frames)
     VALUES ($1, $2, ${values})`,
    [streamId, epochId],
  );

describe('the invariants of a recording', () => {
  it('hold for one that is whole', async () => {
    expect(await found()).toEqual([]);
    expect(await found({ sentFrames: { [streamId]: { video: 180, audio: 270 } } })).toEqual([]);
  });

  it('see frames that nobody accounts for, and take those that a gap names', async () => {
    const sentFrames = { [streamId]: { video: 187, audio: 270 } };
    expect(await found({ sentFrames })).toEqual(['I5: frames in segments and in gaps are not those that were sent']);
    await gap(`1, 0, 'damaged', 3000000, 3100000, 7, 0`);
    expect(await found({ sentFrames })).toEqual([]);
  });

  it('see a gap that is less than nothing long', async () => {
    await sql.query('ALTER TABLE gaps DROP CONSTRAINT gaps_not_negative');
    await gap(`1, 0, 'damaged', 600000000, 1200000, 1, 0`);
    expect(await found()).toEqual(['I4: a gap ends before it begins, or counts less than nothing']);
    await sql.query('TRUNCATE gaps');
    await sql.query('ALTER TABLE gaps ADD CONSTRAINT gaps_not_negative CHECK (to_pts_us >= from_pts_us)');
  });

  it('see a gap without an end', async () => {
    await gap(`1, 0, 'damaged', 600000, NULL, 1, 0`);
    expect(await found()).toEqual(['I4: a gap of a closed epoch has a beginning and no end']);
  });

  it('see media that is missing between two segments', async () => {
    await sql.query('UPDATE segments SET pts_start_us = pts_start_us + 1500000, pts_end_us = pts_end_us + 1500000 WHERE sequence = 2');
    expect(await found()).toEqual(['I4: media is missing between two segments without a gap on record']);
    await gap(`1, 0, 'packager-failed', 5400000, 6900000, 45, 70`);
    expect(await found()).toEqual([]);
  });

  it('see epochs that overlap', async () => {
    const seed = new LedgerSeed(sql);
    await seed.epoch(streamId, { ordinal: 1, startedAt: new Date('2026-01-01T00:00:06Z') });
    expect(await found()).toEqual([]);
    await seed.epoch(streamId, { ordinal: 2, startedAt: new Date('2026-01-01T00:00:05.900Z') });
    expect(await found()).toEqual(['I5: two epochs of a stream overlap on the wall clock']);
  });

  it('see a segment of one picture that lasts ten minutes', async () => {
    await sql.query('UPDATE segments SET pts_end_us = pts_end_us + 600000000 WHERE sequence = 2');
    expect(await found()).toEqual(['I5: a segment lasts longer than any']);
  });

  it('see a segment with nothing in it', async () => {
    await sql.query('UPDATE segments SET frame_count = 0, audio_frame_count = 0 WHERE sequence = 1');
    expect(await found()).toEqual(['I5: a segment that is said to be whole holds nothing']);
  });
});
