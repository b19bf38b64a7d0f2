import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMAND_LINE } from '../../src/core/audit/actor.js';
import { ClipFolder } from '../../src/core/clips/clip-folder.js';
import { ClipRunner, type ClipTrade } from '../../src/core/clips/clip-runner.js';
import { Exports } from '../../src/core/clips/exports.js';
import { vedetteConfigSchema } from '../../src/core/config/schema.js';
import { ClipJobs } from '../../src/core/persistence/clips/clip-jobs.js';
import { ClipStore, type NewClip } from '../../src/core/persistence/clips/clip-store.js';
import { ApiApp } from '../support/api-app.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { until } from '../support/until.js';

const LIMITS = { maxAgeMs: 3_600_000, maxSizeBytes: 1_000_000 };
const TIMINGS = { lookEveryMs: 20, leaseMs: 5_000, renewEveryMs: 20, tidyEveryMs: 20 };

describe('making clips', () => {
  let api: ApiApp;
  let store: ClipStore;
  let folder: ClipFolder;
  let streamId: string;
  let epochId: string;
  let runners: ClipRunner[];
  beforeAll(async () => {
    api = await ApiApp.start();
    // Jobs are for the runners of the tests.
    await api.app.get(Exports, { strict: false }).onModuleDestroy();
    store = api.app.get(ClipStore, { strict: false });
    folder = new ClipFolder(api.config);
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    await api.sql.query('TRUNCATE streams, epochs, segments, holds, clips, cases, shares CASCADE');
    const seed = new LedgerSeed(api.sql);
    streamId = await seed.stream();
    epochId = await seed.epoch(streamId, { startedAt: new Date(Date.now() - 60_000) });
    for (const sequence of [0, 1]) await seed.segment(streamId, epochId, sequence);
    runners = [];
  });
  afterEach(async () => {
    for (const runner of runners) await runner.stop();
  });

  const wanted = (given: Partial<NewClip> = {}): NewClip => ({
    ...{ streamId, caseId: null, title: 'a clip', mode: 'copy' as const, pts: null, estimateBytes: 1_000 },
    ...{ fromMs: Date.now() - 60_000, toMs: Date.now() - 58_000 },
    ...given,
  });
  async function asked(given: Partial<NewClip> = {}): Promise<string> {
    const [clip] = await store.create([wanted(given)], LIMITS, COMMAND_LINE);
    return clip!.id;
  }
  function start(make: ClipTrade['make']): { ended: string[]; runner: ClipRunner } {
    const ended: string[] = [];
    const jobs = api.app.get(ClipJobs, { strict: false });
    const trade: ClipTrade = { make, ended: async (id) => (ended.push(id), store.letGo(id)) };
    const runner = new ClipRunner({ jobs, folder, trade, logger: new SilentLogger(), timings: TIMINGS });
    runners.push(runner);
    runner.start();
    return { ended, runner };
  }
  const writes: ClipTrade['make'] = async (_, at) => {
    await writeFile(join(at, 'clip.mp4'), 'clip');
    return 'clip.mp4';
  };
  const hangs: ClipTrade['make'] = (_, __, signal, progressed) => {
    progressed(0.25);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const is = (id: string, state: string) => until(`clip ${id} is ${state}`, async () => (await store.find(id))?.state === state);
  const heldFor = async (id: string): Promise<number> =>
    (await api.sql.query('SELECT FROM holds WHERE released_at IS NULL AND why LIKE $1', [`clip ${id}%`])).rowCount ?? 0;
  const filesOf = async (id: string): Promise<string[]> => (await readdir(folder.root)).filter((name) => name.includes(id));

  it('takes up what a process that was killed had begun, and deletes what it left', async () => {
    const id = await asked();
    await api.sql.query(`UPDATE clips SET state = 'running', owner = 'gone', attempts = 1, lease_until = now() - interval '1 second'`);
    const [orphan, unknown] = [randomUUID(), randomUUID()];
    await mkdir(join(folder.root, `work-${orphan}`), { recursive: true });
    await writeFile(join(folder.root, `work-${orphan}`, 'part-0000.mp4'), 'half');
    await utimes(join(folder.root, `work-${orphan}`), new Date(0), new Date(0));
    await writeFile(folder.path(unknown), 'nobody knows of it');
    start(writes);
    await is(id, 'done');
    await until('its folder is gone', async () => (await filesOf(id)).join() === `${id}.mp4`);
    await until('what was left is deleted', async () => [...(await filesOf(orphan)), ...(await filesOf(unknown))].length === 0);
    expect(await store.find(id)).toMatchObject({ sizeBytes: 4, progress: 1 });
    await until('its media is let go', async () => (await heldFor(id)) === 0);
  });

  it('gives up what was begun three times', async () => {
    const id = await asked();
    await api.sql.query(`UPDATE clips SET state = 'running', owner = 'gone', attempts = 3, lease_until = now() - interval '1 second'`);
    start(writes);
    await is(id, 'failed');
    expect(await store.find(id)).toMatchObject({ errorCode: 'VD_CLIP_INTERRUPTED' });
    await until('its media is let go', async () => (await heldFor(id)) === 0);
  });

  it('ends at once what is cancelled or deleted, and leaves nothing', async () => {
    const [first, second] = [await asked(), await asked()];
    const { ended } = start(hangs);
    await until('it is under way', async () => (await store.find(first))?.progress === 0.25);
    expect(await filesOf(first)).toEqual([`work-${first}`]);
    expect(await store.cancel(first, COMMAND_LINE)).toBe(true);
    expect(await store.cancel(first, COMMAND_LINE)).toBe(false);
    await until('the next is under way', async () => (await store.find(second))?.progress === 0.25);
    expect([await filesOf(first), await heldFor(first)]).toEqual([[], 0]);
    await store.delete(second, COMMAND_LINE);
    await until('the second has ended', () => ended.includes(second));
    expect([await filesOf(second), await heldFor(second), await store.find(second)]).toEqual([[], 0, null]);
  });

  it('gives back what it is at when its process ends', async () => {
    const id = await asked();
    const { runner } = start(hangs);
    await is(id, 'running');
    await runner.stop();
    expect(await store.find(id)).toMatchObject({ state: 'queued', progress: 0 });
    expect([await filesOf(id), await heldFor(id)]).toEqual([[], 1]);
  });

  it('waits for the segment that has the end of a range that is live', async () => {
    const endMs =
      (await api.sql.query<{ at: Date }>('SELECT at FROM segments ORDER BY sequence DESC LIMIT 1')).rows[0]!.at.getTime() + 2_000;
    await api.sql.query(`UPDATE epochs SET started_at = started_at + interval '50 seconds'`);
    await api.sql.query(`UPDATE segments SET at = at + interval '50 seconds'`);
    const id = await asked({ fromMs: endMs + 49_000, toMs: endMs + 51_000 });
    start(writes);
    const later = await asked({ fromMs: endMs + 48_000, toMs: endMs + 50_000 });
    await is(later, 'done');
    expect(await store.find(id)).toMatchObject({ state: 'queued' });
    await new LedgerSeed(api.sql).segment(streamId, epochId, 2);
    await is(id, 'done');
  });

  it('deletes what is too old, with its file, its links and its hold', async () => {
    const id = await asked();
    start(writes);
    await is(id, 'done');
    const waiting = await asked({ toMs: Date.now() });
    expect(await heldFor(waiting)).toBe(1);
    await api.sql.query(`UPDATE clips SET expires_at = now() - interval '1 second'`);
    await until('both are gone', async () => (await store.find(id)) === null && (await store.find(waiting)) === null);
    await until('and the file', () => !existsSync(folder.path(id)));
    expect(await heldFor(waiting)).toBe(0);
  });

  it('refuses what has no room: in what clips may take, and on the disk', async () => {
    await asked({ estimateBytes: 900_000 });
    await expect(store.create([wanted({ estimateBytes: 200_000 })], LIMITS, COMMAND_LINE)).rejects.toMatchObject({ code: 'VD_CLIP_QUOTA' });
    const many = Array.from({ length: 200 }, () => wanted({ estimateBytes: 1 }));
    await expect(store.create(many, LIMITS, COMMAND_LINE)).rejects.toMatchObject({ code: 'VD_CLIP_TOO_MANY' });
    expect((await api.sql.query('SELECT FROM clips')).rowCount).toBe(1);
    const { retention } = vedetteConfigSchema.parse({ retention: { disk: { floor: '1000TB' } } });
    await expect(new ClipFolder({ dataDir: api.config.dataDir, retention }).room(1)).rejects.toMatchObject({ code: 'VD_CLIP_NO_ROOM' });
    expect(await folder.room(1)).toBeGreaterThan(0);
  });
});
