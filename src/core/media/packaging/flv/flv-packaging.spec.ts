import { beforeEach, describe, expect, it } from 'vitest';
import type { EncodedFrame, FrameLoss } from '../../../plugin-api/index.js';
import type { PackagedLoss, PackagerExit, Packaging } from '../packager.js';
import type { MuxedTracks } from '../segment-muxer.js';
import { FlvPackaging } from './flv-packaging.js';

const [AUDIO, VIDEO, SCRIPT] = [8, 9, 18];
const header = (flags: number): Buffer => Buffer.concat([Buffer.from('FLV'), Buffer.from([1, flags, 0, 0, 0, 9, 0, 0, 0, 0])]);
function tag(type: number, timestampMs: number, data: readonly number[]): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt8(type);
  head.writeUIntBE(data.length, 1, 3);
  head.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
  head.writeUInt8(Math.floor(timestampMs / 2 ** 24) % 256, 7);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(11 + data.length);
  return Buffer.concat([head, Buffer.from(data), length]);
}
const avcHeader = tag(VIDEO, 0, [0x17, 0, 0, 0, 0, 1, 100, 0, 31]);
const aacHeader = tag(AUDIO, 0, [0xaf, 0, 0x12, 0x10]);
const picture = (timestampMs: number, offsetMs = 0, keyframe = false): Buffer => {
  const offset = offsetMs & 0xffffff;
  return tag(VIDEO, timestampMs, [keyframe ? 0x17 : 0x27, 1, offset >> 16, (offset >> 8) & 255, offset & 255, 7]);
};
const sound = (timestampMs: number): Buffer => tag(AUDIO, timestampMs, [0xaf, 1, 9]);

let started: MuxedTracks[];
let frames: EncodedFrame[];
let losses: FrameLoss[];
let early: PackagedLoss[];
let packaging: FlvPackaging;
beforeEach(() => {
  [started, frames, losses, early] = [[], [], [], []];
  const done = Promise.withResolvers<PackagerExit>();
  const inner: Packaging = {
    ...{ handsOver: true, pid: undefined, flowing: Promise.resolve(), done: done.promise },
    write: () => false,
    put: (frame) => frames.push(frame) > 0,
    lost: (loss) => void losses.push(loss),
    drained: () => Promise.resolve(),
    end: async () => done.resolve({ reason: 'ended' }),
  };
  packaging = new FlvPackaging(
    (tracks) => {
      started.push(tracks);
      return inner;
    },
    (loss) => early.push(loss),
  );
});
const write = (...parts: Buffer[]): boolean[] => parts.map((part) => packaging.write(part));
const times = () => frames.map(({ track, dtsUs, ptsUs }) => [track[0], dtsUs / 1000, ptsUs / 1000]);

describe(FlvPackaging, () => {
  it('begins when both tracks are known, and gives every frame with its time, in whatever pieces the file comes', () => {
    const file = Buffer.concat([header(5), tag(SCRIPT, 0, [2]), avcHeader, picture(0, 80, true), aacHeader, sound(5), picture(40, -20)]);
    for (const byte of file) packaging.write(Buffer.from([byte]));
    expect(started).toMatchObject([{ video: { codec: 'h264' }, audio: { codec: 'aac' } }]);
    expect(times()).toEqual([
      ['v', 0, 80],
      ['a', 5, 5],
      ['v', 40, 20],
    ]);
    expect(frames.map(({ keyframe }) => keyframe)).toEqual([true, true, false]);
  });

  it('waits a second of media for a track that is announced, and goes on without it', async () => {
    write(header(5), avcHeader, picture(0, 0, true), picture(960));
    expect(started).toEqual([]);
    write(picture(1000));
    expect(started).toMatchObject([{ video: { codec: 'h264' } }]);
    expect(started[0]).not.toHaveProperty('audio');
    expect(frames).toHaveLength(3);
    await packaging.end();
    expect(await packaging.done).toEqual({ reason: 'ended' });
  });

  it('packages what it held when the file ends before', async () => {
    write(header(5), avcHeader, picture(0, 0, true));
    await packaging.end();
    expect(frames).toHaveLength(1);
  });

  it('counts on where 32 bits of milliseconds wrap, and clamps what encoders round', () => {
    const wrap = 2 ** 32;
    write(header(1), avcHeader, picture(wrap - 40, 0, true), picture(0), picture(40), picture(30));
    expect(times().map(([, dtsMs]) => dtsMs)).toEqual([wrap - 40, wrap, wrap + 40, wrap + 40]);
  });

  it('counts frames of codecs that it does not know', () => {
    write(
      header(5),
      avcHeader,
      tag(AUDIO, 0, [0x62, 1]),
      tag(VIDEO, 0, [0x22, 1]),
      picture(0, 0, true),
      picture(1000),
      tag(AUDIO, 9, [0x62]),
    );
    expect(losses).toEqual([
      { reason: 'codec-unsupported', videoFrames: 0, audioFrames: 1 },
      { reason: 'codec-unsupported', videoFrames: 1, audioFrames: 0 },
      { reason: 'codec-unsupported', videoFrames: 0, audioFrames: 1 },
    ]);
  });

  it('names as lost what came where no track was ever known', async () => {
    write(header(5), picture(0, 0, true), sound(20), tag(AUDIO, 0, [0x62, 1]));
    await packaging.end();
    expect(started).toEqual([]);
    expect(early).toMatchObject([{ reason: 'codec-unsupported', afterSequence: -1, videoFrames: 1, audioFrames: 2 }]);
  });

  it('ends where the format changes: that is another epoch', async () => {
    write(header(1), avcHeader, picture(0, 0, true), avcHeader, picture(40));
    expect(frames).toHaveLength(2);
    expect(write(tag(VIDEO, 80, [0x17, 0, 0, 0, 0, 1, 66, 0, 31]), picture(80))).toEqual([false, false]);
    expect(await packaging.done).toMatchObject({ reason: 'packager-failed', error: { code: 'VD_MEDIA_INPUT_REFUSED' } });
  });

  it.each([
    ['no FLV', Buffer.from('RIFF and so on, long enough')],
    ['a header of another length', Buffer.concat([Buffer.from('FLV'), Buffer.from([1, 5, 0, 0, 1, 9, 0, 0, 0, 0])])],
    ['an encrypted tag', Buffer.concat([header(1), tag(0x29, 0, [1, 2, 3])])],
  ])('refuses %s', async (_, bytes) => {
    expect(packaging.write(bytes)).toBe(false);
    expect(await packaging.done).toMatchObject({ reason: 'packager-failed', error: { code: 'VD_MEDIA_INPUT_REFUSED' } });
  });

  it('takes tags without content, and of kinds that it does not know', () => {
    expect(
      write(header(5), tag(VIDEO, 0, []), tag(AUDIO, 0, []), tag(VIDEO, 0, [0x17, 0]), tag(7, 0, [1]), tag(VIDEO, 0, [0x57, 0])),
    ).toEqual(Array<boolean>(6).fill(true));
  });
});
