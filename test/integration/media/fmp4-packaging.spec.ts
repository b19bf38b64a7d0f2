import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeSegment } from '../../../src/core/decode/segment/index.js';
import { NativePackager } from '../../../src/core/media/packaging/native/native-packager.js';
import type { PackagedSegment } from '../../../src/core/media/packaging/packager.js';
import { readSegment } from '../../../src/core/media/store/read-segment.js';
import { readSegment as segmentReading } from '../../../src/core/media/watcher/segment-reader.js';
import { encodedFrames } from '../../support/media/encoded-frames.js';
import { ENCODERS, encodedClip } from '../../support/media/encoders.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';

let mediaDir: string;
beforeAll(async () => {
  mediaDir = await mkdtemp(join(tmpdir(), 'vd-fmp4-packaging-'));
});
afterAll(() => rm(mediaDir, { recursive: true, force: true }));

async function packaged(name: string, picture: readonly string[], sound: readonly string[], container: 'auto' | 'fmp4' = 'auto') {
  const clip = await encodedFrames(await encodedClip(mediaDir, name, picture, sound));
  const directory = join(mediaDir, 'stream', name);
  await mkdir(directory, { recursive: true });
  const segments: PackagedSegment[] = [];
  const packager = new NativePackager({ segmentDurationMs: 1000, isSynced: false, container }, new SilentLogger());
  const packaging = packager.start({
    ...{ directory, input: { kind: 'frames', video: clip.video, audio: clip.audio } },
    closed: (segment) => segments.push(segment),
  });
  for (const frame of clip.frames) if (!packaging.put(frame)) await packaging.drained();
  await packaging.end();
  return { clip, directory, segments };
}

describe('pushed media that MPEG-TS is not for', () => {
  it.each<[string, readonly string[], readonly string[], 'auto' | 'fmp4']>([
    ['hevc', ENCODERS.hevc, ENCODERS.aac, 'auto'],
    ['av1', ENCODERS.av1, ENCODERS.opus, 'auto'],
    ['vp9', ENCODERS.vp9, ENCODERS.opus, 'auto'],
    ['h264', ENCODERS.h264BFrames, ENCODERS.aac, 'fmp4'],
  ])('%s is written as fMP4 behind one initialization, and read as it was counted', async (name, picture, sound, container) => {
    const { clip, directory, segments } = await packaged(name, picture, sound, container);
    const names = segments.map(({ fileName }) => fileName);
    expect(names).toEqual(['000000.m4s', '000001.m4s', '000002.m4s', '000003.m4s']);
    expect((await readdir(directory)).sort()).toEqual([...names, 'init.mp4']);
    for (const segment of segments) {
      const facts = probeSegment(await readSegment(mediaDir, `stream/${name}/${segment.fileName}`));
      const { frameCount, audioFrameCount, keyframePtsUs } = segment;
      expect(facts).toMatchObject({ videoCodec: name, frameCount, keyframePtsUs, continuityErrors: 0, widthPx: 320, heightPx: 180 });
      expect(facts.audioFrameCount).toBe(audioFrameCount);
      const reading = await segmentReading(directory, segment.fileName, undefined);
      expect(reading).toMatchObject({ facts: { frameCount, sizeBytes: segment.sizeBytes } });
    }
    const written = segments.reduce((sum, { frameCount, audioFrameCount }) => sum + frameCount + audioFrameCount, 0);
    expect(written).toBe(clip.frames.length);
  });

  it('says of a segment that has lost its initialization that it cannot be read', async () => {
    const { directory } = await packaged('lost', ENCODERS.h264BFrames, ENCODERS.aac, 'fmp4');
    await rm(join(directory, 'init.mp4'));
    expect(await segmentReading(directory, '000001.m4s', undefined)).toMatchObject({ unreadable: { code: 'VD_MEDIA_NO_PROGRAM' } });
    await expect(readSegment(mediaDir, 'stream/lost/000001.m4s')).rejects.toMatchObject({ code: 'VD_ANALYSIS_READ_FAILED' });
  });
});
