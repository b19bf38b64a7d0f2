import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Confinement } from '../../children/confinement.js';
import { ExportFfmpeg, type FfmpegRun } from './export-ffmpeg.js';

const ffmpeg = (path = 'ffmpeg'): ExportFfmpeg => new ExportFfmpeg(path, () => Promise.resolve(Confinement.NONE));
const run = (given: Partial<FfmpegRun>): FfmpegRun => ({
  ...{ args: ['-f', 'mpegts', '-i', 'pipe:0', '-f', 'null', '-'], folder: tmpdir(), fileBytes: 1e6, signal: new AbortController().signal },
  ...given,
});
async function* bytes(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe(ExportFfmpeg.name, () => {
  it('gives what was written', async () => {
    const args = ['-f', 'lavfi', '-i', 'color=red:size=16x16:duration=0.1:rate=10', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
    expect((await ffmpeg().run(run({ args, isCaptured: true }))).length).toBe(16 * 16 * 3);
  });

  it('says why it failed, or that it is not there', async () => {
    const failed = expect.objectContaining({
      code: 'VD_CLIP_FFMPEG_FAILED',
      message: expect.stringMatching(/code \d+; it said: .*pipe:0/s),
    });
    await expect(ffmpeg().run(run({ source: bytes('no', 'video') }))).rejects.toEqual(failed);
    const absent = expect.objectContaining({ code: 'VD_CLIP_FFMPEG_FAILED', message: expect.stringContaining('could not be started') });
    await expect(ffmpeg('/no/such/program').run(run({ source: bytes('x') }))).rejects.toEqual(absent);
  });

  it('reads nothing but what it is given', async () => {
    const args = ['-protocol_whitelist', 'pipe', '-f', 'mpegts', '-i', 'file:/etc/hostname', '-f', 'null', '-'];
    await expect(ffmpeg().run(run({ args }))).rejects.toMatchObject({ message: expect.stringContaining('not on whitelist') });
  });

  it('ends with whoever wanted it, and with what it reads', async () => {
    const called = new AbortController();
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        called.abort(new Error('called off'));
        yield Buffer.alloc(188);
      }
    };
    await expect(ffmpeg().run(run({ source: endless(), signal: called.signal }))).rejects.toThrow('called off');
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(188);
      throw new Error('the disk is gone');
    };
    await expect(ffmpeg().run(run({ source: broken() }))).rejects.toThrow('the disk is gone');
  });
});
