import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeSegment } from '../../../src/core/decode/segment/index.js';
import { ffmpeg, videoPts } from '../../support/media/ffmpeg.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-size-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('probeSegment on what encoders write', () => {
  it.each([
    ['H.264 whose height is no multiple of 16', '1920x1080', ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'], 'h264'],
    ['H.264 4:4:4 of odd size', '321x181', ['-c:v', 'libx264', '-pix_fmt', 'yuv444p'], 'h264'],
    ['H.264 4:2:2', '322x182', ['-c:v', 'libx264', '-pix_fmt', 'yuv422p'], 'h264'],
    ['H.264 baseline', '176x144', ['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p'], 'h264'],
    ['interlaced H.264', '720x576', ['-c:v', 'libx264', '-flags', '+ilme+ildct', '-pix_fmt', 'yuv420p'], 'h264'],
    [
      'HEVC whose height is no multiple of 8',
      '1280x722',
      ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p'],
      'hevc',
    ],
  ])('reads size, codec and frames of %s', async (_name, size, encoder, codec) => {
    const path = join(folder, `${size}-${codec}.ts`);
    await ffmpeg('-f', 'lavfi', '-i', `testsrc=size=${size}:rate=25:duration=1`, ...encoder, '-preset', 'ultrafast', '-g', '10', path);
    const facts = probeSegment(await readFile(path));
    const [widthPx, heightPx] = size.split('x').map(Number);
    const pts = await videoPts(path);
    expect(facts).toMatchObject({ videoCodec: codec, widthPx, heightPx, frameCount: 25, continuityErrors: 0 });
    expect(facts.keyframePtsUs).toHaveLength(3);
    expect(facts.ptsStartUs).toBe(Math.round((pts[0]! * 100) / 9));
    expect(facts.ptsEndUs - facts.ptsStartUs).toBe(1_000_000);
  });

  it.each([
    [
      'baseline',
      ['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p'],
      { profileIdc: 66, chroma: '4:2:0', bitDepth: 8, frameRateFps: 24 },
    ],
    [
      'high',
      ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-preset', 'medium'],
      { profileIdc: 100, chroma: '4:2:0', bitDepth: 8, frameRateFps: 24 },
    ],
    ['10 bits', ['-c:v', 'libx264', '-pix_fmt', 'yuv420p10le'], { profileIdc: 110, chroma: '4:2:0', bitDepth: 10, frameRateFps: 24 }],
    ['4:2:2', ['-c:v', 'libx264', '-pix_fmt', 'yuv422p'], { profileIdc: 122, chroma: '4:2:2', bitDepth: 8, frameRateFps: 24 }],
    ['4:4:4', ['-c:v', 'libx264', '-pix_fmt', 'yuv444p'], { profileIdc: 244, chroma: '4:4:4', bitDepth: 8, frameRateFps: 24 }],
    ['grey', ['-c:v', 'libx264', '-pix_fmt', 'gray', '-preset', 'medium'], { chroma: '4:0:0', bitDepth: 8, frameRateFps: 24 }],
    [
      'in colours that are named',
      ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-chroma_sample_location', 'left'],
      { frameRateFps: 24 },
    ],
    [
      'HEVC',
      ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p'],
      { profileIdc: 1, chroma: '4:2:0', bitDepth: 8, frameRateFps: null },
    ],
    [
      'HEVC of 10 bits',
      ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p10le'],
      { profileIdc: 2, chroma: '4:2:0', bitDepth: 10 },
    ],
  ])('reads profile, colours and declared frame rate of %s', async (name, encoder, format) => {
    const path = join(folder, `${name.replaceAll(/\W/g, '-')}.ts`);
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=24:duration=1', '-preset', 'ultrafast', ...encoder, path);
    expect(probeSegment(await readFile(path)).format).toMatchObject(format);
  });
});
