import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncodedFrame } from 'vedette/plugin';
import { EpochFolder } from '../../../src/core/media/epoch-folder.js';
import { PackagerByInput } from '../../../src/core/media/packaging/packager-by-input.js';
import type { PackagerProgress } from '../../../src/core/media/packaging/packager.js';
import { readSegment } from '../../../src/core/media/watcher/segment-reader.js';
import { SegmentWatcher } from '../../../src/core/media/watcher/segment-watcher.js';
import type { StreamRecord } from '../../../src/core/persistence/streams/stream-store.js';
import { FakeAssignments } from '../../support/fakes/fake-assignments.js';
import { FakeIngestLedger } from '../../support/fakes/fake-ingest-ledger.js';
import { FakeJobBell } from '../../support/fakes/fake-job-bell.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { type EncodedClip, encodedFrames } from '../../support/media/encoded-frames.js';
import { makeClip } from '../../support/media/ffmpeg.js';
import { SmallDisk } from '../../support/small-disk.js';
import { until } from '../../support/until.js';

const probe = SmallDisk.mount(1024 ** 2);
probe?.unmount();
const CLIP_SECONDS = 4;

describe.skipIf(probe === null)('a media disk that is full, and has room again (needs the right to mount)', () => {
  let scratch: string;
  let clip: EncodedClip;
  let disk: SmallDisk;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vd-full-'));
    await makeClip(join(scratch, 'clip.mp4'), { seconds: CLIP_SECONDS, gopFrames: 25, bFrames: 2 });
    clip = await encodedFrames(join(scratch, 'clip.mp4'));
    disk = SmallDisk.mount(8 * 1024 ** 2)!;
  });
  afterAll(async () => {
    disk?.unmount();
    await rm(scratch, { recursive: true, force: true });
  });

  it.each(['full', 'read-only'])('costs what could not be written, which is counted, and no epoch: %s', async (how) => {
    const [ledger, logger, epochId, streamId] = [new FakeIngestLedger(), new SilentLogger(), randomUUID(), randomUUID()];
    const watcher = new SegmentWatcher(
      { mediaDir: disk.folder, reconcileIntervalMs: 60_000, ingestId: 'ingest-1' },
      ...([ledger, new FakeJobBell(), new FakeAssignments(), { get: async () => ({ name: 'cam' }) as StreamRecord }, logger] as const),
    );
    const folder = new EpochFolder(disk.folder, streamId, epochId);
    await watcher.watch({ epochId, stream: { id: streamId, name: 'cam' }, startedAtMs: 1, folder, isHandedOver: true });
    const progress: PackagerProgress[] = [];
    const { video, audio, frames } = clip;
    const packaging = new PackagerByInput({ segmentDurationMs: 1000, liveWindowSegments: 6, isSynced: false }, logger).start({
      ...{ directory: folder.path, input: { kind: 'frames', ...(video && { video }), ...(audio && { audio }) } },
      closed: (segment) => watcher.take(epochId, segment),
      lost: (loss) => watcher.lose(epochId, loss),
      progress: (news) => progress.push(news),
    });
    const sent = { video: 0, audio: 0 };
    let round = 0;
    /** The clip once more, from where it ended before. */
    const send = (): void => {
      const shiftUs = round++ * (CLIP_SECONDS * 1_000_000 + 200_000);
      for (const { track, dtsUs, ptsUs, keyframe, data } of frames) {
        const frame: EncodedFrame = { track, dtsUs: dtsUs + shiftUs, ptsUs: ptsUs + shiftUs, keyframe, data: Uint8Array.from(data) };
        packaging.put(frame);
        sent[track] += 1;
      }
    };
    send();
    const segments = () => ledger.epochs.get(epochId)?.segments ?? [];
    await until('segments', () => segments().length >= 3);
    if (how === 'full') disk.fill();
    else disk.makeReadOnly(true);
    await until('the stream to say so', () => {
      send();
      return progress.at(-1)?.writeFault !== undefined;
    });
    const before = segments().length;
    if (how === 'full') disk.makeRoom();
    else disk.makeReadOnly(false);
    await until('recording to go on', () => {
      send();
      return segments().length > before + 1;
    });
    await packaging.end();
    await watcher.finish(epochId, 'publisher-left');
    await watcher.stop();

    const epoch = ledger.epochs.get(epochId)!;
    const sum = (numbers: readonly (number | null | undefined)[]): number => numbers.reduce<number>((a, b) => a + (b ?? Number.NaN), 0);
    expect({
      video: sum(epoch.segments.map(({ frameCount }) => frameCount)) + sum(epoch.gaps.map(({ videoFrames }) => videoFrames)),
      audio: sum(epoch.segments.map(({ audioFrameCount }) => audioFrameCount)) + sum(epoch.gaps.map(({ audioFrames }) => audioFrames)),
    }).toEqual(sent);
    expect(epoch.gaps.length).toBeGreaterThan(0);
    expect(new Set(epoch.gaps.map(({ reason }) => reason))).toEqual(new Set(['packager-failed']));
    expect(epoch.segments.map(({ sequence }) => sequence)).toEqual(epoch.segments.map((_, at) => at));
    for (const { path, frameCount, audioFrameCount } of epoch.segments) {
      expect(await readSegment(disk.folder, path, undefined)).toMatchObject({
        facts: { frameCount, audioFrameCount, continuityErrors: 0 },
      });
    }
    expect(await packaging.done).toEqual({ reason: 'ended' });
  });
});
