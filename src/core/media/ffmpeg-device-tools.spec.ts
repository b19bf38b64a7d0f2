import { describe, expect, it } from 'vitest';
import { FfmpegDeviceTools } from './ffmpeg-device-tools.js';

const { signal } = new AbortController();

describe('FfmpegDeviceTools', () => {
  it('gives what ffmpeg says, which fails on the way', async () => {
    const said = await new FfmpegDeviceTools().askFfmpeg(['-f', 'lavfi', '-i', 'nosuchfilter'], signal);
    expect(said).toContain('nosuchfilter');
  });

  it('tells a missing program by its code', async () => {
    const asking = new FfmpegDeviceTools('/nowhere/ffmpeg').askFfmpeg([], signal);
    await expect(asking).rejects.toMatchObject({ code: 'VD_MEDIA_FFMPEG_MISSING' });
  });

  it('asks nothing for somebody who has left', async () => {
    const asking = new FfmpegDeviceTools().askFfmpeg([], AbortSignal.abort(new Error('left')));
    await expect(asking).rejects.toThrow('left');
  });
});
