import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EpochFolder } from '../../../src/core/media/epoch-folder.js';
import { FfmpegPackager } from '../../../src/core/media/packaging/ffmpeg-packager.js';
import type { Packaging } from '../../../src/core/media/packaging/packager.js';
import { SegmentWatcher } from '../../../src/core/media/watcher/segment-watcher.js';
import { FakeIngestLedger } from '../../support/fakes/fake-ingest-ledger.js';
import { FakeJobBell } from '../../support/fakes/fake-job-bell.js';
import { FakeRouting } from '../../support/fakes/fake-routing.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { makeClip, videoPts } from '../../support/media/ffmpeg.js';

let clips: string;
let mediaDir: string;
let ledger: FakeIngestLedger;
let bell: FakeJobBell;
let logger: SilentLogger;
let watcher: SegmentWatcher;
const running: Packaging[] = [];
const streamId = randomUUID();

const clip = (name: string) => join(clips, name);

beforeAll(async () => {
  clips = await mkdtemp(join(tmpdir(), 'vd-clips-'));
  await makeClip(clip('b-frames.flv'), { seconds: 9 });
  await makeClip(clip('silent.flv'), { seconds: 5, audio: false, fps: 30, gopFrames: 60 });
  await makeClip(clip('vfr.flv'), { seconds: 6, gopFrames: 20, filter: 'select=not(mod(n\\,3))+lt(mod(n\\,50)\\,20)', audio: false });
});
afterAll(() => rm(clips, { recursive: true, force: true }));

beforeEach(async () => {
  mediaDir = await mkdtemp(join(tmpdir(), 'vd-media-'));
  ledger = new FakeIngestLedger();
  bell = new FakeJobBell();
  logger = new SilentLogger();
  watcher = makeWatcher();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((packaging) => packaging.end()));
  await watcher.stop();
  await rm(mediaDir, { recursive: true, force: true });
});

function makeWatcher(reconcileIntervalMs = 200): SegmentWatcher {
  return new SegmentWatcher(
    { mediaDir, reconcileIntervalMs, ingestId: 'ingest-1' },
    { ledger, bell, routing: new FakeRouting(), logger, streamName: async () => 'cam' },
  );
}

function packager() {
  return new FfmpegPackager({ segmentDurationMs: 2000, liveWindowSegments: 6, timings: { endTimeoutMs: 4000 } }, logger);
}

async function beginEpoch(): Promise<{ epochId: string; folder: EpochFolder; packaging: Packaging }> {
  const epochId = randomUUID();
  const folder = new EpochFolder(mediaDir, streamId, epochId);
  await watcher.watch({ epochId, stream: { id: streamId, name: 'cam' }, startedAtMs: 1_700_000_000_000, folder });
  const packaging = packager().start({ directory: folder.path, input: { kind: 'flv' } });
  running.push(packaging);
  return { epochId, folder, packaging };
}

async function feed(packaging: Packaging, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += 16_384) {
    if (!packaging.write(bytes.subarray(at, at + 16_384))) await packaging.drained();
  }
}

describe('FfmpegPackager and SegmentWatcher', () => {
  it.each(['b-frames.flv', 'silent.flv', 'vfr.flv'])('registers every frame of %s exactly once, at its own pts', async (name) => {
    const { epochId, folder, packaging } = await beginEpoch();
    await feed(packaging, await readFile(clip(name)));
    await packaging.end();
    expect(await packaging.done).toEqual({ reason: 'ended' });
    await watcher.finish(epochId, 'publisher-left');

    const epoch = ledger.epochs.get(epochId)!;
    const published = await videoPts(clip(name));
    expect(epoch).toMatchObject({ state: 'closed', endReason: 'publisher-left' });
    expect(epoch.segments.map(({ sequence }) => sequence)).toEqual(epoch.segments.map((_, index) => index));
    expect(epoch.segments.reduce((sum, { frameCount }) => sum + frameCount, 0)).toBe(published.length);
    expect(epoch.segments[0]!.ptsStartUs).toBe(published[0]! * 1000);
    expect(epoch.gaps).toEqual([]);
    expect(bell.rung.map(({ sequence }) => sequence)).toEqual(epoch.segments.map(({ sequence }) => sequence));
    expect(await folder.playlist()).toContain('#EXT-X-ENDLIST');
  });
});
