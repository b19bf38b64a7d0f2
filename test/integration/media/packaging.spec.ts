import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EpochGap } from '../../../src/core/persistence/ledger/ingest-ledger.js';
import type { StreamRecord } from '../../../src/core/persistence/streams/stream-store.js';
import { type PackagerInput, ticksToPtsUs } from '../../../src/core/plugin-api/index.js';
import { EpochFolder } from '../../../src/core/media/epoch-folder.js';
import { FfmpegPackager, type FfmpegPackagerOptions } from '../../../src/core/media/packaging/ffmpeg-packager.js';
import type { Confinement } from '../../../src/core/children/confinement.js';
import { findConfinement } from '../../../src/core/children/find-confinement.js';
import { programEnvironment } from '../../../src/core/config/child-environment.js';
import { endOrphanedPackagers } from '../../../src/core/media/packaging/orphans.js';
import { PackagerByInput } from '../../../src/core/media/packaging/packager-by-input.js';
import type { Packaging } from '../../../src/core/media/packaging/packager.js';
import { readSegment } from '../../../src/core/media/watcher/segment-reader.js';
import { SegmentWatcher } from '../../../src/core/media/watcher/segment-watcher.js';
import { LiveHealth } from '../../../src/core/streams/live-health.js';
import { type FakeEpoch, FakeIngestLedger } from '../../support/fakes/fake-ingest-ledger.js';
import { FakeJobBell } from '../../support/fakes/fake-job-bell.js';
import { FakeAssignments } from '../../support/fakes/fake-assignments.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { countPictures, ffmpeg, makeClip, videoPts } from '../../support/media/ffmpeg.js';
import { until } from '../../support/until.js';

let clips: string;
let confinement: Confinement;
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
  await makeClip(clip('open-gop.flv'), { seconds: 6, audio: false, bFrames: 3, gopFrames: 25, extra: ['-x264-params', 'open-gop=1'] });
  await makeClip(clip('vfr.flv'), { seconds: 6, gopFrames: 20, filter: 'select=not(mod(n\\,3))+lt(mod(n\\,50)\\,20)', audio: false });
  await makeClip(clip('one-last.flv'), { seconds: 6.1, fps: 10, gopFrames: 20, bFrames: 0, audio: false });
  await makeClip(clip('half.flv'), { seconds: 12, fps: 0.5, gopFrames: 1, bFrames: 0, audio: false });
  await makeClip(clip('fifth.flv'), { seconds: 25, fps: 0.2, gopFrames: 1, bFrames: 0, audio: false });
  const jitter = "setpts='(N*0.1+0.04*sin(N*7))/TB'";
  await makeClip(clip('jitter.flv'), { seconds: 8, fps: 10, gopFrames: 20, audio: false, filter: jitter });
});
afterAll(() => rm(clips, { recursive: true, force: true }));

beforeAll(async () => {
  confinement = await findConfinement({ hide: [], reach: [], write: [], env: programEnvironment() });
});
beforeEach(async () => {
  // A folder's name is no pattern, whatever ffmpeg reads into it.
  mediaDir = await mkdtemp(join(tmpdir(), 'vd-media 100%d %03d %% '));
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
    ledger,
    bell,
    new FakeAssignments(),
    { get: async () => ({ name: 'cam' }) as StreamRecord },
    logger,
  );
}

const OPTIONS = {
  segmentDurationMs: 2000,
  liveWindowSegments: 6,
  isSynced: false,
  container: 'auto',
  timings: { endTimeoutMs: 4000 },
} as const;

/** As confined as this machine allows: what holds for ffmpeg holds for it in there. */
const packager = () => new PackagerByInput({ ...OPTIONS, confinement }, logger);

async function beginEpoch(input: PackagerInput = { kind: 'flv' }): Promise<{ epochId: string; folder: EpochFolder; packaging: Packaging }> {
  const epochId = randomUUID();
  const folder = new EpochFolder(mediaDir, streamId, epochId);
  const isHandedOver = packager().handsOver(input);
  const stream = { id: streamId, name: 'cam' };
  await watcher.watch({ epochId, stream, startedAtMs: 1_700_000_000_000, folder, isHandedOver });
  const packaging = packager().start({
    ...{ directory: folder.path, input },
    closed: (segment) => watcher.take(epochId, segment),
    lost: (loss) => watcher.lose(epochId, loss),
  });
  running.push(packaging);
  return { epochId, folder, packaging };
}

/** ffmpeg reads a clip by itself, so many times as fast as it was made. */
const fromFile = (name: string, rate = 4): Extract<PackagerInput, { kind: 'ffmpeg' }> => ({
  ...{ kind: 'ffmpeg', format: 'flv', url: clip(name), inputOptions: ['-readrate', String(rate)], protocols: ['file'] },
  ...{ video: 'copy', audio: 'copy' },
});

/** An ffmpeg into the media folder itself. */
function startFfmpeg(input: Extract<PackagerInput, { kind: 'ffmpeg' }>, options: Partial<FfmpegPackagerOptions> = {}): Packaging {
  const packaging = new FfmpegPackager({ ...OPTIONS, ...options }, logger).start({ directory: mediaDir, input });
  running.push(packaging);
  return packaging;
}

async function feed(packaging: Packaging, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += 16_384) {
    if (!packaging.write(bytes.subarray(at, at + 16_384))) await packaging.drained();
  }
}

describe('PackagerByInput and SegmentWatcher', () => {
  const kinds = ['b-frames.flv', 'silent.flv', 'vfr.flv', 'open-gop.flv', 'one-last.flv', 'half.flv', 'fifth.flv', 'jitter.flv'];
  it.each(kinds)('registers every frame of %s exactly once, at its own pts', async (name) => {
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
    // Each ends where the next one begins, and the last one lasts as long as pictures do.
    const frameUs = ((published.at(-1)! - published[0]!) * 1000) / (published.length - 1);
    const ends = [...epoch.segments.slice(1).map(({ ptsStartUs }) => ptsStartUs), published.at(-1)! * 1000 + frameUs];
    expect(epoch.segments.map(({ ptsEndUs }, i) => Math.abs(ptsEndUs - ends[i]!) <= (i < ends.length - 1 ? 0 : frameUs))).not.toContain(
      false,
    );
    expect(bell.rung.map(({ sequence }) => sequence)).toEqual(epoch.segments.map(({ sequence }) => sequence));
    // What the packager says of its files is what they say of themselves.
    for (const segment of epoch.segments) {
      const reading = await readSegment(folder.path, basename(segment.path), segment.ptsStartUs);
      const { sizeBytes, ptsStartUs, frameCount, audioFrameCount, keyframePtsUs } = segment;
      expect(reading).toMatchObject({ facts: { sizeBytes, ptsStartUs, frameCount, audioFrameCount, keyframePtsUs, continuityErrors: 0 } });
    }
  });

  it('tells of pictures that stop while the sound goes on', async () => {
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc=size=160x96:rate=10:duration=1', '-f', 'lavfi', '-i', 'sine=duration=5'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', clip('shutter.flv')],
    );
    const told: (string | undefined)[] = [];
    const health = new LiveHealth({ silenceTimeoutMs: 1000, segmentDurationMs: 2000 }, (trouble) => told.push(trouble));
    const packaging = packager().start({
      directory: mediaDir,
      input: {
        ...{ kind: 'ffmpeg', format: 'flv', url: clip('shutter.flv'), inputOptions: ['-re'], protocols: ['file'] },
        ...{ video: 'copy', audio: 'copy' },
      },
      progress: (progress) => health.progress(progress),
    });
    running.push(packaging);
    await packaging.done;
    expect(told).toEqual([expect.stringMatching(/^No picture for [12] s while the sound goes on/)]);
  });

  it('tells of a finished segment while the next is being written', async () => {
    watcher = makeWatcher(60_000); // by the folder's events alone
    const { epochId, packaging } = await beginEpoch();
    await feed(packaging, await readFile(clip('b-frames.flv')));
    await until('segments of an epoch still open', () => (ledger.epochs.get(epochId)?.segments.length ?? 0) >= 3);
    expect(ledger.epochs.get(epochId)).toMatchObject({
      state: 'open',
      media: { videoCodec: 'h264', audioCodec: 'aac', widthPx: 160, heightPx: 96 },
    });
  });

  it('keeps what a killed ffmpeg had written, its unfinished tail included, and says why it ended', async () => {
    const { epochId, folder, packaging } = await beginEpoch(fromFile('b-frames.flv'));
    await until('two segments', () => (ledger.epochs.get(epochId)?.segments.length ?? 0) >= 2);
    process.kill(packaging.pid!, 'SIGKILL');
    const exit = await packaging.done;
    expect(exit).toMatchObject({ reason: 'packager-failed', error: { code: 'VD_MEDIA_PACKAGER_FAILED' } });
    await watcher.finish(epochId, exit.reason, 'broke-off');

    const epoch = ledger.epochs.get(epochId)!;
    const files = await folder.segments();
    expect(files.every(({ complete }) => complete)).toBe(true);
    expect(epoch.segments.map(({ sequence }) => sequence)).toEqual(files.map(({ sequence }) => sequence));
    // What it had taken and not written is lost; how much, nobody can say.
    const { sequence, ptsEndUs } = epoch.segments.at(-1)!;
    const gap = { epochId, afterSequence: sequence, missingSequences: 0, fromPtsUs: ptsEndUs, toPtsUs: null, reason: 'packager-failed' };
    expect(epoch).toMatchObject({ state: 'closed', endReason: 'packager-failed', gaps: [gap] });
    expect(await folder.playlist()).toContain('#EXT-X-ENDLIST');
    expect((await folder.playlist())!.split('\n').filter((line) => line.endsWith('.ts'))).toHaveLength(files.length);
    expect(ledger.repeatedRegistrations).toBe(0);
  });

  it('tells of an ffmpeg that had to be killed at its end: its tail is lost', async () => {
    const packaging = startFfmpeg(fromFile('b-frames.flv', 1), { timings: { endTimeoutMs: 200 } });
    await packaging.flowing;
    process.kill(packaging.pid!, 'SIGSTOP');
    await packaging.end();
    expect(await packaging.done).toMatchObject({ error: { code: 'VD_MEDIA_PACKAGER_STALLED' } });
  });

  it('gives every segment of an open GOP what a decoder needs to begin with it', async () => {
    const { epochId, folder, packaging } = await beginEpoch();
    await feed(packaging, await readFile(clip('open-gop.flv')));
    await packaging.end();
    await watcher.finish(epochId, 'publisher-left');
    const { segments } = ledger.epochs.get(epochId)!;
    expect(segments.length).toBeGreaterThan(2);
    for (const { path, frameCount, keyframePtsUs } of segments) {
      expect(keyframePtsUs.length).toBeGreaterThan(0);
      const segment = join(folder.path, basename(path));
      // Pictures before the keyframe refer to the segment before; all others must come out.
      const leading = (await videoPts(segment)).filter((ticks) => ticksToPtsUs(ticks) < keyframePtsUs[0]!).length;
      expect(await countPictures(segment)).toBeGreaterThanOrEqual(frameCount - leading);
    }
  });

  it('ends an ffmpeg that stands still, and keeps what it had', async () => {
    const packaging = startFfmpeg(fromFile('b-frames.flv', 1), { timings: { stallTimeoutMs: 1000 } });
    await packaging.flowing;
    process.kill(packaging.pid!, 'SIGSTOP');
    expect(await packaging.done).toMatchObject({ reason: 'packager-failed', error: { code: 'VD_MEDIA_PACKAGER_STALLED' } });
  });

  it.runIf(process.platform === 'linux')('gives ffmpeg no variable but those it runs by', async () => {
    const { DATABASE_URL } = process.env;
    process.env.DATABASE_URL = 'postgres://u:hush@h/d';
    try {
      const { packaging } = await beginEpoch(fromFile('b-frames.flv', 1));
      // Between fork and exec a process has a number and no environment yet.
      const environ = await until('ffmpeg to run', async () => {
        const { pid } = packaging;
        return pid === undefined ? null : (await readFile(`/proc/${pid}/environ`, 'utf8')) || null;
      });
      const names = environ.split('\0').map((line) => line.split('=')[0]);
      expect(names).toContain('PATH');
      expect(
        names.filter((name) => !/^(|PATH|LANG|LC_\w+|TZ|HOME|TMPDIR|DISPLAY|XDG_RUNTIME_DIR|LD_LIBRARY_PATH|PWD|CUDA_\w+)$/.test(name!)),
      ).toEqual([]);
    } finally {
      if (DATABASE_URL === undefined) delete process.env.DATABASE_URL;
      else process.env.DATABASE_URL = DATABASE_URL;
    }
  });

  it.each(['free', 'confined'])('says that ffmpeg is missing, and lives on: %s', async (how) => {
    const ffmpegPath = join(mediaDir, 'no-such-ffmpeg');
    const packaging = startFfmpeg(fromFile('b-frames.flv'), { ffmpegPath, ...(how === 'confined' ? { confinement } : {}) });
    expect(await packaging.done).toMatchObject({ reason: 'packager-failed', error: { code: 'VD_MEDIA_FFMPEG_MISSING' } });
    await packaging.end();
  });

  it('says what ffmpeg said when it fails by itself', async () => {
    const packaging = startFfmpeg({
      ...{ kind: 'ffmpeg', format: 'lavfi', url: 'no_such_filter', protocols: [], video: 'copy', audio: 'none' },
    });
    expect(await packaging.done).toMatchObject({
      reason: 'packager-failed',
      error: { code: 'VD_MEDIA_PACKAGER_FAILED', message: expect.stringContaining('no_such_filter') },
    });
  });

  it('takes nothing for FLV that is none, and says so', async () => {
    const { folder, packaging } = await beginEpoch();
    expect(packaging.write(Buffer.from(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n`))).toBe(false);
    expect(await packaging.done).toMatchObject({ reason: 'packager-failed', error: { code: 'VD_MEDIA_INPUT_REFUSED' } });
    expect(await folder.segments()).toEqual([]);
  });
});

describe('SegmentWatcher after a restart', () => {
  /** An epoch as a killed ingest role leaves it: a packaged folder, and a ledger that knows the first part of it. */
  async function abandonedEpoch(registered: number) {
    const { epochId, folder, packaging } = await beginEpoch();
    await feed(packaging, await readFile(clip('b-frames.flv')));
    await packaging.end();
    await until('the segments', () => (ledger.epochs.get(epochId)?.segments.length ?? 0) >= 4);
    await watcher.stop();
    ledger.epochs.get(epochId)!.segments.splice(registered);
    bell.rung.length = 0;
    return { epochId, folder, epoch: ledger.epochs.get(epochId)! };
  }

  /** What a packager that died may have taken and not written. */
  const crash = ({ epochId, segments }: FakeEpoch): EpochGap => {
    const { sequence: afterSequence, ptsEndUs: fromPtsUs } = segments.at(-1)!;
    return { epochId, afterSequence, missingSequences: 0, fromPtsUs, toPtsUs: fromPtsUs + 200_000, reason: 'crash' };
  };

  async function restart(): Promise<void> {
    watcher = makeWatcher();
    watcher.start();
    await until(
      'the epoch to be closed',
      () => [...ledger.epochs.values()].every(({ state }) => state === 'closed') && ledger.epochs.size > 0,
    );
  }

  it('registers what the ledger lacks, once, and closes the epoch', async () => {
    const { epoch } = await abandonedEpoch(2);
    await restart();
    expect(epoch.segments.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(epoch.endReason).toBe('ingest-restarted');
    expect(epoch.gaps).toEqual([crash(epoch)]);
    expect(epoch.endedAtMs).toBe(epoch.startedAtMs + 9000);
    expect(bell.rung.map(({ sequence }) => sequence)).toEqual([2, 3, 4]);
    await watcher.reconcile();
    expect(ledger.repeatedRegistrations).toBe(0);
  });

  it('finishes an epoch that the ledger never heard of', async () => {
    const { epochId } = await abandonedEpoch(0);
    ledger.epochs.clear();
    await restart();
    expect(ledger.epochs.get(epochId)!.segments).toHaveLength(5);
  });

  it('closes an epoch whose folder is gone', async () => {
    const { epochId, folder } = await abandonedEpoch(2);
    await rm(folder.path, { recursive: true });
    await restart();
    expect(ledger.epochs.get(epochId)).toMatchObject({ state: 'closed', segments: { length: 2 } });
  });

  it('leaves media alone whose stream the database does not know, and goes on with the rest', async () => {
    const { epochId, folder } = await abandonedEpoch(0);
    ledger.epochs.clear();
    ledger.streams.add(randomUUID());
    watcher = makeWatcher();
    watcher.start();
    await until('the refusal', () => logger.lines.some(({ level, fields }) => level === 'error' && fields?.['epochId'] === epochId));
    await watcher.reconcile();
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(await folder.segments()).toHaveLength(5);
    ledger.streams.clear();
    await watcher.stop();
    await restart();
    expect(ledger.epochs.get(epochId)?.segments).toHaveLength(5);
  });

  it('registers a truncated tail as far as it reads, garbage as unreadable, and an empty unfinished file not at all', async () => {
    const { epoch, folder } = await abandonedEpoch(1);
    const at = (name: string) => join(folder.path, name);
    await rm(at('000004.ts'));
    await truncate(at('000001.ts'), 10_000);
    await truncate(at('000002.ts'), 0);
    await writeFile(at('000003.ts'), Buffer.alloc(5000, 7));
    await writeFile(at('000004.ts.tmp'), '');
    await writeFile(at('notes.txt'), 'not ours');
    await restart();
    expect(epoch.segments.map(({ state, error }) => [state, error?.split(':')[0]])).toEqual([
      ['ready', undefined],
      ['ready', 'VD_MEDIA_DAMAGED'],
      ['unreadable', 'VD_MEDIA_EMPTY'],
      ['unreadable', 'VD_MEDIA_NOT_MPEGTS'],
    ]);
    expect(epoch.segments[1]!.frameCount).toBeLessThan(50);
    expect(epoch.segments[1]!.frameCount).toBeGreaterThan(0);
    expect(await readdir(folder.path)).not.toContain('000004.ts.tmp');
  });

  it('records the segments that are missing as a gap', async () => {
    const { epochId, epoch, folder } = await abandonedEpoch(1);
    await rm(join(folder.path, '000001.ts'));
    await rm(join(folder.path, '000002.ts'));
    await restart();
    expect(epoch.segments.map(({ sequence }) => sequence)).toEqual([0, 3, 4]);
    const [first, third] = [epoch.segments[0]!, epoch.segments[1]!];
    expect(epoch.gaps).toEqual([
      { epochId, afterSequence: 0, missingSequences: 2, fromPtsUs: first.ptsEndUs, toPtsUs: third.ptsStartUs, reason: 'missing-segment' },
      crash(epoch),
    ]);
  });

  it('is not led astray by a playlist that names what it should not', async () => {
    const epochId = randomUUID();
    const folder = new EpochFolder(mediaDir, streamId, epochId);
    const stream = { id: streamId, name: 'cam' };
    await watcher.watch({ epochId, stream, startedAtMs: 1_700_000_000_000, folder, isHandedOver: false });
    await folder.writePlaylist('#EXTM3U\n#EXTINF:2,\n../../../../etc/passwd\n');
    await until('the refusal', () =>
      logger.lines.find(({ fields }) => (fields?.['error'] as { code?: string })?.code === 'VD_MEDIA_PLAYLIST_INVALID'),
    );
    await folder.writePlaylist('#EXTM3U\n#EXTINF:2,\n2000000000.ts\n');
    await makeClip(join(folder.path, '000000.ts'), { seconds: 1 });
    await watcher.reconcile();
    await until('the segment that exists', () => ledger.epochs.get(epochId)?.segments.length === 1);
    await makeClip(join(folder.path, '000001.ts'), { seconds: 1 });
    await watcher.reconcile();
    await until('the next one', () => ledger.epochs.get(epochId)?.segments.length === 2);
    expect(ledger.repeatedRegistrations).toBe(0);
    await watcher.finish(epochId, 'over');
    expect(ledger.epochs.get(epochId)).toMatchObject({ state: 'closed', segments: { length: 2 } });
  });

  it('ends an ffmpeg that a killed ingest role left behind, and no other', async () => {
    const orphan = spawn(
      'ffmpeg',
      ['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=64x64', '-f', 'hls', join(mediaDir, 'index.m3u8')],
      { stdio: 'ignore' },
    );
    const other = spawn('ffmpeg', ['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=64x64', '-f', 'null', '-'], {
      stdio: 'ignore',
    });
    try {
      const gone = new Promise((resolve) => orphan.once('exit', resolve));
      await until('both to run', () => orphan.pid && other.pid);
      await endOrphanedPackagers(mediaDir, logger);
      await gone;
      expect(other.exitCode).toBeNull();
      expect(logger.lines.at(-1)?.fields).toEqual({ pids: [orphan.pid] });
    } finally {
      orphan.kill('SIGKILL');
      other.kill('SIGKILL');
    }
  });
});
