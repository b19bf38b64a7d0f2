import { describe, expect, it } from 'vitest';
import type { EpochHandle } from 'vedette/plugin';
import { FakeSourceContext } from 'vedette/testing';
import { browserConfigSchema } from '../config.js';
import type { Container } from '../mime-types.js';
import { cluster, H264, head, OPUS, simpleBlock, VP8, type WrittenTrack } from '../testing/matroska-writer.js';
import { CameraMedia } from './camera-media.js';

const config = browserConfigSchema.parse({});
const picture = (byte: number): Buffer => Buffer.alloc(40, byte);

function cameraOf(container: Container = 'matroska') {
  const context = new FakeSourceContext();
  const opened: EpochHandle[] = [];
  const media = new CameraMedia({
    ...{ context, config, container, startedAtMs: 1234, remote: '192.0.2.7' },
    opened: (epoch) => opened.push(epoch),
  });
  return { context, media, opened };
}
const recording = (...tracks: WrittenTrack[]): Buffer =>
  Buffer.concat([
    head(...tracks),
    cluster(0),
    simpleBlock(2, 0, true, picture(1)),
    simpleBlock(1, 3, true, Buffer.from('sound')),
    simpleBlock(2, 50, false, picture(2)),
  ]);

describe('CameraMedia', () => {
  it('takes H.264 in Matroska apart, and counts each frame', async () => {
    const { context, media, opened } = cameraOf();
    const bytes = recording(OPUS, H264);
    await media.take(bytes.subarray(0, 60));
    expect(context.epochs).toEqual([]);
    await media.take(bytes.subarray(60));
    const [epoch] = context.epochs;
    expect(epoch!.opening).toMatchObject({
      startedAtMs: 1234,
      remote: '192.0.2.7',
      input: { kind: 'frames', video: { codec: 'h264', configuration: H264.configuration }, audio: { codec: 'opus' } },
    });
    expect(opened).toHaveLength(1);
    expect(epoch!.frames.map(({ track, dtsUs, ptsUs, keyframe }) => [track, dtsUs, ptsUs, keyframe])).toEqual([
      ['video', 0, 0, true],
      ['audio', 3000, 3000, true],
      ['video', 50_000, 50_000, false],
    ]);
    expect(media.figures).toEqual({ bytes: bytes.length, videoFrames: 2, audioFrames: 1 });
  });

  describe('takes H.264 of Chromium, whose keyframes say themselves how they are decoded', () => {
    const annexB = (...units: string[]): Buffer => Buffer.from(units.map((unit) => `00000001${unit}`).join(''), 'hex');
    const [SPS, OTHER_SPS, PPS] = ['6742c01fda', '6742c01fdb', '68ce3c80'];
    const start = Buffer.concat([head(OPUS, { number: 2, type: 'video', codec: 'V_MPEG4/ISO/AVC' }), cluster(0)]);
    const key = (ticks: number, sps = SPS): Buffer => simpleBlock(2, ticks, true, annexB(sps, PPS, '6588'));

    it('from the first of them on, with the sound that came before', async () => {
      const { context, media } = cameraOf();
      await media.take(Buffer.concat([start, simpleBlock(1, 0, true, Buffer.from('sound'))]));
      expect(context.epochs).toEqual([]);
      await media.take(Buffer.concat([key(12), simpleBlock(2, 62, false, annexB('419a'))]));
      const [epoch] = context.epochs;
      expect(epoch!.opening.input).toMatchObject({ kind: 'frames', audio: { codec: 'opus' } });
      const configuration = Buffer.from(`0142c01fffe10005${SPS}010004${PPS}`, 'hex');
      expect(epoch!.opening.input).toMatchObject({ video: { codec: 'h264', configuration } });
      expect(epoch!.frames.map(({ track, ptsUs, data }) => [track, ptsUs, Buffer.from(data).toString('hex')])).toEqual([
        ['audio', 0, Buffer.from('sound').toString('hex')],
        ['video', 12_000, `00000005${SPS}00000004${PPS}000000026588`],
        ['video', 62_000, '00000002419a'],
      ]);
    });

    it('into another epoch when their format changes', async () => {
      const { context, media, opened } = cameraOf();
      await media.take(Buffer.concat([start, key(0), key(2000), key(4000, OTHER_SPS)]));
      expect(context.epochs.map(({ endReason, frames }) => [endReason, frames.length])).toEqual([
        ['video format changed', 2],
        [undefined, 1],
      ]);
      expect(context.epochs.map(({ opening }) => opening.startedAtMs)).toEqual([1234, 5234]);
      expect(media.epoch).toBe(opened[1]);
      await media.end('done');
      expect(context.epochs[1]!.endReason).toBe('done');
    });

    it('and nothing that begins in another way', async () => {
      const refused = (block: Buffer) => expect(cameraOf().media.take(Buffer.concat([start, block]))).rejects;
      await refused(simpleBlock(2, 0, false, annexB('419a'))).toThrow(/do not begin with a keyframe/);
      await refused(simpleBlock(2, 0, true, annexB('6588'))).toThrow(/do not begin with a keyframe/);
      await refused(simpleBlock(2, 0, true, picture(9))).toThrow(/do not say how they are decoded/);
      const sounds = Array.from({ length: 600 }, (_, i) => simpleBlock(1, i, true, Buffer.from('s')));
      await refused(Buffer.concat(sounds)).toThrow(/its sound has no picture/);
    });
  });

  it('tells of frames that have no place in time', async () => {
    const { context, media } = cameraOf();
    await media.take(Buffer.concat([recording(OPUS, H264), simpleBlock(2, 20, false, picture(3)), simpleBlock(1, 1, true, picture(3))]));
    expect(context.epochs[0]!.frames).toHaveLength(3);
    expect(context.epochs[0]!.losses).toEqual([
      { reason: 'clock-jump', videoFrames: 1, audioFrames: 0, fromPtsUs: 20_000, toPtsUs: 20_000 },
      { reason: 'clock-jump', videoFrames: 0, audioFrames: 1, fromPtsUs: 1000, toPtsUs: 1000 },
    ]);
    expect(media.figures).toMatchObject({ videoFrames: 3, audioFrames: 2 });
  });

  it('goes on without sound', async () => {
    const { context, media } = cameraOf();
    await media.take(head(H264));
    expect(context.epochs[0]!.opening.input).not.toHaveProperty('audio');
  });

  it.each([
    ['VP8', [VP8], { encode: 'h264', bitrateKbps: 2500, gopSeconds: 2 }, 'none'],
    ['VP8 with sound', [{ ...VP8, number: 2 }, OPUS], { encode: 'h264' }, { encode: 'aac', bitrateKbps: 96 }],
    ['H.264 whose sound does not say how it is decoded', [H264, { number: 1, type: 'audio', codec: 'A_AAC' }], 'copy', 'copy'],
  ] as const)('hands %s on to ffmpeg as it came, from its first byte', async (_, tracks, video, audio) => {
    const { context, media } = cameraOf();
    const bytes = Buffer.concat([head(...(tracks as readonly WrittenTrack[])), cluster(0), simpleBlock(2, 0, true, picture(1))]);
    for (let at = 0; at < bytes.length; at += 17) await media.take(bytes.subarray(at, at + 17));
    const [epoch] = context.epochs;
    expect(epoch!.opening.input).toMatchObject({ kind: 'container', format: 'matroska', video, audio });
    expect(Buffer.concat(epoch!.written).equals(bytes)).toBe(true);
    expect(media.figures).toEqual({ bytes: bytes.length });
  });

  it('refuses what has no picture, or one that nobody knows', async () => {
    await expect(cameraOf().media.take(head(OPUS))).rejects.toMatchObject({ code: 'VD_BROWSER_NO_PICTURE' });
    const odd = { ...VP8, codec: 'V_MS/VFW/FOURCC' };
    await expect(cameraOf().media.take(head(odd))).rejects.toMatchObject({ code: 'VD_BROWSER_CODEC_UNKNOWN' });
    const oddSound = { ...OPUS, codec: 'A_PCM/INT/LIT' };
    await expect(cameraOf().media.take(head(H264, oddSound))).rejects.toMatchObject({ code: 'VD_BROWSER_CODEC_UNKNOWN' });
  });

  it('refuses what does not say what it is', async () => {
    const { context, media } = cameraOf();
    await media.take(head(H264).subarray(0, 40));
    // Elements that may be skipped, without end.
    const skipped = Buffer.concat([Buffer.from('ec', 'hex'), Buffer.from('01000000000fffff', 'hex'), Buffer.alloc(300_000)]);
    await expect(media.take(skipped)).rejects.toMatchObject({ code: 'VD_BROWSER_MEDIA_UNREADABLE' });
    expect(context.epochs).toEqual([]);
    await media.end('refused');
  });
});
