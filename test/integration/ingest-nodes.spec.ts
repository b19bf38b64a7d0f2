import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createPool } from '../../src/core/persistence/pool.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineSource, z, type PublishGrant, type SourceContext } from 'vedette/plugin';
import { webcamSource } from '../../src/adapters/webcam/webcam-source.js';
import { newStreamKey, streamKeyHint, streamKeySha256 } from '../../src/core/persistence/streams/stream-key.js';
import { makeClip } from '../support/media/ffmpeg.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';
import { TEST_LEASE, TestIngestNode, type TestNodeOptions } from './support/ingest-node.js';

let clips: string;
let flv: Buffer;
let database: TestDatabase;
let sql: pg.Pool;
let nodes: TestIngestNode[];
beforeAll(async () => {
  clips = await mkdtemp(join(tmpdir(), 'vd-clips-'));
  await makeClip(join(clips, 'clip.flv'), { seconds: 5 });
  flv = await readFile(join(clips, 'clip.flv'));
});
afterAll(() => rm(clips, { recursive: true, force: true }));
beforeEach(async () => {
  database = await createTestDatabase();
  sql = createPool({ databaseUrl: database.url, size: 2, name: 'test', statementTimeoutMs: 30_000 });
  nodes = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(nodes.map((node) => node.stop()));
  await sql.end();
  await database.drop();
});

async function start(name: string, options: Partial<TestNodeOptions> = {}): Promise<TestIngestNode> {
  const node = await TestIngestNode.start({ databaseUrl: database.url, name, ...options });
  nodes.push(node);
  return node;
}

/** Takes a node out of the world without a word to anybody; its media folder stays. */
async function kill(node: TestIngestNode): Promise<string> {
  nodes.splice(nodes.indexOf(node), 1);
  await node.kill();
  return node.mediaDir;
}

const row = async <T>(text: string, values: unknown[] = []): Promise<T | undefined> =>
  (await sql.query(text, values)).rows[0] as T | undefined;

async function makeStream(name: string, options: { adapterId?: string; pinnedTo?: string; takeover?: boolean } = {}): Promise<string> {
  const { adapterId = 'webcam', pinnedTo = null, takeover } = options;
  const config = adapterId === 'webcam' ? { format: 'lavfi', device: 'testsrc', size: '160x96', gopSeconds: 1 } : { takeover };
  const made = await row<{ id: string }>(
    `WITH made AS (INSERT INTO streams (id, name, title, adapter_id, source_config, node) VALUES (gen_random_uuid(), $1, $1, $2, $3, $4)
      RETURNING id)
     SELECT id, pg_notify('vedette_streams', id::text) FROM made`,
    [name, adapterId, JSON.stringify(config), pinnedTo],
  );
  return made!.id;
}

/** A stream that publishers come to, and its key. */
async function makeDoor(name: string, options: { pinnedTo?: string; takeover?: boolean } = {}): Promise<{ id: string; key: string }> {
  const id = await makeStream(name, { adapterId: 'rtmp', ...options });
  const key = newStreamKey();
  await sql.query('INSERT INTO stream_keys (id, stream_id, key_sha256, hint) VALUES (gen_random_uuid(), $1, $2, $3)', [
    id,
    streamKeySha256(key),
    streamKeyHint(key),
  ]);
  return { id, key };
}

const door = defineSource({
  ...{ id: 'rtmp', version: '1.0.0', title: 'Door', kind: 'listener', config: z.strictObject({}) },
  create: () => ({
    open: async () => {
      const done = Promise.withResolvers<{ reason: string }>();
      return { stop: async (reason: string) => done.resolve({ reason }), done: done.promise };
    },
  }),
});
const sources = [webcamSource, door];

interface Epoch {
  id: string;
  ordinal: number;
  ingest_id: string;
  state: string;
  end_reason: string | null;
  segments: number;
  ended_ms: number | null;
}
const epochs = async (streamId: string): Promise<Epoch[]> =>
  (
    await sql.query<Epoch>(
      `SELECT id, ordinal, ingest_id, state, end_reason, (SELECT count(*)::int FROM segments s WHERE s.epoch_id = e.id) AS segments,
         (extract(epoch FROM ended_at) * 1000)::float8 AS ended_ms
       FROM epochs e WHERE stream_id = $1 ORDER BY ordinal`,
      [streamId],
    )
  ).rows;
const ownerOf = async (streamId: string) =>
  (await row<{ node_name: string }>('SELECT node_name FROM stream_owners WHERE stream_id = $1 AND lease_until > now()', [streamId]))
    ?.node_name;
const stateOf = (streamId: string) =>
  row<{ state: string; state_detail: string | null }>('SELECT state, state_detail FROM streams WHERE id = $1', [streamId]);
const filesOf = async (mediaDir: string, streamId: string, epochId: string) =>
  (await readdir(join(mediaDir, streamId, epochId))).filter((name) => name.endsWith('.ts')).length;

describe('several ingest nodes', () => {
  it('run each source once, spread over the nodes', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await until('the nodes to know each other', () => !a.ownership.isAlone && !b.ownership.isAlone);
    const ids = await Promise.all(['one', 'two', 'three', 'four'].map((name) => makeStream(name)));
    await until(
      'all to run',
      async () => (await Promise.all(ids.map(epochs))).every((of) => of.some(({ segments }) => segments > 0)),
      30_000,
    );
    for (const of of await Promise.all(ids.map(epochs))) expect(of).toHaveLength(1);
    // Two and two, where both are equally quick.
    const counts = [a.ownership.count, b.ownership.count];
    expect([counts[0]! + counts[1]!, Math.min(...counts) > 0]).toEqual([4, true]);
  });

  it('follow a node that died, close what it left open, and lose nothing of what it had on its disk', async () => {
    const a = await start('a');
    const id = await makeStream('cam');
    await until('a segment', async () => (await epochs(id))[0]?.segments);
    const b = await start('b');
    await until('b to be there', () => !a.ownership.isAlone);
    // Dead to the world but still writing, as a machine that lost its network: its last segments are on its disk only.
    a.wire.cut();
    const cutAtMs = performance.now();
    const epochId = (await epochs(id))[0]!.id;
    await until('its source to stop', () => a.opener.of(id).length === 0);
    expect(performance.now() - cutAtMs).toBeLessThan(TEST_LEASE.leaseMs + 1000);
    const mediaDir = await kill(a);

    const second = await until(
      'b to run it',
      async () => (await epochs(id)).find(({ ingest_id, segments }) => ingest_id === b.id && segments > 0),
      20_000,
    );
    const first = (await epochs(id))[0]!;
    expect(first).toMatchObject({ id: epochId, state: 'closed', end_reason: 'ingest-lost' });
    expect(second.ordinal).toBe(1);
    const onDisk = await filesOf(mediaDir, id, epochId);
    expect(onDisk).toBeGreaterThan(first.segments);

    const again = await start('a', { mediaDir });
    const late = await until('the rest to be registered', async () =>
      (await epochs(id)).find(({ id: of, segments }) => of === epochId && segments === onDisk),
    );
    await until('the epoch to be done with', async () => (await readdir(join(mediaDir, '.open'))).length === 0);
    expect(late).toMatchObject({ state: 'closed', end_reason: 'ingest-lost' });
    expect((await epochs(id))[0]!.ended_ms).toBeGreaterThan(first.ended_ms as number);
    expect(await row('SELECT count(*)::int AS runs FROM analysis_runs WHERE epoch_id = $1', [epochId])).toEqual({ runs: onDisk });
    expect(again.ownership.holds(id)).toBe(false);
    expect((await epochs(id)).filter(({ state }) => state === 'open')).toMatchObject([{ ingest_id: b.id }]);
  });

  it('give a node its own streams back at once when it is started again, lease or not', async () => {
    const a = await start('a');
    const id = await makeStream('cam');
    await until('it to run', async () => (await epochs(id))[0]?.segments);
    const mediaDir = await kill(a);
    // As right after a crash: the lease is good, only the process is gone.
    for (const table of ['ingest_nodes', 'stream_owners'])
      await sql.query(
        `UPDATE ${table} SET lease_until = now() + interval '1 minute' WHERE ${table === 'ingest_nodes' ? 'id' : 'node_id'} = $1`,
        [a.id],
      );
    expect(await ownerOf(id)).toBe('a');
    const startedAtMs = performance.now();
    await start('a', { mediaDir });
    await until('the next epoch', async () => (await epochs(id)).some(({ ordinal, state }) => ordinal === 1 && state === 'open'));
    expect(performance.now() - startedAtMs).toBeLessThan(TEST_LEASE.leaseMs);
    await until('the first to be finished', async () => (await epochs(id))[0]?.state === 'closed');
    expect((await epochs(id))[0]).toMatchObject({ end_reason: 'ingest-restarted' });
  });

  it('refuse a second process with the media folder of one that is alive, and leave that one alone', async () => {
    const a = await start('a');
    const id = await makeStream('cam');
    await until('it to run', async () => (await epochs(id))[0]?.segments);
    await expect(start('a', { mediaDir: a.mediaDir })).rejects.toMatchObject({ code: 'VD_INGEST_NODE_TAKEN' });
    expect(await epochs(id)).toMatchObject([{ state: 'open' }]);
    expect(a.ownership.holds(id)).toBe(true);
    expect(a.displaced).toBeUndefined();
  });

  it('end a process whose id another one took while it could not renew', async () => {
    const a = await start('a');
    a.wire.cut();
    await until(
      'its lease to lapse',
      async () => (await row<{ lapsed: boolean }>('SELECT lease_until <= now() AS lapsed FROM ingest_nodes'))?.lapsed,
    );
    await start('a', { mediaDir: a.mediaDir });
    a.wire.mend();
    expect(await until('the first to end', () => a.displaced)).toMatchObject({ code: 'VD_INGEST_NODE_TAKEN' });
  });

  it('run and admit a pinned stream on its node only, and say when that one is not there', async () => {
    const a = await start('a', { sources });
    const cam = await makeStream('cam', { pinnedTo: 'B' });
    const { id, key } = await makeDoor('obs', { pinnedTo: 'b' });
    await until('the state', async () => (await stateOf(cam))?.state_detail?.includes('"B", which is not there'));
    expect(await stateOf(cam)).toMatchObject({ state: 'pending' });
    expect(await a.gate.authorise(key, '192.0.2.1')).toEqual({ refused: 'VD_INGEST_PINNED_ELSEWHERE' });
    expect(await ownerOf(id)).toBeUndefined();

    const b = await start('b', { sources });
    await until('b to run it', async () => (await epochs(cam))[0]?.ingest_id === b.id);
    await until('the state', async () => (await stateOf(cam))?.state === 'live');
    expect(await b.gate.authorise(key, '192.0.2.1')).toHaveProperty('context');

    await sql.query(`UPDATE streams SET node = 'a' WHERE id = $1`, [cam]);
    await sql.query(`SELECT pg_notify('vedette_streams', $1)`, [cam]);
    await until('it to move', async () => (await epochs(cam)).some(({ ingest_id, state }) => ingest_id === a.id && state === 'open'));
    await until('the first to end', async () => (await epochs(cam))[0]?.state === 'closed');
    expect((await epochs(cam))[0]).toMatchObject({ end_reason: 'stream-moved' });
  });

  it('let a publisher take its stream from another node where the stream says so, and nobody with a wrong key', async () => {
    const [a, b] = [await start('a', { sources }), await start('b', { sources })];
    const { id, key } = await makeDoor('obs', { takeover: true });
    const first = await a.publish(key, flv);
    await until('the first epoch', async () => (await epochs(id))[0]?.segments);
    expect(await b.gate.authorise(newStreamKey(), '192.0.2.9')).toEqual({ refused: 'VD_INGEST_KEY_UNKNOWN' });
    expect(await ownerOf(id)).toBe('a');

    const grantOfFirst = (await a.gate.authorise(key, '192.0.2.1')) as PublishGrant;
    const second = await b.publish(key, flv);
    expect(await first.done).toEqual({ reason: 'superseded' });
    expect(await ownerOf(id)).toBe('b');
    await expect(grantOfFirst.context.openEpoch({ startedAtMs: 0, input: { kind: 'flv' } })).rejects.toMatchObject({
      code: 'VD_INGEST_TAKEN_OVER',
    });
    await until('both epochs', async () => (await epochs(id))[0]?.state === 'closed' && (await epochs(id)).length === 2);
    expect(await epochs(id)).toMatchObject([
      { ingest_id: a.id, end_reason: 'superseded' },
      { ingest_id: b.id, state: 'open' },
    ]);
    grantOfFirst.context.report('stopped', 'gone');
    await second.end('publisher-left');
    expect(await stateOf(id)).not.toMatchObject({ state_detail: 'gone' });
  });

  it('refuse a second publisher of a stream that is published to another node, and let it in when that one tells of no media any more', async () => {
    const [a, b] = [await start('a', { sources }), await start('b', { sources })];
    await until('the nodes to know each other', () => !a.ownership.isAlone && !b.ownership.isAlone);
    const { id, key } = await makeDoor('obs');
    const grant = (await a.gate.authorise(key, '192.0.2.1')) as PublishGrant;
    const epoch = await grant.context.openEpoch({ startedAtMs: Date.now(), input: { kind: 'flv' } });
    grant.context.report('live');
    await until('the state', async () => (await stateOf(id))?.state === 'live');
    const tells = `INSERT INTO live_measures (stream_id, epoch_id, measures) VALUES ($1, $2, '{}')`;
    await sql.query(tells, [id, epoch.epochId]);
    expect(await b.gate.authorise(key, '192.0.2.2')).toEqual({ refused: 'VD_INGEST_STREAM_BUSY' });
    const reason = async () => (await row<{ reason: string }>(`SELECT reason FROM publish_refusals WHERE stream_id = $1`, [id]))?.reason;
    expect(await until('it to be told', reason)).toBe('Another encoder publishes to the stream already, to the ingest node "a"');
    expect(await ownerOf(id)).toBe('a');
    // As when the node has died, and its lease is still good.
    await sql.query(`UPDATE live_measures SET measured_at = now() - interval '6 seconds'`);
    expect(await b.gate.authorise(key, '192.0.2.2')).toHaveProperty('context');
    expect(await ownerOf(id)).toBe('b');
  });

  it('let two encoders that fight have it by turns of a hold time, and say so once', async () => {
    const [a, b] = [await start('a', { sources }), await start('b', { sources })];
    const { id, key } = await makeDoor('obs', { takeover: true });
    const startedAtMs = performance.now();
    for (const node of [a, b, a, b, a, b]) await node.publish(key, flv);
    expect(performance.now() - startedAtMs).toBeGreaterThan(4 * TEST_LEASE.holdMs);
    // The last one's row may come after the others have ended.
    await until('all but the last to end', async () => {
      const all = await epochs(id);
      return all.length === 6 && all.filter(({ state }) => state === 'open').length === 1;
    });
    expect((await epochs(id)).map(({ ingest_id }) => ingest_id)).toEqual([a, b, a, b, a, b].map((node) => node.id));
    await until('the state', async () => (await stateOf(id))?.state_detail?.includes('Two encoders'));
    for (const node of [a, b]) expect(node.logger.lines.filter(({ message }) => message.startsWith('Two encoders'))).toHaveLength(1);
  });

  it('say of a dead node’s stream that it waits for a publisher, and leave a living one’s state alone', async () => {
    const a = await start('a', { sources });
    const { id, key } = await makeDoor('obs');
    await a.publish(key, flv);
    await until('it to be live', async () => (await stateOf(id))?.state === 'live');
    const b = await start('b', { sources });
    await until('b to have looked', () => b.ownership.isSteady);
    expect(await stateOf(id)).toMatchObject({ state: 'live' });
    const mediaDir = await kill(a);
    await until('the state', async () => (await stateOf(id))?.state_detail === 'Waiting for a publisher', 20_000);
    expect(await epochs(id)).toMatchObject([{ state: 'closed', end_reason: 'ingest-lost' }]);
    await rm(mediaDir, { recursive: true, force: true });
  });

  it('take nothing from each other after an outage of the database, and keep publishers and pinned sources through it', async () => {
    const [a, b] = [await start('a', { sources }), await start('b', { sources })];
    await until('the nodes to know each other', () => !a.ownership.isAlone && !b.ownership.isAlone);
    const [cam, pinned] = [await makeStream('cam'), await makeStream('pinned', { pinnedTo: 'b' })];
    const { id, key } = await makeDoor('obs');
    await until('both to run', async () => (await epochs(cam))[0]?.segments && (await epochs(pinned))[0]?.segments);
    const publisher = await a.publish(key, flv);
    await until('the publisher', async () => (await epochs(id))[0]?.segments);
    await until('both to be sure of who is dead', () => a.ownership.isSteady && b.ownership.isSteady);
    const owner = await ownerOf(cam);

    for (const node of [a, b]) node.wire.cut();
    await until(
      'every lease to lapse',
      async () => (await row<{ alive: number }>('SELECT count(*)::int AS alive FROM ingest_nodes WHERE lease_until > now()'))?.alive === 0,
    );
    await until('the source to stop', () => a.opener.of(cam).length + b.opener.of(cam).length === 0);
    for (const node of [a, b]) node.wire.mend();
    await until('it to run again', async () => (await epochs(cam)).some(({ ordinal, segments }) => ordinal === 1 && segments > 0));

    expect(await ownerOf(cam)).toBe(owner);
    expect((await epochs(cam))[0]).toMatchObject({ end_reason: 'lease-lost' });
    expect(await epochs(pinned)).toMatchObject([{ state: 'open', ingest_id: b.id }]);
    expect(await epochs(id)).toMatchObject([{ state: 'open', ingest_id: a.id }]);
    await publisher.end('publisher-left');
    expect(await publisher.done).toEqual({ reason: 'publisher-left' });
  });

  it('end a publisher’s epoch that others closed while its node was cut off, and let it come back in a new one', async () => {
    const [a, b] = [await start('a', { sources }), await start('b', { sources })];
    const { id, key } = await makeDoor('obs');
    const first = await a.publish(key, flv);
    await until('the publisher', async () => (await epochs(id))[0]?.segments);
    await until('b to be sure of who is dead', () => b.ownership.isSteady);
    a.wire.cut();
    await until('b to close it', async () => (await epochs(id))[0]?.end_reason === 'ingest-lost');
    expect(a.opener.of(id)).toHaveLength(1);
    a.wire.mend();
    expect(await first.done).toEqual({ reason: 'ingest-lost' });
    await a.publish(key, flv);
    await until('the new one', async () => (await epochs(id))[1]?.segments);
    expect(await epochs(id)).toMatchObject([
      { state: 'closed', end_reason: 'ingest-lost' },
      { state: 'open', ingest_id: a.id },
    ]);
    await until('the state', async () => (await stateOf(id))?.state === 'live');
  });

  it('do not mind a clock that is an hour ahead or behind', async () => {
    const a = await start('a');
    const id = await makeStream('cam');
    await until('it to run', async () => (await epochs(id))[0]?.segments);
    for (const hours of [1, -1]) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
      const b = await start('b');
      await until('b to be sure of who is dead', () => b.ownership.isSteady);
      expect(b.ownership.holds(id)).toBe(false);
      vi.useRealTimers();
    }
    expect(a.ownership.holds(id)).toBe(true);
    expect(await epochs(id)).toMatchObject([{ state: 'open' }]);
  });

  it('keep a source from opening epochs on a node whose lease lapsed', async () => {
    const contexts: SourceContext[] = [];
    const held = defineSource({
      ...{ id: 'held', version: '1.0.0', title: 'Held', kind: 'stream', config: z.strictObject({}) },
      create: () => ({
        open: async (_: unknown, context: SourceContext | undefined) => {
          contexts.push(context!);
          const done = Promise.withResolvers<{ reason: string }>();
          return { stop: async (reason: string) => done.resolve({ reason }), done: done.promise };
        },
      }),
    });
    await start('b');
    const a = await start('a', { sources: [held] });
    await makeStream('held', { adapterId: 'held' });
    const context = await until('the source', () => contexts[0]);
    a.wire.cut();
    await until('the lease to lapse', () => !a.ownership.holds(context.streamId));
    await expect(context.openEpoch({ startedAtMs: 0, input: { kind: 'flv' } })).rejects.toMatchObject({ code: 'VD_INGEST_LEASE_LOST' });
  });
});
