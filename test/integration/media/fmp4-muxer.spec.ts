import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ptsUsToTicks } from 'vedette/plugin';
import { Fmp4Muxer } from '../../../src/core/media/mux/fmp4-muxer.js';
import { encodedFrames, type EncodedClip } from '../../support/media/encoded-frames.js';
import { decodedPictures } from '../../support/media/ffmpeg.js';
import { ENCODERS, encodedClip } from '../../support/media/encoders.js';
import { muxSegments, type MuxedSegment } from '../../support/media/muxed-segments.js';

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-fmp4-mux-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(
  name: string,
  { video, audio, frames }: EncodedClip,
): Promise<{ path: string; segments: MuxedSegment[]; init: Buffer }> {
  const muxer = new Fmp4Muxer({ video, audio });
  const segments = muxSegments(muxer, frames);
  const init = Buffer.from(muxer.initialization!);
  const path = join(folder, `${name}.mp4`);
  await writeFile(path, Buffer.concat([init, ...segments.map(({ bytes }) => bytes)]));
  return { path, segments, init };
}

interface Packet {
  readonly codec_type: 'video' | 'audio';
  readonly pts: number;
  readonly dts: number;
  readonly flags: string;
}

async function packetsOf(path: string): Promise<Packet[]> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_packets', path], { maxBuffer: 64 * 1024 ** 2 });
  return (JSON.parse(stdout) as { packets: Packet[] }).packets;
}

/** By the boxes themselves: where each fragment's share of a track begins, and where its durations say that it ends. */
function trackRuns(bytes: Buffer): { id: number; startTicks: number; endTicks: number }[] {
  const runs: { id: number; startTicks: number; endTicks: number }[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const [size, type] = [bytes.readUInt32BE(at), bytes.toString('latin1', at + 4, at + 8)];
    if (type === 'tfhd') runs.push({ id: bytes.readUInt32BE(at + 12), startTicks: 0, endTicks: 0 });
    const last = runs.at(-1);
    if (type === 'tfdt') last!.startTicks = last!.endTicks = Number(bytes.readBigUInt64BE(at + 12));
    if (type === 'trun') {
      for (let i = 0; i < bytes.readUInt32BE(at + 12); i++) last!.endTicks += bytes.readUInt32BE(at + 20 + 16 * i);
    }
    at += type === 'moof' || type === 'traf' ? 8 : size;
  }
  return runs;
}

describe(Fmp4Muxer, () => {
  it.each([
    ['x264 with B-frames and AAC', ENCODERS.h264BFrames, ENCODERS.aac],
    ['x264 with an open GOP and MP3', ENCODERS.h264OpenGop, ENCODERS.mp3],
    ['x265 and AAC', ENCODERS.hevc, ENCODERS.aac],
    ['AV1 and Opus', ENCODERS.av1, ENCODERS.opus],
    ['VP9 and Opus', ENCODERS.vp9, ENCODERS.opus],
  ])('writes %s so that every picture comes out as it went in', async (name, picture, sound) => {
    const source = await encodedClip(folder, name, picture, sound);
    const clip = await encodedFrames(source);
    const { path, segments } = await written('whole', clip);
    const [before, after] = [await decodedPictures(source), await decodedPictures(path)];
    expect(after).toEqual({ checksums: before.checksums, complaints: '' });
    expect(after.checksums).toHaveLength(clip.frames.filter(({ track }) => track === 'video').length);

    const packets = await packetsOf(path);
    const put = segments.flatMap((segment) => segment.frames);
    for (const kind of ['video', 'audio'] as const) {
      const found = packets.filter(({ codec_type }) => codec_type === kind);
      const sent = put.filter(({ track }) => track === kind);
      expect(found).toHaveLength(sent.length);
      const tolerance = kind === 'video' ? 0 : 90;
      found.forEach(({ pts, dts }, i) => {
        expect(Math.abs(pts - ptsUsToTicks(sent[i]!.ptsUs))).toBeLessThanOrEqual(tolerance);
        expect(Math.abs(dts - ptsUsToTicks(sent[i]!.dtsUs))).toBeLessThanOrEqual(tolerance);
      });
      expect(found.map(({ flags }) => flags.startsWith('K'))).toEqual(sent.map(({ keyframe }) => keyframe));
    }
    const runs = trackRuns(Buffer.concat(segments.map(({ bytes }) => bytes)));
    expect(runs.length).toBeGreaterThan(20);
    for (const track of [1, 2]) {
      const own = runs.filter(({ id }) => id === track);
      const seams = own.slice(1).map(({ startTicks }, i) => startTicks - own[i]!.endTicks);
      // Times of sound are rounded to ticks.
      expect(seams.filter((ticks) => Math.abs(ticks) > (track === 1 ? 0 : 1))).toEqual([]);
    }
  });

  it('writes segments that can be decoded alone behind the initialization', async () => {
    const clip = await encodedFrames(await encodedClip(folder, 'alone', ENCODERS.h264BFrames, ENCODERS.aac));
    const { segments, init } = await written('alone-whole', clip);
    expect(segments).toHaveLength(4);
    for (const segment of segments) {
      const path = join(folder, 'one.mp4');
      await writeFile(path, Buffer.concat([init, segment.bytes]));
      const { checksums, complaints } = await decodedPictures(path);
      expect([checksums.length, complaints]).toEqual([segment.frames.filter(({ track }) => track === 'video').length, '']);
    }
  });

  it('writes sound alone', async () => {
    const { audio, frames } = await encodedFrames(await encodedClip(folder, 'sound', ENCODERS.h264BFrames, ENCODERS.opus));
    const sound = frames.filter(({ track }) => track === 'audio');
    const { path } = await written('sound-alone', { audio, frames: sound });
    const packets = await packetsOf(path);
    expect(packets.map(({ codec_type }) => codec_type)).toEqual(sound.map(() => 'audio'));
  });
});
