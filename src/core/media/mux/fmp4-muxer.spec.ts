import { describe, expect, it } from 'vitest';
import type { EncodedFrame } from '../../plugin-api/index.js';
import { seededRandom } from '../../../../test/support/seeded-random.js';
import * as written from '../../decode/codec/testing/configurations.js';
import type { MuxedTracks } from '../packaging/segment-muxer.js';
import { Fmp4Muxer } from './fmp4-muxer.js';
import { segmentMuxerFor, type ContainerChoice } from './segment-muxer-for.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const AAC = { codec: 'aac', configuration: hex('1190') } as const;
const OPUS = { codec: 'opus', configuration: written.OPUS_HEAD } as const;
const MP3 = { codec: 'mp3', configuration: Buffer.alloc(0) } as const;
const H264 = { codec: 'h264', configuration: written.AVC_CONFIGURATION } as const;
const HEVC = { codec: 'hevc', configuration: written.HEVC_CONFIGURATION } as const;
const AV1 = { codec: 'av1', configuration: written.AV1_CONFIGURATION } as const;
const VP9 = { codec: 'vp9', configuration: written.VP9_CONFIGURATION } as const;

const video = (data: Uint8Array, dtsUs = 0, keyframe = false): EncodedFrame => ({ track: 'video', dtsUs, ptsUs: dtsUs, keyframe, data });
const sound = (data: Uint8Array, dtsUs = 0): EncodedFrame => ({ track: 'audio', dtsUs, ptsUs: dtsUs, keyframe: true, data });

/** The types of the boxes that lie one behind the other; they must end where the bytes do. */
function boxTypes(bytes: Uint8Array): string[] {
  const all = Buffer.from(bytes);
  const types: string[] = [];
  let at = 0;
  while (at < all.length) {
    types.push(all.toString('latin1', at + 4, at + 8));
    at += all.readUInt32BE(at);
  }
  expect(at).toBe(all.length);
  return types;
}

describe(Fmp4Muxer, () => {
  it('gives a fragment for each part, and says where a segment begins', () => {
    const muxer = new Fmp4Muxer({ audio: AAC });
    expect(muxer.take()).toHaveLength(0);
    muxer.beginSegment();
    muxer.add(sound(hex('2110')));
    expect(boxTypes(muxer.take())).toEqual(['styp', 'moof', 'mdat']);
    expect(boxTypes(muxer.initialization!)).toEqual(['ftyp', 'moov']);
    muxer.add(sound(hex('2110'), 21_000));
    expect(boxTypes(muxer.take())).toEqual(['moof', 'mdat']);
  });

  it('waits with VP9 for the keyframe that says how large it is', () => {
    const muxer = new Fmp4Muxer({ video: VP9 });
    muxer.beginSegment();
    muxer.add(video(hex('8600409200')));
    expect([muxer.take().length, muxer.initialization]).toEqual([0, undefined]);
    muxer.add(video(hex('824983420014100b5608'), 40_000, true));
    expect(boxTypes(muxer.take())).toEqual(['styp', 'moof', 'mdat']);
    expect(Buffer.from(muxer.initialization!).includes(hex('014200b6'))).toBe(true);
  });

  it('puts the sequence header before AV1 keyframes that lack it, and leaves delimiters out', () => {
    const muxer = new Fmp4Muxer({ video: AV1 });
    const header = written.AV1_CONFIGURATION.subarray(4);
    const frame = hex('320310aabb');
    muxer.beginSegment();
    muxer.add(video(Buffer.concat([hex('1200'), frame]), 0, true));
    muxer.add(video(Buffer.concat([hex('1200'), header, frame]), 40_000, true));
    muxer.add(video(frame, 80_000));
    const bytes = Buffer.from(muxer.take());
    expect(bytes.subarray(bytes.indexOf('mdat') + 4)).toEqual(Buffer.concat([header, frame, header, frame, frame]));
  });

  it.each([
    ['H.264 without a slice', { video: H264 }, video(hex('00000002 0910'.replace(' ', '')))],
    ['HEVC that is cut', { video: HEVC }, video(hex('00000010260180'))],
    ['AV1 without a frame', { video: AV1 }, video(hex('1200'))],
    ['AV1 that is cut', { video: AV1 }, video(hex('32ff01'))],
    ['a keyframe of VP9 that is none', { video: VP9 }, video(hex('8600409200'), 0, true)],
    ['VP9 of nothing', { video: VP9 }, video(Buffer.alloc(0))],
    ['Opus of nothing', { audio: OPUS }, sound(Buffer.alloc(0))],
    ['MP3 that is cut', { audio: MP3 }, sound(hex('fffb9064'))],
    ['AAC of nothing', { audio: AAC }, sound(Buffer.alloc(0))],
    ['sound that nobody announced', { video: H264 }, sound(hex('2110'))],
    ['a picture before time began', { video: H264 }, video(hex('000000026588'), -1000, true)],
    ['sound before time began', { audio: AAC }, sound(hex('2110'), -10_000)],
    ['a picture at no time', { video: H264 }, video(hex('000000026588'), Number.NaN, true)],
  ] as const)('refuses %s and writes nothing of it', (_name, tracks, frame) => {
    const muxer = new Fmp4Muxer(tracks);
    muxer.beginSegment();
    expect(() => muxer.add(frame)).toThrow(expect.objectContaining({ code: 'VD_MEDIA_FRAME_DAMAGED' }));
    expect(muxer.take()).toHaveLength(0);
  });

  it.each([
    ['H.264 and AAC', { video: H264, audio: AAC }, '000000026588', '2110'],
    ['HEVC and Opus', { video: HEVC, audio: OPUS }, '00000003260180', 'fc11'],
    ['AV1 and MP3', { video: AV1, audio: MP3 }, '320310aabb', `fffb9064${'00'.repeat(413)}`],
    ['VP9 and AAC', { video: VP9, audio: AAC }, '824983420014100b5608', '2110'],
  ] as const)('throws nothing but coded errors on whatever comes as %s, and its boxes stay whole', (_name, tracks, picture, tone) => {
    const next = seededRandom(3);
    const muxer = new Fmp4Muxer(tracks);
    const outcomes = { taken: 0, refused: 0 };
    for (let round = 0; round < 3000; round++) {
      const isPicture = next() < 0.5;
      const data = hex(isPicture ? picture : tone).subarray(0, next() < 0.1 ? Math.floor(next() * 8) : undefined);
      if (next() < 0.5 && data.length > 0) data[Math.floor(next() * Math.min(12, data.length))] = Math.floor(next() * 256);
      const dtsUs = round * 10_000 + Math.floor((next() - 0.5) * 15_000);
      const frame = { ...video(data, dtsUs, next() < 0.3), ptsUs: dtsUs + Math.floor((next() - 0.5) * 10 ** (next() * 13)) };
      try {
        muxer.add(isPicture ? frame : { ...frame, ptsUs: dtsUs, track: 'audio' });
      } catch (error) {
        expect(error).toMatchObject({ code: 'VD_MEDIA_FRAME_DAMAGED' });
        outcomes.refused++;
      }
      if (next() < 0.05) muxer.beginSegment();
      if (next() < 0.1) outcomes.taken += boxTypes(muxer.take(dtsUs + 10_000)).length;
    }
    expect(outcomes.taken).toBeGreaterThan(200);
    expect(outcomes.refused).toBeGreaterThan(200);
  });
});

describe(segmentMuxerFor, () => {
  it.each<[MuxedTracks, ContainerChoice, string]>([
    [{ video: H264, audio: AAC }, 'auto', 'mpegts'],
    [{ video: H264, audio: MP3 }, 'auto', 'mpegts'],
    [{ audio: AAC }, 'auto', 'mpegts'],
    [{ video: H264 }, 'auto', 'mpegts'],
    [{ video: H264, audio: OPUS }, 'auto', 'fmp4'],
    [{ video: H264, audio: { codec: 'aac', configuration: hex('1194') } }, 'auto', 'fmp4'],
    [{ video: HEVC, audio: AAC }, 'auto', 'fmp4'],
    [{ video: HEVC, audio: MP3 }, 'auto', 'mpegts'],
    [{ video: AV1 }, 'auto', 'fmp4'],
    [{ video: VP9 }, 'auto', 'fmp4'],
    [{ audio: OPUS }, 'auto', 'fmp4'],
    [{ video: H264, audio: AAC }, 'fmp4', 'fmp4'],
    [{ video: HEVC, audio: AAC }, 'mpegts', 'mpegts'],
  ])('%o, %s: %s', (tracks, choice, container) => {
    expect(segmentMuxerFor(tracks, choice).container).toBe(container);
  });

  it('says where MPEG-TS was asked for and cannot be', () => {
    expect(() => segmentMuxerFor({ video: AV1 }, 'mpegts')).toThrow(expect.objectContaining({ code: 'VD_MEDIA_CONTAINER_UNSUITABLE' }));
  });
});
