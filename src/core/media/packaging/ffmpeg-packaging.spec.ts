import { describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { FfmpegPackaging } from './ffmpeg-packaging.js';

describe(FfmpegPackaging, () => {
  it.each([
    ['EAGAIN', 'VD_MEDIA_LIMIT_REACHED', 'ulimit -u'],
    ['EMFILE', 'VD_MEDIA_LIMIT_REACHED', 'ulimit -n'],
    ['ENOENT', 'VD_MEDIA_FFMPEG_MISSING', 'spawn ffmpeg'],
  ])('tells a limit that is used up from a program that is not there (%s)', async (errno, code, names) => {
    const refuse = (): never => {
      throw Object.assign(new Error(`spawn ffmpeg ${errno}`), { code: errno });
    };
    const { done } = new FfmpegPackaging(refuse, new SilentLogger());
    const message = expect.stringContaining(names) as unknown;
    expect(await done).toMatchObject({ reason: 'packager-failed', error: { code, message } });
  });
});
