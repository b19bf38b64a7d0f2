import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ptsUsToTicks, ticksToPtsUs } from 'vedette/plugin';
import { parseAdts } from '../../../src/core/decode/adts.js';
import { demuxSegment, probeSegment } from '../../../src/core/decode/segment/index.js';
import { VideoDecoder } from '../../../src/core/decode/video-decoder.js';
import { Fmp4Muxer } from '../../../src/core/media/mux/fmp4-muxer.js';
import { MpegTsMuxer } from '../../../src/core/media/mux/mpeg-ts-muxer.js';
import { encodedFrames } from '../../support/media/encoded-frames.js';
import { ENCODERS, encodedClip } from '../../support/media/encoders.js';
import { muxSegments } from '../../support/media/muxed-segments.js';
import { seededRandom } from '../../support/seeded-random.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-fmp4-read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function muxed(name: string, picture: readonly string[], sound: readonly string[]) {
  const clip = await encodedFrames(await encodedClip(folder, name, picture, sound));
  const muxer = new Fmp4Muxer(clip);
  const segments = muxSegments(muxer, clip.frames);
  const read = segments.map(({ bytes, frames }) => ({ bytes: Buffer.concat([muxer.initialization!, bytes]), frames }));
  return { clip, segments: read };
}

describe('an fMP4 segment behind its initialization', () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    ['h264', 'aac', ENCODERS.h264BFrames, ENCODERS.aac],
    ['h264', 'mp3', ENCODERS.h264IntraRefresh, ENCODERS.mp3],
    ['hevc', 'aac', ENCODERS.hevc, ENCODERS.aac],
    ['av1', 'opus', ENCODERS.av1, ENCODERS.opus],
    ['vp9', 'opus', ENCODERS.vp9, ENCODERS.opus],
  ])('of %s and %s is read and decoded as it was written', async (videoCodec, audioCodec, picture, sound) => {
    const { segments } = await muxed(`${videoCodec} ${audioCodec}`, picture, sound);
    for (const { bytes, frames } of segments) {
      const pictures = frames.filter(({ track }) => track === 'video');
      const sounds = frames.filter(({ track }) => track === 'audio');
      const { video, audio, continuityErrors } = demuxSegment(bytes);
      expect(continuityErrors).toBe(0);
      expect(video!.units.map(({ ptsTicks, dtsTicks, keyframe }) => [ptsTicks, dtsTicks, keyframe])).toEqual(
        pictures.map(({ ptsUs, dtsUs, keyframe }) => [ptsUsToTicks(ptsUs), ptsUsToTicks(dtsUs), keyframe]),
      );
      expect(audio!.units).toHaveLength(sounds.length);
      const ptsUs = pictures.map((frame) => ticksToPtsUs(ptsUsToTicks(frame.ptsUs)));
      const facts = probeSegment(bytes);
      expect(facts).toMatchObject({ videoCodec, audioCodec, widthPx: 320, heightPx: 180, ptsStartUs: Math.min(...ptsUs) });
      expect([facts.frameCount, facts.audioFrameCount, facts.lastPtsUs]).toEqual([pictures.length, sounds.length, Math.max(...ptsUs)]);

      const decoder = new VideoDecoder(video!.codec);
      const shown = Array.from(decoder.pictures(video!.units, [...video!.units.keys()]), ({ position, damaged, av }) => ({
        ...{ position, damaged },
        size: [av.width, av.height],
      }));
      decoder.close();
      // Pictures that an open GOP shows before its keyframe build on the segment before.
      const led = facts.keyframePtsUs[0] ?? 0;
      const expected = [...pictures.keys()].filter((at) => videoCodec !== 'hevc' || pictures[at]!.ptsUs >= led);
      const positions = shown.map(({ position }) => position).sort((a, b) => a - b);
      if (picture !== ENCODERS.h264IntraRefresh) expect(positions).toEqual(expected);
      else expect(positions).toEqual(expect.arrayContaining(expected.slice(video!.units[0]!.wholeAfter)));
      expect(shown.every(({ size }) => size[0] === 320 && size[1] === 180)).toBe(true);
      if (picture !== ENCODERS.h264IntraRefresh) expect(shown.filter(({ damaged }) => damaged)).toEqual([]);
    }
  });

  it('of H.264 and AAC gives the units that MPEG-TS gives', async () => {
    const { clip, segments } = await muxed('both', ENCODERS.h264BFrames, ENCODERS.aac);
    const transport = muxSegments(new MpegTsMuxer(clip), clip.frames);
    segments.forEach(({ bytes }, i) => {
      const [one, other] = [probeSegment(bytes), probeSegment(transport[i]!.bytes)];
      expect({ ...one, sizeBytes: 0 }).toEqual({ ...other, sizeBytes: 0 });
      const sounds = [bytes, transport[i]!.bytes].map((each) => parseAdts(demuxSegment(each).audio!.units).frames.map(({ data }) => data));
      expect(sounds[0]).toEqual(sounds[1]);
    });
  });

  it('that is cut off has what is whole of it, and says that something is missing', async () => {
    const { segments } = await muxed('cut', ENCODERS.h264BFrames, ENCODERS.aac);
    const { bytes, frames } = segments[1]!;
    const whole = frames.filter(({ track }) => track === 'video').length;
    const facts = probeSegment(bytes.subarray(0, Math.round(bytes.length * 0.7)));
    expect(facts.frameCount).toBeGreaterThan(whole / 3);
    expect(facts.frameCount).toBeLessThan(whole);
    expect(facts.continuityErrors).toBeGreaterThan(0);
  });

  it('throws nothing but coded errors when it is damaged', async () => {
    const { segments } = await muxed('fuzz', ENCODERS.h264BFrames, ENCODERS.aac);
    const { bytes } = segments[0]!;
    const boxes = [...Array(bytes.length - 8).keys()].filter((at) => /^[a-z0-9]{4}$/i.test(bytes.toString('latin1', at, at + 4)));
    const next = seededRandom(13);
    const outcomes = new Set<unknown>();
    for (let round = 0; round < 2000; round++) {
      const damaged = Buffer.from(bytes.subarray(0, next() < 0.3 ? Math.floor(next() * bytes.length) : bytes.length));
      for (let hits = Math.ceil(next() * 8); hits > 0 && damaged.length > 0; hits--) {
        const near = boxes[Math.floor(next() * boxes.length)]! + Math.floor(next() * 40) - 8;
        damaged[Math.max(0, Math.min(near, damaged.length - 1))] = Math.floor(next() * 256);
      }
      try {
        outcomes.add(probeSegment(damaged).frameCount > 0);
        for (const unit of demuxSegment(damaged).video?.units ?? []) expect(unit.data.length).toBeLessThanOrEqual(2 * damaged.length);
      } catch (error) {
        outcomes.add((error as { code?: string }).code);
      }
    }
    outcomes.delete(true);
    outcomes.delete(false);
    expect([...outcomes].every((code) => typeof code === 'string' && code.startsWith('VD_MEDIA_'))).toBe(true);
    expect(outcomes.size).toBeGreaterThan(2);
  });
});
