import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FailureLimit, type EpochHandle, type PublishGrant } from 'vedette/plugin';
import { webcamSource } from '../../../src/adapters/webcam/webcam-source.js';
import { PackagerByInput } from '../../../src/core/media/packaging/packager-by-input.js';
import { SegmentWatcher } from '../../../src/core/media/watcher/segment-watcher.js';
import type { LoadedConfig } from '../../../src/core/config/load-config.js';
import { type VedetteConfigInput, vedetteConfigSchema } from '../../../src/core/config/schema.js';
import { DeclaredStreams } from '../../../src/core/streams/declared-streams.js';
import { EpochOpener } from '../../../src/core/streams/epoch-opener.js';
import { IngestRole } from '../../../src/core/streams/ingest-role.js';
import { DEFAULT_OWNERSHIP_TIMINGS, StreamOwnership } from '../../../src/core/streams/stream-ownership.js';
import type { AuditLog } from '../../../src/core/persistence/access/audit-log.js';
import type { PublishRefusals, RefusalGroup } from '../../../src/core/persistence/access/publish-refusals.js';
import { RefusalRecord } from '../../../src/core/persistence/access/refusal-record.js';
import { StreamPublishGate } from '../../../src/core/streams/publish-gate.js';
import { RefusedPublishers } from '../../../src/core/streams/refused-publishers.js';
import { SourceSupervisor } from '../../../src/core/streams/source-supervisor.js';
import { DEFAULT_SOURCE_TIMINGS } from '../../../src/core/streams/supervised-source.js';
import { StreamStates } from '../../../src/core/streams/stream-states.js';
import { FakeAuditLog } from '../../support/fakes/fake-audit-log.js';
import { FakeIngestLedger } from '../../support/fakes/fake-ingest-ledger.js';
import { FakeJobBell } from '../../support/fakes/fake-job-bell.js';
import { FakePluginRegistry, sourceOf } from '../../support/fakes/fake-plugin-registry.js';
import { FakeAssignments } from '../../support/fakes/fake-assignments.js';
import { FakeOwnerTable, FakeStreamOwners } from '../../support/fakes/fake-stream-owners.js';
import { FakeStreamStore } from '../../support/fakes/fake-stream-store.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { makeClip, videoPts } from '../../support/media/ffmpeg.js';
import { until } from '../../support/until.js';

let clips: string;
let flv: Buffer;
let flvFrames: number;
let mediaDir: string;
let ledger: FakeIngestLedger;
let bell: FakeJobBell;
let store: FakeStreamStore;
let audit: FakeAuditLog;
let refusals: RefusalRecord;
let told: RefusalGroup[];
let logger: SilentLogger;
let roles: IngestRole[];

beforeAll(async () => {
  clips = await mkdtemp(join(tmpdir(), 'vd-clips-'));
  await makeClip(join(clips, 'clip.flv'), { seconds: 5 });
  flv = await readFile(join(clips, 'clip.flv'));
  flvFrames = (await videoPts(join(clips, 'clip.flv'))).length;
});
afterAll(() => rm(clips, { recursive: true, force: true }));

beforeEach(async () => {
  mediaDir = await mkdtemp(join(tmpdir(), 'vd-media-'));
  ledger = new FakeIngestLedger();
  bell = new FakeJobBell();
  store = new FakeStreamStore();
  audit = new FakeAuditLog();
  told = [];
  logger = new SilentLogger();
  roles = [];
});
afterEach(async () => {
  await Promise.all(roles.map((role) => role.stop()));
  await rm(mediaDir, { recursive: true, force: true });
});

const configOf = (input: VedetteConfigInput): LoadedConfig => ({ config: vedetteConfigSchema.parse(input), file: null, baseDir: '.' });

async function startRole(origin: Partial<LoadedConfig> = {}): Promise<{ role: IngestRole; gate: StreamPublishGate; opener: EpochOpener }> {
  const watcher = new SegmentWatcher(
    { mediaDir, reconcileIntervalMs: 200, ingestId: 'ingest-1' },
    ledger,
    bell,
    new FakeAssignments(),
    store,
    logger,
  );
  const packager = new PackagerByInput({ isSynced: false, container: 'auto', segmentDurationMs: 2000, liveWindowSegments: 6 }, logger);
  const opener = new EpochOpener({ mediaDir, limits: { silenceTimeoutMs: 3000, segmentDurationMs: 2000 } }, packager, watcher, logger);
  const owners = new FakeStreamOwners(new FakeOwnerTable());
  const ownership = new StreamOwnership(
    owners,
    { id: 'ingest-1', name: 'one' },
    DEFAULT_OWNERSHIP_TIMINGS,
    () => performance.now(),
    logger,
  );
  const states = new StreamStates(store, ownership.node, logger);
  refusals = new RefusalRecord(audit as unknown as AuditLog);
  const ofThisTest = told;
  const rows = { add: async (added: readonly RefusalGroup[]) => void ofThisTest.push(...added) } as unknown as PublishRefusals;
  const refused = new RefusedPublishers(rows, refusals, logger);
  const failures = new FailureLimit({ burst: 3, refillMs: 60_000 });
  const gate = new StreamPublishGate(store, ownership, states, failures, refused, () => opener, logger);
  const registry = new FakePluginRegistry({ sources: [sourceOf(webcamSource)] });
  const timings = { ...DEFAULT_SOURCE_TIMINGS, firstRetryMs: 50, maxRetryMs: 200 };
  const supervisor = new SourceSupervisor(registry, store, ledger, owners, ownership, opener, states, timings, logger);
  const displaced = (error: Error): never => {
    throw error;
  };
  const declared = new DeclaredStreams(store, audit as unknown as AuditLog, { ...configOf({}), ...origin }, ownership.node, logger);
  const options = { mediaDir, reconcileIntervalMs: 200, displaced };
  const role = new IngestRole(options, store, ledger, ownership, watcher, opener, gate, supervisor, states, declared, logger);
  roles.push(role);
  await role.start();
  return { role, gate, opener };
}

async function publish(gate: StreamPublishGate, key: string): Promise<EpochHandle> {
  const grant = (await gate.authorise(key, '192.0.2.1:5000')) as PublishGrant;
  const epoch = await grant.context.openEpoch({ startedAtMs: 1_700_000_000_000, input: { kind: 'flv' } });
  for (let at = 0; at < flv.length; at += 16_384) if (!epoch.write(flv.subarray(at, at + 16_384))) await epoch.drained();
  return epoch;
}

const camera = (name: string, device = 'testsrc') =>
  store.create({ name, title: name, adapterId: 'webcam', sourceConfig: { format: 'lavfi', device, size: '160x96', gopSeconds: 1 } });

describe('IngestRole', () => {
  it('brings a camera to live, registers its segments, and ends it with its tail when it is disabled', async () => {
    await startRole();
    const stream = await camera('cam');
    await until('two segments', () => (ledger.of(stream.id)[0]?.segments.length ?? 0) >= 2);
    expect((await store.get(stream.id))?.state).toBe('live');

    await store.update(stream.id, { enabled: false });
    const epoch = await until('the epoch to be closed', () => ledger.of(stream.id).find(({ state }) => state === 'closed'));
    expect(epoch).toMatchObject({
      endReason: 'stream-disabled',
      media: { videoCodec: 'h264', audioCodec: null, widthPx: 160, heightPx: 96 },
    });
    expect(epoch.segments.map(({ sequence }) => sequence)).toEqual(epoch.segments.map((_, index) => index));
    expect(epoch.segments.every(({ state, frameCount }) => state === 'ready' && frameCount > 0)).toBe(true);
    await until('the state', async () => (await store.get(stream.id))?.state === 'stopped');
    expect(store.statesOf(stream.id)).toEqual(['starting', 'live', 'stopped']);
    expect(bell.rung).toHaveLength(epoch.segments.length);
  });

  it('stops a camera that is removed, and follows one whose config changes with a new epoch', async () => {
    await startRole();
    const stream = await camera('cam');
    await until('the first segment', () => ledger.of(stream.id)[0]?.segments.length);
    await store.update(stream.id, { sourceConfig: { format: 'lavfi', device: 'testsrc', size: '320x180', gopSeconds: 1 } });
    const second = await until('the second epoch', () => ledger.of(stream.id)[1]?.media && ledger.of(stream.id)[1]);
    const first = await until('the end of the first', () => ledger.of(stream.id).find(({ state }) => state === 'closed'));
    expect(first).toMatchObject({ ordinal: 0, endReason: 'source-changed' });
    expect(second.media).toMatchObject({ widthPx: 320, heightPx: 180 });
    await store.remove(stream.id);
    await until('the end', () => ledger.of(stream.id)[1]?.state === 'closed');
    expect(ledger.of(stream.id)[1]?.endReason).toBe('stream-removed');
  });

  it('says what is wrong with a stream that cannot be started, and tries again what may come right', async () => {
    await startRole();
    const unknown = await store.create({ name: 'a', title: 'a', adapterId: 'teleport' });
    const invalid = await store.create({
      name: 'b',
      title: 'b',
      adapterId: 'webcam',
      sourceConfig: { format: 'lavfi', device: 'movie=/etc/passwd' },
    });
    const missing = await store.create({
      name: 'c',
      title: 'c',
      adapterId: 'webcam',
      sourceConfig: { format: 'v4l2', device: '/dev/video987' },
    });
    const seen = async (id: string) => await store.get(id);
    expect(await until('the first', async () => ((await seen(unknown.id))?.state === 'failed' ? seen(unknown.id) : null))).toMatchObject({
      stateDetail: expect.stringContaining('VD_INGEST_ADAPTER_UNKNOWN'),
    });
    expect(await until('the second', async () => ((await seen(invalid.id))?.state === 'failed' ? seen(invalid.id) : null))).toMatchObject({
      stateDetail: expect.stringContaining('VD_INGEST_CONFIG_INVALID'),
    });
    await until(
      'two tries',
      () => store.states.filter(({ streamId, state }) => streamId === missing.id && state === 'retrying').length >= 2,
    );
    expect(store.states.find(({ streamId, state }) => streamId === missing.id && state === 'retrying')?.detail).toContain(
      'VD_WEBCAM_DEVICE_MISSING',
    );
  });

  it('ends what a publisher sends within a second of its key being revoked, and takes nothing more of it', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key, keyId } = await store.createKey(stream.id);
    const epoch = await publish(gate, key);
    await store.revokeKey(stream.id, keyId);
    expect(await epoch.done).toEqual({ reason: 'key-revoked' });
    expect(epoch.write(flv)).toBe(false);
    const closed = await until('the epoch', () => ledger.of(stream.id).find(({ state }) => state === 'closed'));
    expect(closed.segments.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(flvFrames);
    expect(await gate.authorise(key, '192.0.2.1')).toEqual({ refused: 'VD_INGEST_KEY_REVOKED' });
  });

  it('opens no epoch for a publisher whose stream was disabled after it was admitted', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key } = await store.createKey(stream.id);
    const { context } = (await gate.authorise(key, '192.0.2.1')) as PublishGrant;
    await store.update(stream.id, { enabled: false });
    await expect(context.openEpoch({ startedAtMs: 0, input: { kind: 'flv' } })).rejects.toMatchObject({
      code: 'VD_INGEST_GRANT_WITHDRAWN',
    });
    context.report('stopped');
    expect(await gate.authorise(key, '192.0.2.1')).toEqual({ refused: 'VD_INGEST_STREAM_DISABLED' });
    expect(ledger.of(stream.id)).toEqual([]);
  });

  it('answers an address that guesses keys that it tries too much, and lets a right key from it in', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key } = await store.createKey(stream.id);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await gate.authorise(randomUUID(), `192.0.2.9:${5000 + attempt}`)).toEqual({ refused: 'VD_INGEST_KEY_UNKNOWN' });
    }
    expect(await gate.authorise(randomUUID(), '[::ffff:192.0.2.9]:6000')).toEqual({ refused: 'VD_INGEST_RATE_LIMITED' });
    expect(await gate.authorise(randomUUID(), '192.0.2.8:6000')).toEqual({ refused: 'VD_INGEST_KEY_UNKNOWN' });
    expect(await gate.authorise(key, '192.0.2.9:6000')).toHaveProperty('context');
    const burst = await Promise.all(Array.from({ length: 8 }, () => gate.authorise(randomUUID(), '192.0.2.7:6000')));
    expect(burst.filter((answer) => 'refused' in answer && answer.refused === 'VD_INGEST_KEY_UNKNOWN')).toHaveLength(3);
    store.down = new Error('no database');
    expect(await gate.authorise(randomUUID(), '192.0.2.8:6000')).toEqual({ refused: 'VD_INGEST_UNAVAILABLE' });
  });

  it('puts refused publishers on record, added up, with their address and never their key', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key } = await store.createKey(stream.id);
    ((await gate.authorise(key, '192.0.2.1')) as PublishGrant).context.report('stopped');
    await store.update(stream.id, { node: 'two' });
    const wrong = Array.from({ length: 5 }, () => randomUUID());
    for (const guess of wrong) await gate.authorise(guess, '[::ffff:192.0.2.9]:6000');
    await gate.authorise(key, '192.0.2.1:5000');
    gate.refused('192.0.2.3', 'VD_RTMP_STRANGERS_FULL');
    store.down = new Error('no database');
    await gate.authorise(randomUUID(), '192.0.2.8');
    await refusals.flush();
    const seen = audit.entries.map(({ action, target, by, detail }) => [
      action,
      by.name,
      by.address,
      target,
      detail?.['code'],
      detail?.['count'],
    ]);
    expect(seen).toEqual([
      ['publish.refused', 'publisher', '192.0.2.9', undefined, 'VD_INGEST_KEY_UNKNOWN', 3],
      ['publish.refused', 'publisher', '192.0.2.9', undefined, 'VD_INGEST_RATE_LIMITED', 2],
      ['publish.refused', 'publisher', '192.0.2.1', stream.id, 'VD_INGEST_PINNED_ELSEWHERE', 1],
      ['publish.refused', 'publisher', '192.0.2.3', undefined, 'VD_RTMP_STRANGERS_FULL', 1],
    ]);
    for (const secret of [key, ...wrong]) expect(JSON.stringify(audit.entries)).not.toContain(secret);
  });

  it('tells the operator who was refused, why, of which stream, how the key looked and what to do, and never the key', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp', sourceConfig: { networks: ['192.0.2.0/24'] } });
    const [old, late, key] = [await store.createKey(stream.id), await store.createKey(stream.id), await store.createKey(stream.id)];
    await store.revokeKey(stream.id, old.keyId);
    await store.rotateKey(stream.id, late.keyId, 1);
    await until('the grace to be over', async () => (await store.findByKey(late.key))?.fault === 'expired');
    const wrong = 'live_518273_Wq7Zt0pX';
    for (const attempt of [{ app: 'live' }, { app: 'live' }, { app: 'vd_pasted' }]) await gate.authorise(wrong, '192.0.2.9:1', attempt);
    await gate.authorise(old.key, '192.0.2.9', { app: 'live' });
    await gate.authorise(late.key, '192.0.2.9');
    await gate.authorise(key.key, '[::ffff:198.51.100.7]:1935');
    gate.refused('192.0.2.3', 'VD_RTMP_APP_UNKNOWN', { app: 'x', reason: 'no such application', fix: 'Publish to live' });
    await until('all to be told', () => told.reduce((sum, { count }) => sum + count, 0) === 7);
    expect(told.map(({ address, code, streamId, app, keyHint, count }) => [address, code, streamId, app, keyHint, count])).toEqual([
      ['192.0.2.9', 'VD_INGEST_KEY_UNKNOWN', null, 'live', 'li…, 20 characters', 2],
      ['192.0.2.9', 'VD_INGEST_KEY_UNKNOWN', null, null, 'li…, 20 characters', 1],
      ['192.0.2.9', 'VD_INGEST_KEY_REVOKED', stream.id, 'live', null, 1],
      ['192.0.2.9', 'VD_INGEST_KEY_EXPIRED', stream.id, null, null, 1],
      ['198.51.100.7', 'VD_INGEST_NETWORK_REFUSED', stream.id, null, null, 1],
      ['192.0.2.3', 'VD_RTMP_APP_UNKNOWN', null, 'x', null, 1],
    ]);
    expect(told[0]).toMatchObject({ reason: 'The stream key is not known', fix: expect.stringContaining('OBS: Settings, Stream') });
    expect(told[5]).toMatchObject({ reason: 'no such application', fix: 'Publish to live' });
    for (const secret of [wrong, old.key, late.key, key.key]) expect(JSON.stringify(told)).not.toContain(secret);
    expect(await gate.authorise(key.key, '[::ffff:192.0.2.7]:1935')).toHaveProperty('context');
    expect((await store.listKeys(stream.id)).find(({ keyId }) => keyId === key.keyId)).toMatchObject({ lastAddress: '192.0.2.7' });
  });

  it('writes a flood of refusals from ever new addresses as a few rows, and counts all of them', async () => {
    const { gate } = await startRole();
    for (let i = 0; i < 2_000; i++) gate.refused(`2001:db8::${i.toString(16)}`, 'VD_RTMP_STRANGERS_FULL');
    await until('all to be told', () => told.reduce((sum, { count }) => sum + count, 0) === 2_000);
    expect(told.length).toBeLessThanOrEqual(101);
    expect(told.at(-1)).toMatchObject({ address: null, count: 1_900 });
  });

  it('refuses a second publisher of a stream while the first one is there, and lets it in when that one has left', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key } = await store.createKey(stream.id);
    const first = (await gate.authorise(key, '10.0.0.5:1')) as PublishGrant;
    expect(await gate.authorise(key, '10.0.0.7:1', { takeover: false })).toEqual({ refused: 'VD_INGEST_STREAM_BUSY' });
    const epoch = await first.context.openEpoch({ startedAtMs: 1, input: { kind: 'flv' } });
    expect(await gate.authorise(key, '10.0.0.7:1')).toEqual({ refused: 'VD_INGEST_STREAM_BUSY' });
    await until('it to be told', () => told.length > 0);
    expect(told[0]).toMatchObject({ streamId: stream.id, reason: 'Another encoder publishes to the stream already, from 10.0.0.5' });
    await epoch.end('publisher-left');
    expect(await gate.authorise(key, '10.0.0.7:1')).toHaveProperty('context');
    // The listener's config decides for streams that say nothing, the stream before it.
    expect(await gate.authorise(key, '10.0.0.8:1', { takeover: true })).toHaveProperty('context');
    await store.update(stream.id, { sourceConfig: { takeover: false } });
    expect(await gate.authorise(key, '10.0.0.9:1', { takeover: true })).toEqual({ refused: 'VD_INGEST_STREAM_BUSY' });
  });

  it('tells of two encoders that take a stream from each other, and makes them wait', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp', sourceConfig: { takeover: true } });
    const { key } = await store.createKey(stream.id);
    const publishFrom = async (address: string) => {
      const answer = await gate.authorise(key, address);
      if ('context' in answer) answer.context.report('live');
      return answer;
    };
    for (const address of ['10.0.0.5', '10.0.0.7', '10.0.0.5']) expect(await publishFrom(address)).toHaveProperty('context');
    const fight = 'Two encoders fight for this stream: 10.0.0.7 and 10.0.0.5. Stop one of them, or give it a stream of its own';
    await until('the state', async () => (await store.get(stream.id))?.stateDetail === fight);
    expect(logger.lines.filter(({ message }) => message === fight)).toHaveLength(1);
    expect(await publishFrom('10.0.0.7')).toEqual({ refused: 'VD_INGEST_TAKEOVER_TOO_SOON' });
    await until('it to be told', () => told.length > 0);
    expect(told[0]?.reason).toMatch(/^Two encoders fight .* It may be taken over again in [12] s$/);
  });

  it('cuts a publisher off when the time of grace of its key is over', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key, keyId } = await store.createKey(stream.id);
    const epoch = await publish(gate, key);
    const next = await store.rotateKey(stream.id, keyId, 300);
    expect(await epoch.done).toEqual({ reason: 'key-expired' });
    expect(await gate.authorise(key, '192.0.2.1')).toEqual({ refused: 'VD_INGEST_KEY_EXPIRED' });
    expect(await gate.authorise(next!.key, '192.0.2.1')).toHaveProperty('context');
    store.down = new Error('no database');
    expect(await gate.authorise(key, '192.0.2.1')).toEqual({ refused: 'VD_INGEST_UNAVAILABLE' });
  });

  it('cuts a publisher off whose network may not publish any more, and leaves one alone whose stream only gets another title', async () => {
    const { gate, opener } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key } = await store.createKey(stream.id);
    const epoch = await publish(gate, key);
    await store.update(stream.id, { title: 'Other', sourceConfig: { networks: ['192.0.2.1'] } });
    await gate.recheck(stream.id);
    expect(opener.of(stream.id)).toHaveLength(1);
    await store.update(stream.id, { sourceConfig: { networks: ['198.51.100.0/24'] } });
    expect(await epoch.done).toEqual({ reason: 'network-refused' });
  });

  it('lets a publisher of a stream it has come back while the database is away, by the key it came with, and no other', async () => {
    const { gate } = await startRole();
    const [stream, other] = [
      await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' }),
      await store.create({ name: 'two', title: 'Two', adapterId: 'rtmp' }),
    ];
    const [{ key, keyId }, unused] = [await store.createKey(stream.id), await store.createKey(other.id)];
    await (await publish(gate, key)).end('publisher-left');
    store.down = ledger.down = new Error('no database');
    const again = await publish(gate, key);
    expect(await gate.authorise(unused.key, '192.0.2.1')).toEqual({ refused: 'VD_INGEST_UNAVAILABLE' });
    store.down = ledger.down = null;
    await store.revokeKey(stream.id, keyId);
    expect(await again.done).toEqual({ reason: 'key-revoked' });
    store.down = new Error('no database');
    expect(await gate.authorise(key, '192.0.2.1')).toEqual({ refused: 'VD_INGEST_UNAVAILABLE' });
  });

  it('supersedes a publisher by the next one where the stream says so, and hears only the latest', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp', sourceConfig: { takeover: true } });
    const { key } = await store.createKey(stream.id);
    const first = (await gate.authorise(key, '192.0.2.1')) as PublishGrant;
    const firstEpoch = await first.context.openEpoch({ startedAtMs: 1, input: { kind: 'flv' } });
    const second = (await gate.authorise(key, '192.0.2.2')) as PublishGrant;
    await second.context.openEpoch({ startedAtMs: 2, input: { kind: 'flv' } });
    expect(await firstEpoch.done).toMatchObject({ reason: 'superseded' });
    second.context.report('live');
    first.context.report('stopped', 'gone');
    await until('the state', async () => (await store.get(stream.id))?.state === 'live');
    expect(store.statesOf(stream.id)).not.toContain('stopped');
    await until('both in the ledger', () => ledger.of(stream.id).length === 2);
    expect(ledger.of(stream.id).map(({ startedAtMs }) => startedAtMs)).toEqual([1, 2]);
  });

  it('keeps packaging while the database is away, and registers everything once when it is back', async () => {
    const { gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key } = await store.createKey(stream.id);
    const grant = (await gate.authorise(key, '192.0.2.1')) as PublishGrant;
    ledger.down = store.down = new Error('no database');
    for (const startedAtMs of [1, 2]) {
      const epoch = await grant.context.openEpoch({ startedAtMs, input: { kind: 'flv' } });
      epoch.write(flv);
      await epoch.end('publisher-left');
      expect(await epoch.done).toEqual({ reason: 'publisher-left' });
    }
    expect(ledger.epochs.size).toBe(0);
    ledger.down = store.down = null;
    await until('both epochs', () => ledger.of(stream.id).filter(({ state }) => state === 'closed').length === 2);
    // Faster than its media lasts: the second begins where the first one ends.
    const [first, second] = ledger.of(stream.id);
    const last = first!.segments.at(-1)!;
    expect([first!.startedAtMs, second!.startedAtMs]).toEqual([1, 1 + (last.ptsEndUs - first!.segments[0]!.ptsStartUs) / 1000]);
    for (const epoch of [first!, second!]) {
      expect(epoch.segments.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(flvFrames);
    }
    expect(ledger.repeatedRegistrations).toBe(0);
  });

  it('ends every epoch with its tail on shutdown, and opens none after it', async () => {
    const { role, gate } = await startRole();
    const stream = await store.create({ name: 'obs', title: 'OBS', adapterId: 'rtmp' });
    const { key } = await store.createKey(stream.id);
    const { context } = (await gate.authorise(key, '192.0.2.1')) as PublishGrant;
    const epoch = await context.openEpoch({ startedAtMs: 1_700_000_000_000, input: { kind: 'flv' } });
    for (let at = 0; at < flv.length; at += 16_384) if (!epoch.write(flv.subarray(at, at + 16_384))) await epoch.drained();
    await role.stop();
    expect(ledger.of(stream.id)).toMatchObject([{ state: 'closed', endReason: 'shutdown' }]);
    expect(ledger.of(stream.id)[0]!.segments.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(flvFrames);
    await expect(context.openEpoch({ startedAtMs: 0, input: { kind: 'flv' } })).rejects.toMatchObject({ code: 'VD_INGEST_STOPPING' });
  });
});
