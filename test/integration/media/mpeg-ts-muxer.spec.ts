import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ptsUsToTicks, type EncodedFrame } from 'vedette/plugin';
import { parseAdts } from '../../../src/core/decode/adts.js';
import { demuxSegment, probeSegment } from '../../../src/core/decode/segment/index.js';
import { MpegTsMuxer } from '../../../src/core/media/mux/mpeg-ts-muxer.js';
import { encodedFrames } from '../../support/media/encoded-frames.js';
import { ENCODERS, encodedClip } from '../../support/media/encoders.js';
import { decodedPictures } from '../../support/media/ffmpeg.js';
import { muxSegments } from '../../support/media/muxed-segments.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-ts-mux-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pictures = (frames: readonly EncodedFrame[]): readonly EncodedFrame[] => frames.filter(({ track }) => track === 'video');
const sorted = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);

describe(MpegTsMuxer, () => {
  it.each([
    ['x264 with B-frames', ENCODERS.h264BFrames, ENCODERS.aac, true],
    ['x264 with several slices', ENCODERS.h264Slices, ENCODERS.aac, true],
    ['x264 with an open GOP', ENCODERS.h264OpenGop, ENCODERS.aac, false],
    ['x264 with intra refresh', ENCODERS.h264IntraRefresh, ENCODERS.aac, false],
    ['x264 with MP3', ENCODERS.h264BFrames, ENCODERS.mp3, true],
    ['x265', ENCODERS.hevc, ENCODERS.aac, false],
  ])('writes %s so that every picture comes out as it went in', async (name, picture, track, isClosed) => {
    const source = await encodedClip(folder, name, picture, track);
    const { video, audio, frames } = await encodedFrames(source);
    const segments = muxSegments(new MpegTsMuxer({ video, audio }), frames);
    expect(segments.length).toBeGreaterThanOrEqual(name.includes('refresh') ? 2 : 4);

    const whole = join(folder, 'whole.ts');
    await writeFile(whole, Buffer.concat(segments.map(({ bytes }) => bytes)));
    const [before, after] = [await decodedPictures(source), await decodedPictures(whole)];
    expect(after).toEqual({ checksums: before.checksums, complaints: '' });
    expect(after.checksums).toHaveLength(100);

    for (const segment of segments) {
      const facts = probeSegment(segment.bytes);
      const shown = pictures(segment.frames);
      expect(facts).toMatchObject({ frameCount: shown.length, widthPx: 320, heightPx: 180, continuityErrors: 0 });
      const units = demuxSegment(segment.bytes).video!.units;
      expect(units.map(({ ptsTicks }) => ptsTicks)).toEqual(shown.map(({ ptsUs }) => ptsUsToTicks(ptsUs)));
      expect(units.map(({ dtsTicks }) => dtsTicks)).toEqual(shown.map(({ dtsUs }) => ptsUsToTicks(dtsUs)));
      expect(units.map(({ keyframe }) => keyframe)).toEqual(shown.map(({ keyframe }) => keyframe));
      expect(units.some(({ broken }) => broken)).toBe(false);
      const alone = join(folder, 'alone.ts');
      await writeFile(alone, segment.bytes);
      const { checksums, complaints } = await decodedPictures(alone);
      if (isClosed) expect([checksums.length, complaints]).toEqual([shown.length, '']);
      else expect(checksums.length).toBeGreaterThan(0);
    }
  });

  it('keeps the time of each frame of sound within what a publisher rounds', async () => {
    const { video, audio, frames } = await encodedFrames(await encodedClip(folder, 'sound', ENCODERS.h264BFrames, ENCODERS.aac));
    const sound = frames.filter(({ track }) => track === 'audio');
    for (const tracks of [{ video, audio }, { audio }]) {
      const segments = muxSegments(new MpegTsMuxer(tracks), tracks.video === undefined ? sound : frames);
      const units = segments.flatMap(({ bytes }) => demuxSegment(bytes).audio!.units);
      const found = segments.flatMap(({ bytes }) => parseAdts(demuxSegment(bytes).audio!.units).frames);
      const put = segments.flatMap((segment) => segment.frames.filter(({ track }) => track === 'audio'));
      expect(found).toHaveLength(put.length);
      expect(found.map(({ data }) => data.subarray(7))).toEqual(put.map(({ data }) => data));
      const off = found.map(({ ptsTicks }, i) => Math.abs(ptsTicks - ptsUsToTicks(put[i]!.ptsUs)));
      expect(Math.max(...off)).toBeLessThanOrEqual(90);
      expect(units.length).toBeLessThan(put.length / 3);
      expect(segments.every(({ bytes }) => probeSegment(bytes).continuityErrors === 0)).toBe(true);
    }
  });

  it('goes on where the clock wraps', async () => {
    const { video, audio, frames } = await encodedFrames(await encodedClip(folder, 'wrap', ENCODERS.h264BFrames, ENCODERS.aac));
    const shiftUs = Math.round((2 ** 33 / 90) * 1000) - 3_000_000;
    const late = frames.map((frame) => ({ ...frame, ptsUs: frame.ptsUs + shiftUs, dtsUs: frame.dtsUs + shiftUs }));
    let nearUs = late[0]!.ptsUs;
    for (const segment of muxSegments(new MpegTsMuxer({ video, audio }), late)) {
      const facts = probeSegment(segment.bytes, nearUs);
      const shown = sorted(pictures(segment.frames).map(({ ptsUs }) => ptsUs));
      expect(Math.abs(facts.ptsStartUs - shown[0]!)).toBeLessThanOrEqual(12);
      expect(facts.frameCount).toBe(shown.length);
      nearUs = facts.ptsEndUs;
    }
    expect(nearUs).toBeGreaterThan((2 ** 33 / 90) * 1000);
  });

  it('counts packets on over segments', async () => {
    const { video, audio, frames } = await encodedFrames(await encodedClip(folder, 'counters', ENCODERS.h264BFrames, ENCODERS.aac));
    const segments = muxSegments(new MpegTsMuxer({ video, audio }), frames);
    const last = new Map<number, number>();
    const whole = Buffer.concat(segments.map(({ bytes }) => bytes));
    expect(whole.length % 188).toBe(0);
    for (let at = 0; at < whole.length; at += 188) {
      const pid = whole.readUInt16BE(at + 1) & 0x1fff;
      const counter = whole[at + 3]! & 0x0f;
      if (last.has(pid)) expect(counter).toBe((last.get(pid)! + 1) & 0x0f);
      last.set(pid, counter);
    }
    expect([...last.keys()].sort((a, b) => a - b)).toEqual([0, 0x100, 0x101, 0x1000]);
  });
});
