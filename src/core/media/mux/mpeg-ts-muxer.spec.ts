import { describe, expect, it } from 'vitest';
import type { EncodedFrame, PushedVideoTrack } from '../../plugin-api/index.js';
import { seededRandom } from '../../../../test/support/seeded-random.js';
import { demuxSegment } from '../../decode/segment/index.js';
import { AVC_CONFIGURATION } from '../../decode/codec/testing/configurations.js';
import { MpegTsMuxer } from './mpeg-ts-muxer.js';

const IDR = [0x65, 0x88, 0x84];
const P = [0x41, 0x9a, 0x21];
const RECOVERY = [0x06, 0x06, 0x01, 0xc4, 0x80];
const DELIMITER = [0x09, 0x10];

/** AVC whose lengths have so many bytes. */
function avc(lengthBytes: number): PushedVideoTrack {
  const configuration = Buffer.from(AVC_CONFIGURATION);
  configuration[4] = 0xfc | (lengthBytes - 1);
  return { codec: 'h264', configuration };
}

function picture(units: readonly (readonly number[])[], lengthBytes = 4): Buffer {
  return Buffer.concat(
    units.map((unit) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(unit.length);
      return Buffer.concat([length.subarray(4 - lengthBytes), Buffer.from(unit)]);
    }),
  );
}

const video = (data: Uint8Array, dtsUs = 0, keyframe = false): EncodedFrame => ({ track: 'video', dtsUs, ptsUs: dtsUs, keyframe, data });
const sound = (data: Uint8Array, dtsUs = 0): EncodedFrame => ({ track: 'audio', dtsUs, ptsUs: dtsUs, keyframe: true, data });
const AAC_STEREO_48K = { codec: 'aac', configuration: Buffer.from([0x11, 0x90]) } as const;

/** NAL unit types of each picture in what the muxer wrote. */
function written(muxer: MpegTsMuxer): number[][] {
  const units = demuxSegment(Buffer.from(muxer.take())).video?.units ?? [];
  return units.map(({ data }) => {
    const types: number[] = [];
    for (let at = data.indexOf('000001', 0, 'hex'); at !== -1; at = data.indexOf('000001', at + 3, 'hex')) types.push(data[at + 3]! & 0x1f);
    return types;
  });
}

describe(MpegTsMuxer, () => {
  it.each([1, 2, 3, 4])('reads lengths of %i bytes, and puts parameter sets before each picture that one can start at', (lengthBytes) => {
    const muxer = new MpegTsMuxer({ video: avc(lengthBytes) });
    muxer.beginSegment();
    const pictures = [[IDR], [P, P], [DELIMITER, [], RECOVERY, P], [P]];
    pictures.forEach((units, i) => muxer.add(video(picture(units, lengthBytes), i * 40_000)));
    expect(written(muxer)).toEqual([
      [9, 7, 8, 5],
      [9, 1, 1],
      [9, 7, 8, 6, 1],
      [9, 1],
    ]);
  });

  it('leaves the parameter sets to a picture that brings all of its own', () => {
    const muxer = new MpegTsMuxer({ video: avc(4) });
    muxer.beginSegment();
    muxer.add(video(picture([[0x67, 0x64], [0x68, 0xee], IDR]), 0, true));
    muxer.add(video(picture([[0x67, 0x64], IDR]), 40_000, true));
    expect(written(muxer)).toEqual([
      [9, 7, 8, 5],
      [9, 7, 8, 7, 5],
    ]);
  });

  it.each([
    ['no bytes', Buffer.alloc(0)],
    ['a length alone', Buffer.from([0, 0, 0, 3])],
    ['half a length', Buffer.concat([picture([P]), Buffer.from([0, 0])])],
    ['a unit that goes beyond the end', Buffer.concat([picture([P]), Buffer.from([0, 0, 1, 0, 0x41])])],
    ['a length of 4 GB', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x65])],
    ['no slice', picture([RECOVERY, DELIMITER])],
    ['nothing but empty units', Buffer.alloc(400_000)],
  ])('refuses a picture of %s and writes nothing of it', (_name, data) => {
    const muxer = new MpegTsMuxer({ video: avc(4) });
    muxer.beginSegment();
    muxer.add(video(picture([IDR]), 0, true));
    expect(() => muxer.add(video(data, 40_000))).toThrow(expect.objectContaining({ code: 'VD_MEDIA_FRAME_DAMAGED' }));
    muxer.add(video(picture([P]), 80_000));
    expect(written(muxer)).toEqual([
      [9, 7, 8, 5],
      [9, 1],
    ]);
  });

  it('takes pictures of 8 MB and of 100,000 units', () => {
    const muxer = new MpegTsMuxer({ video: avc(4) });
    muxer.beginSegment();
    const large = Buffer.alloc(8 * 1024 ** 2, 0x5a);
    large.writeUInt32BE(large.length - 4);
    large[4] = 0x65;
    const units = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([0, 0, 0, 2, 0x41, 0x9a])));
    muxer.add(video(large, 0, true));
    muxer.add(video(units, 40_000));
    const found = demuxSegment(Buffer.from(muxer.take())).video!.units;
    expect(found[0]!.data.subarray(-(large.length - 4)).equals(large.subarray(4))).toBe(true);
    expect(found[1]!.sizeBytes).toBe(6 + 100_000 * 5);
  });

  it('refuses sound that is none, and a frame of a track that nobody announced', () => {
    const muxer = new MpegTsMuxer({ audio: AAC_STEREO_48K });
    muxer.beginSegment();
    const damaged = expect.objectContaining({ code: 'VD_MEDIA_FRAME_DAMAGED' }) as Error;
    expect(() => muxer.add(sound(Buffer.alloc(0)))).toThrow(damaged);
    expect(() => muxer.add(sound(Buffer.alloc(8185)))).toThrow(damaged);
    expect(() => muxer.add(video(picture([IDR])))).toThrow(damaged);
    const ofVideo = new MpegTsMuxer({ video: avc(4), audio: { codec: 'mp3', configuration: Buffer.alloc(0) } });
    expect(() => ofVideo.add(sound(Buffer.alloc(400)))).toThrow(damaged);
    muxer.add(sound(Buffer.alloc(8184)));
    expect(demuxSegment(Buffer.from(muxer.take())).audio!.units[0]!.sizeBytes).toBe(8191);
  });

  it.each([
    ['AV1', { video: { codec: 'av1', configuration: Buffer.from([0x81, 0, 0, 0]) } }],
    ['Opus', { audio: { codec: 'opus', configuration: Buffer.from('OpusHead') } }],
    ['AAC of 960 samples', { audio: { codec: 'aac', configuration: Buffer.from([0x11, 0x94]) } }],
    ['7.1 by its later number', { audio: { codec: 'aac', configuration: Buffer.from([0x11, 0xe0]) } }],
  ] as const)('says that MPEG-TS has no place for %s', (_name, tracks) => {
    expect(() => new MpegTsMuxer(tracks)).toThrow(expect.objectContaining({ code: 'VD_MEDIA_CONTAINER_UNSUITABLE' }));
  });

  it('gives a packet of its own to sound that does not follow the frame before', () => {
    const muxer = new MpegTsMuxer({ audio: AAC_STEREO_48K });
    muxer.beginSegment();
    for (const ms of [0, 21, 43, 66, 85, 1000, 1021, 1019]) muxer.add(sound(Buffer.alloc(100), ms * 1000));
    const units = demuxSegment(Buffer.from(muxer.take())).audio!.units;
    expect(units.map(({ ptsTicks }) => ptsTicks / 90)).toEqual([0, 66, 85, 1000, 1019]);
  });

  it('throws nothing but coded errors on whatever comes, and what it wrote stays sound', () => {
    const next = seededRandom(7);
    const muxer = new MpegTsMuxer({ video: avc(2), audio: AAC_STEREO_48K });
    muxer.beginSegment();
    let pictures = 0;
    for (let round = 0; round < 5000; round++) {
      const data = Buffer.from(Array.from({ length: Math.floor(next() * 40) }, () => Math.floor(next() ** 3 * 256)));
      const frame = { ...video(data), dtsUs: Math.floor((next() - 0.3) * 1e12), ptsUs: Math.floor((next() - 0.3) * 1e12) };
      try {
        muxer.add(next() < 0.5 ? frame : { ...frame, track: 'audio' });
      } catch (error) {
        expect(error).toMatchObject({ code: 'VD_MEDIA_FRAME_DAMAGED' });
        continue;
      }
      if (round % 3 === 0) muxer.add(video(picture([P], 2), round));
      pictures++;
    }
    expect(pictures).toBeGreaterThan(1000);
    const { continuityErrors, video: found } = demuxSegment(Buffer.from(muxer.take()));
    expect(continuityErrors).toBe(0);
    expect(found!.units.every(({ broken }) => !broken)).toBe(true);
  });
});
