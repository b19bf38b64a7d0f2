import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EpochOpening, PackagerInput, SourceContext } from 'vedette/plugin';
import { webcamConfigSchema, type WebcamConfigInput } from './config.js';
import { packagerInput, probeDeviceFile, WebcamSource } from './webcam-source.js';

const { signal } = new AbortController();
const config = (input: WebcamConfigInput) => webcamConfigSchema.parse(input);
const ffmpegInput = (input: WebcamConfigInput) => packagerInput(config(input)) as Extract<PackagerInput, { kind: 'ffmpeg' }>;

class FakeContext implements SourceContext {
  readonly silenceTimeoutMs = 3000;
  readonly streamId = 'stream';
  readonly streamName = 'cam';
  readonly logger = { debug() {}, info() {}, warn() {}, error() {} };
  readonly openings: EpochOpening[] = [];
  readonly ended: string[] = [];
  report(): void {}
  lost(): void {}
  async takenFiles() {
    return { has: () => false, last: undefined };
  }
  async openEpoch(opening: EpochOpening) {
    this.openings.push(opening);
    const done = Promise.withResolvers<{ reason: string }>();
    const end = async (reason: string) => {
      this.ended.push(reason);
      done.resolve({ reason });
    };
    const take = async () => ({ kind: 'ended' }) as const;
    const nothing = { write: () => false, put: () => false, take, lost: () => undefined };
    return { epochId: 'epoch', ...nothing, drained: async () => undefined, end, done: done.promise };
  }
}

describe('WebcamSource', () => {
  it('gives ffmpeg each kind of device in its own form, encoded, without sound', () => {
    expect(ffmpegInput({ format: 'v4l2', device: '/dev/video1', size: '640x480', fps: 30 })).toMatchObject({
      format: 'v4l2',
      url: '/dev/video1',
      protocols: [],
      inputOptions: expect.arrayContaining(['-framerate', '30', '-video_size', '640x480']),
      video: { encode: 'h264', bitrateKbps: 1500, gopSeconds: 2 },
      audio: 'none',
    });
    expect(ffmpegInput({ format: 'avfoundation', device: '0' }).url).toBe('0:none');
    expect(ffmpegInput({ format: 'dshow', device: 'Integrated Camera' }).url).toBe('video=Integrated Camera');
    expect(ffmpegInput({ format: 'lavfi', device: 'testsrc' })).toMatchObject({
      url: 'testsrc=size=960x540:rate=25',
      inputOptions: ['-re'],
    });
  });

  it.each([
    [{ format: 'v4l2', device: '/dev/video1', pixelFormat: 'mjpeg' }, ['-input_format', 'mjpeg']],
    [{ format: 'avfoundation', device: '0', pixelFormat: 'nv12' }, ['-pixel_format', 'nv12']],
    [{ format: 'dshow', device: 'Camera', pixelFormat: 'mjpeg' }, ['-vcodec', 'mjpeg']],
    [{ format: 'dshow', device: 'Camera', pixelFormat: 'yuyv422' }, ['-pixel_format', 'yuyv422']],
  ] as const)('asks for the pixel format of %j in the words of its system', (input, options) => {
    expect(ffmpegInput(input).inputOptions?.slice(4, 6)).toEqual(options);
  });

  it('says that a device is missing, before anything starts', async () => {
    const probing = new WebcamSource('linux').probe(config({ format: 'v4l2', device: '/dev/video987' }), signal);
    await expect(probing).rejects.toMatchObject({ code: 'VD_WEBCAM_DEVICE_MISSING', fix: expect.stringContaining('vedette sources list') });
  });

  it('tells a file from a device', async () => {
    await expect(probeDeviceFile(fileURLToPath(import.meta.url))).rejects.toMatchObject({ code: 'VD_WEBCAM_NOT_A_DEVICE' });
    await expect(probeDeviceFile('/dev/null')).resolves.toBeUndefined();
  });

  // Root may open everything, and /dev/console is there for root only.
  it.skipIf(process.platform !== 'linux' || process.getuid?.() === 0)('says that a device may not be read by this user', async () => {
    await expect(probeDeviceFile('/dev/console')).rejects.toMatchObject({ code: 'VD_WEBCAM_DEVICE_DENIED', retryable: true });
  });

  it('says that a device format belongs to another system', async () => {
    const probing = new WebcamSource('linux').probe(config({ format: 'dshow', device: 'Integrated Camera' }), signal);
    await expect(probing).rejects.toMatchObject({ code: 'VD_WEBCAM_PLATFORM' });
  });

  it('needs no device for a made picture', async () => {
    await expect(new WebcamSource('sunos').probe(config({ format: 'lavfi', device: 'demo' }), signal)).resolves.toBeUndefined();
  });

  it('opens one epoch and ends it when stopped', async () => {
    const context = new FakeContext();
    const source = new WebcamSource('linux', () => 1234);
    const running = await source.open(config({ format: 'lavfi', device: 'demo' }), context, new AbortController().signal);
    expect(context.openings).toMatchObject([{ startedAtMs: 1234, input: { kind: 'ffmpeg', format: 'lavfi' } }]);
    await running.stop('stream-disabled');
    expect(await running.done).toEqual({ reason: 'stream-disabled' });
  });

  it('ends at once what was opened after it was told to stop', async () => {
    const context = new FakeContext();
    const stop = new AbortController();
    stop.abort();
    const running = await new WebcamSource().open(config({ format: 'lavfi', device: 'demo' }), context, stop.signal);
    expect(await running.done).toEqual({ reason: 'aborted' });
  });
});
