import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlaylist } from '../../../../test/support/media/hls-conformance.js';
import { vedetteConfigSchema } from '../../config/schema.js';
import { EpochFolder } from '../../media/epoch-folder.js';
import type { SegmentParts } from '../../persistence/notify/segment-parts.js';
import { LowLatency } from './low-latency.js';
import { livePlaylist } from './playlist.js';

const STREAM = '00000000-0000-4000-8000-000000000001';
const EPOCH = '00000000-0000-4000-8000-000000000002';
const SEGMENT_US = 2_000_000;
const parts = (sequence: number, count: number): SegmentParts => ({
  ...{ sequence, isComplete: count === 7 },
  parts: Array.from({ length: count }, (_, i) => ({
    ...{ offsetBytes: i * 10, sizeBytes: 10, durationUs: i === 6 ? 80_000 : 320_000, isIndependent: i === 0 },
  })),
});

let mediaDir: string;
let lowLatency: LowLatency;
let segments: number;
let known: Map<number, SegmentParts>;
let followed: string[];
let ring: (streamId: string) => void;
/** Three of these are waited for. */
let targetSeconds: number;
beforeEach(async () => {
  mediaDir = await mkdtemp(join(tmpdir(), 'vd-low-latency-'));
  await new EpochFolder(mediaDir, STREAM, EPOCH).create({ epochId: EPOCH, streamId: STREAM, startedAtMs: 0, announcesParts: true });
  [segments, known, followed, targetSeconds] = [3, new Map(), [], 2];
  lowLatency = begin(true);
});
afterEach(() => rm(mediaDir, { recursive: true, force: true }));

function begin(isOn: boolean): LowLatency {
  const { packaging } = vedetteConfigSchema.parse({ packaging: { lowLatency: isOn } });
  const snapshot = () => {
    const epoch = {
      ...{ epochId: EPOCH, open: true, startedAtMs: 0, ptsOriginUs: 0, firstMediaSequence: 10, isCut: false, discontinuity: 0 },
      isFragmented: false,
      segments: Array.from({ length: segments }, (_, sequence) => ({
        ...{ sequence, ptsStartUs: sequence * SEGMENT_US, durationUs: SEGMENT_US, gap: false, independent: true },
      })),
    };
    const window = { ended: false, epochs: [epoch] };
    return { text: livePlaylist(window, targetSeconds), window, targetSeconds };
  };
  const made = new LowLatency(
    { live: async () => snapshot().text, liveSnapshot: async () => snapshot(), listen: () => () => undefined },
    {
      follow: (epochId) => void followed.push(epochId),
      of: (_, sequence) => known.get(sequence),
      newestSequence: () => [...known.keys()].at(-1),
      longestUs: () => 320_000,
      listen: (listener) => {
        ring = listener;
        return () => undefined;
      },
    },
    { mediaDir, packaging },
  );
  made.onModuleInit();
  return made;
}

/** @returns what the playlist ends with: its segments, and the parts after them */
async function asked(mediaSequence: number, part?: number): Promise<readonly [number, number]> {
  const playlist = readPlaylist(await lowLatency.playlist(STREAM, { mediaSequence, part }));
  const last = playlist.lowLatency?.segments.at(-1);
  return [playlist.segments.length, last?.durationSeconds === null ? last.parts.length : 0];
}

describe(LowLatency, () => {
  it('says so in a playlist that nobody waits with, and follows nothing for that', async () => {
    const { lowLatency: said } = readPlaylist(await lowLatency.playlist(STREAM));
    expect([said?.canBlockReload, said?.partTargetSeconds, said?.partHoldBackSeconds]).toEqual([true, 0.35, 1.05]);
    expect(followed).toEqual([]);
  });

  it('waits for a segment, and for a part of the next one', async () => {
    const [segment, part] = [asked(13), asked(13, 1)];
    known.set(3, parts(3, 2));
    ring(STREAM);
    expect(await part).toEqual([3, 2]);
    segments = 4;
    ring(STREAM);
    expect(await segment).toEqual([4, 0]);
    expect(followed).toContain(EPOCH);
  });

  it('takes a part behind the last one of its segment for the first of the next', async () => {
    known.set(2, parts(2, 7));
    const behind = asked(12, 7);
    known.set(3, parts(3, 1));
    ring(STREAM);
    expect(await behind).toEqual([3, 1]);
    expect(await asked(12, 6)).toEqual([3, 1]);
  });

  it('refuses what lies too far ahead, and gives up after three target durations', async () => {
    await expect(asked(15)).rejects.toMatchObject({ code: 'VD_API_PLAYLIST_AHEAD' });
    known.set(3, parts(3, 2));
    await expect(asked(13, 11)).rejects.toMatchObject({ code: 'VD_API_PLAYLIST_AHEAD' });
    targetSeconds = 0.01;
    await expect(lowLatency.playlist(STREAM, { mediaSequence: 13, part: 2 })).rejects.toMatchObject({ code: 'VD_API_PLAYLIST_LATE' });
  });

  it('leaves playlists as they are where it is off, or where the media is written elsewhere', async () => {
    const plain = await begin(false).playlist(STREAM, { mediaSequence: 99, part: undefined });
    await rm(join(mediaDir, '.open'), { recursive: true });
    expect([plain.includes('EXT-X-PART'), await lowLatency.playlist(STREAM, { mediaSequence: 99, part: 0 })]).toEqual([false, plain]);
    expect(followed).toEqual([]);
  });
});
