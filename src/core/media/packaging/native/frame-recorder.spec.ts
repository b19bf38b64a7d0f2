import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../../../test/support/fakes/silent-logger.js';
import { until } from '../../../../../test/support/until.js';
import { mediaError } from '../../../errors/media.errors.js';
import type { EncodedFrame } from '../../../plugin-api/index.js';
import type { SegmentParts } from '../../../persistence/notify/segment-parts.js';
import { segmentFileName, unfinishedName } from '../../segment-name.js';
import type { PackagedLoss, PackagedSegment, PackagerProgress } from '../packager.js';
import type { SegmentMuxer } from '../segment-muxer.js';
import { FlushClock } from './flush-clock.js';
import { NativePackaging } from './native-packaging.js';
import { segmentLimits } from './segment-limits.js';
import { WriteBuffers } from './write-buffers.js';

const FRAME_MS = 40;
const GOP = 25;
const PICTURE_BYTES = 1000;
/** What a damaged frame begins with. */
const DAMAGED = 0xff;

/** Writes each frame as its bytes. */
class PlainMuxer implements SegmentMuxer {
  readonly container = 'mpegts';
  readonly initialization = undefined;
  private parts: Uint8Array[] = [];
  beginSegment(): void {
    if (this.parts.length > 0) throw new Error('not all was taken of the segment before');
  }
  add({ data }: EncodedFrame): void {
    if (data[0] === DAMAGED) throw mediaError('VD_MEDIA_FRAME_DAMAGED', 'cut in half');
    this.parts.push(Uint8Array.from(data));
  }
  take(): Uint8Array {
    return Buffer.concat(this.parts.splice(0));
  }
}

let folder: string;
let segments: PackagedSegment[];
let losses: Map<string, PackagedLoss>;
let progress: PackagerProgress[];
let logger: SilentLogger;
let packaging: NativePackaging;
let isFollowed: boolean;
let told: (SegmentParts & { readonly readableBytes: number })[];
let put: { video: number; audio: number };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vd-recorder-'));
  [segments, losses, progress, put] = [[], new Map(), [], { video: 0, audio: 0 }];
  [isFollowed, told] = [false, []];
  logger = new SilentLogger();
  packaging = begin();
});
afterEach(async () => {
  await packaging.end();
  rmSync(folder, { recursive: true, force: true });
});

function begin(): NativePackaging {
  return new NativePackaging(
    {
      closed: (segment) => segments.push(segment),
      lost: (loss) => losses.set(`${loss.afterSequence} ${loss.reason}`, loss),
      progress: (news) => progress.push(news),
      parts: {
        isFollowed: () => isFollowed,
        told: (parts) => told.push({ ...parts, parts: [...parts.parts], readableBytes: sizeOf(parts.sequence) }),
      },
    },
    {
      muxer: new PlainMuxer(),
      tracks: { video: { codec: 'vp9', configuration: new Uint8Array() }, audio: { codec: 'aac', configuration: new Uint8Array() } },
      media: { videoCodec: 'vp9', audioCodec: 'aac', widthPx: 16, heightPx: 16 },
      limits: segmentLimits(1000),
      files: { directory: folder, fileName: segmentFileName, isSynced: false, buffers: new WriteBuffers() },
      ...{ clock: new FlushClock(), logger },
    },
  );
}

/** Of a segment, finished or not. */
function sizeOf(sequence: number): number {
  const path = join(folder, segmentFileName(sequence));
  return statSync(existsSync(path) ? path : unfinishedName(path)).size;
}

/** The picture of this number, with a keyframe each second, and its sound. */
function pictureAndSound(index: number, patch: Partial<EncodedFrame> = {}): void {
  const us = index * FRAME_MS * 1000;
  const picture = {
    track: 'video',
    ptsUs: us,
    dtsUs: us,
    keyframe: index % GOP === 0,
    data: new Uint8Array(PICTURE_BYTES),
    ...patch,
  } as const;
  const sound = { track: 'audio', ptsUs: us, dtsUs: us, keyframe: true, data: new Uint8Array(10) } as const;
  for (const frame of [picture, sound]) {
    packaging.put(frame);
    put[frame.track] += 1;
  }
}
const putAll = (from: number, to: number): void => {
  for (let index = from; index < to; index++) pictureAndSound(index);
};

/** What the publisher counted is what is stored and what is lost. */
function balance(): void {
  const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
  const stored = { video: sum(segments.map(({ frameCount }) => frameCount)), audio: sum(segments.map((one) => one.audioFrameCount)) };
  const lost = [...losses.values()];
  const missing = { video: sum(lost.map(({ videoFrames }) => videoFrames)), audio: sum(lost.map(({ audioFrames }) => audioFrames)) };
  expect({ video: stored.video + missing.video, audio: stored.audio + missing.audio }).toEqual(put);
  expect(lost.filter(({ fromPtsUs, toPtsUs }) => fromPtsUs! > toPtsUs!)).toEqual([]);
}

describe(NativePackaging, () => {
  it('writes as it comes, names a file when it is complete, and counts every frame', async () => {
    putAll(0, 40);
    await until('the open segment to grow', () => readdirSync(folder).includes('000001.ts.tmp') && segments.length === 1);
    putAll(40, 60);
    await packaging.end();
    expect(readdirSync(folder).sort()).toEqual(['000000.ts', '000001.ts', '000002.ts']);
    expect(
      segments.map(({ frameCount, audioFrameCount, ptsStartUs, ptsEndUs }) => [frameCount, audioFrameCount, ptsStartUs, ptsEndUs]),
    ).toEqual([
      [25, 25, 0, 1_000_000],
      [25, 25, 1_000_000, 2_000_000],
      [10, 10, 2_000_000, 2_400_000],
    ]);
    expect(statSync(join(folder, '000000.ts')).size).toBe(segments[0]!.sizeBytes);
    expect(losses.size).toBe(0);
    balance();
    expect(await packaging.done).toEqual({ reason: 'ended' });
    expect(packaging.put({ track: 'video', ptsUs: 0, dtsUs: 0, keyframe: true, data: new Uint8Array(1) })).toBe(false);
  });

  it('tells of parts that can be read, from the segment on that begins after somebody asked', async () => {
    putAll(0, 10);
    isFollowed = true;
    putAll(10, 60);
    await packaging.end();
    expect(told.map(({ sequence, parts, isComplete }) => [sequence, parts.length, isComplete])).toEqual([
      ...[1, 2, 3, 4].map((count) => [1, count, count === 4]),
      ...[1, 2].map((count) => [2, count, count === 2]),
    ]);
    for (const { parts, readableBytes } of told) {
      const { offsetBytes, sizeBytes } = parts.at(-1)!;
      expect(readableBytes).toBeGreaterThanOrEqual(offsetBytes + sizeBytes);
    }
    const bytesOf = (pictures: number): number => pictures * (PICTURE_BYTES + 10);
    expect(told[3]!.parts).toEqual([
      { offsetBytes: 0, sizeBytes: bytesOf(8), durationUs: 320_000, isIndependent: true },
      { offsetBytes: bytesOf(8), sizeBytes: bytesOf(8), durationUs: 320_000, isIndependent: false },
      { offsetBytes: bytesOf(16), sizeBytes: bytesOf(8), durationUs: 320_000, isIndependent: false },
      { offsetBytes: bytesOf(24), sizeBytes: bytesOf(1), durationUs: 40_000, isIndependent: false },
    ]);
    balance();
  });

  it('names what cannot be taken, each for its reason, and what needs a keyframe that was damaged', async () => {
    putAll(0, 30);
    pictureAndSound(31, { dtsUs: 0 });
    pictureAndSound(32, { ptsUs: 600_000_000 });
    pictureAndSound(33, { data: Uint8Array.of(DAMAGED) });
    pictureAndSound(34, { data: new Uint8Array() });
    putAll(35, 50);
    pictureAndSound(50, { data: Uint8Array.of(DAMAGED) });
    putAll(51, 80);
    packaging.lost({ reason: 'codec-unsupported', videoFrames: 0, audioFrames: 3 });
    put.audio += 3;
    await packaging.end();
    balance();
    const byReason = new Map<string, number>();
    for (const { reason, videoFrames } of losses.values()) byReason.set(reason, (byReason.get(reason) ?? 0) + videoFrames);
    expect(Object.fromEntries(byReason)).toEqual({
      ...{ 'clock-jump': 1, 'composition-offset': 1, damaged: 3, 'no-keyframe': 24, 'codec-unsupported': 0 },
    });
    expect(segments.map(({ missingFrames }) => missingFrames)).toEqual([0, 1, 1, 0]);
  });

  it('goes on after the disk failed, keeps what it took before, and names what it did not', async () => {
    putAll(0, 30);
    await until('the open segment', () => readdirSync(folder).includes('000001.ts.tmp'));
    // The next file cannot be made: there is a folder of its name.
    mkdirSync(join(folder, '000002.ts.tmp'));
    putAll(30, 80);
    await until('the failure', () => logger.lines.some(({ message }) => message === 'A segment cannot be written'));
    pictureAndSound(80);
    await until('it to be told', () => progress.at(-1)?.writeFault !== undefined);
    rmSync(join(folder, '000002.ts.tmp'), { recursive: true });
    let index = 81;
    await until('recording to go on', () => {
      putAll(index, (index += GOP));
      return segments.length > 2;
    });
    await packaging.end();
    balance();
    const gap = losses.get('1 packager-failed')!;
    expect(gap).toMatchObject({ fromPtsUs: segments[1]!.ptsEndUs, toPtsUs: segments[2]!.ptsStartUs });
    expect(gap.videoFrames).toBeGreaterThan(30);
    expect(segments.map(({ sequence }) => sequence)).toEqual(segments.map((_, at) => at));
    expect(segments[2]!.keyframePtsUs[0]).toBe(segments[2]!.ptsStartUs);
    expect(await packaging.done).toEqual({ reason: 'ended' });
  });

  it('names all as lost where nothing could ever be written', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'not a folder');
    putAll(0, 60);
    await packaging.end();
    expect(segments).toEqual([]);
    expect([...losses.values()]).toEqual([
      { reason: 'packager-failed', afterSequence: -1, videoFrames: 60, audioFrames: 60, fromPtsUs: 0, toPtsUs: 59 * FRAME_MS * 1000 },
    ]);
    expect(await packaging.done).toEqual({ reason: 'ended' });
  });

  it('makes its folder anew when somebody has removed it', async () => {
    putAll(0, 10);
    await until('the first file', () => readdirSync(folder).length === 1);
    rmSync(folder, { recursive: true });
    let index = 10;
    await until('recording to go on', () => {
      putAll(index, (index += GOP));
      return segments.length > 2;
    });
    await packaging.end();
    balance();
    expect(readdirSync(folder).sort()).toEqual(segments.map(({ fileName }) => fileName));
  });

  it('asks whoever puts more than can be written to wait, and cuts off who does not', async () => {
    pictureAndSound(0);
    const answers: boolean[] = [];
    for (let index = 1; index < 20; index++) {
      const us = index * FRAME_MS * 1000;
      answers.push(packaging.put({ track: 'video', ptsUs: us, dtsUs: us, keyframe: false, data: new Uint8Array(3 * 1024 ** 2) }));
      put.video += answers.at(-1) === false && index > 12 ? 0 : 1;
    }
    expect(answers.slice(0, 2)).toEqual([true, true]);
    expect(answers.at(-1)).toBe(false);
    await packaging.drained();
    expect(await packaging.done).toMatchObject({ reason: 'packager-failed', error: { code: 'VD_MEDIA_PACKAGER_OVERRUN' } });
  });

  it('tells how far each track is, how much of the media came, and how far its clock has run from ours', async () => {
    putAll(0, 100);
    const told = await until('progress', () => progress.at(-1));
    expect(told).toMatchObject({ videoFrames: 100, audioFrames: 100, positionUs: 3_960_000, videoPositionUs: 3_960_000, bytes: 101_000 });
    // Four seconds of media came at once.
    expect(told.driftUs).toBeGreaterThan(3_000_000);
    expect(told.writeFault).toBeUndefined();
  });
});
