import { describe, expect, it } from 'vitest';
import { blockBody, cluster, element, endless, H264, head, ID, OPUS, simpleBlock } from '../testing/matroska-writer.js';
import { MatroskaReader, type MatroskaPart } from './matroska-reader.js';

const picture = (byte: number): Buffer => Buffer.alloc(50, byte);
const FILE = Buffer.concat([
  head(OPUS, H264),
  cluster(0),
  simpleBlock(1, 0, true, Buffer.from('sound')),
  simpleBlock(2, 12, true, picture(1)),
  element(ID.void, Buffer.alloc(300)),
  simpleBlock(2, 62, false, picture(2)),
  cluster(40_000),
  element(ID.blockGroup, element(ID.block, blockBody(2, -5, 0, picture(3)))),
  element(ID.blockGroup, element(ID.block, blockBody(2, 45, 0, picture(4))), element(ID.reference, 5)),
  simpleBlock(7, 46, true, Buffer.from('of a track that nobody named')),
]);

function read(bytes: Buffer, chunkBytes = bytes.length): MatroskaPart[] {
  const reader = new MatroskaReader();
  const parts: MatroskaPart[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) parts.push(...reader.push(Buffer.from(bytes.subarray(at, at + chunkBytes))));
  return parts;
}
const framesOf = (parts: readonly MatroskaPart[]) => parts.flatMap((part) => ('frame' in part ? [part.frame] : []));
const refused = (bytes: Buffer) => expect(() => read(bytes));

describe('MatroskaReader', () => {
  it('gives tracks, then frames at their times', () => {
    const [first, ...rest] = read(FILE);
    expect(first).toMatchObject({
      tracks: { video: { codec: 'h264', configuration: H264.configuration }, audio: { codec: 'opus', configuration: OPUS.configuration } },
    });
    expect(framesOf(rest)).toEqual([
      { track: 'audio', ptsUs: 0, keyframe: true, data: Buffer.from('sound') },
      { track: 'video', ptsUs: 12_000, keyframe: true, data: picture(1) },
      { track: 'video', ptsUs: 62_000, keyframe: false, data: picture(2) },
      { track: 'video', ptsUs: 39_995_000, keyframe: true, data: picture(3) },
      { track: 'video', ptsUs: 40_045_000, keyframe: false, data: picture(4) },
    ]);
  });

  it.each([1, 2, 3, 7, 64, 100])('gives the same in chunks of %i bytes', (chunkBytes) => {
    expect(read(FILE, chunkBytes)).toEqual(read(FILE));
  });

  it('counts time as the file says', () => {
    const scaled = Buffer.concat([
      element(ID.ebml, 0),
      endless(ID.segment),
      element(ID.info, element(ID.scale, Buffer.from([0x27, 0x10]))), // 10 µs
      element(ID.tracks, element(ID.entry, element(ID.number, 1), element(ID.type, 1), element(ID.codec, 'V_VP8'))),
      cluster(1000),
      simpleBlock(1, 1, true, picture(1)),
    ]);
    expect(framesOf(read(scaled)).map(({ ptsUs }) => ptsUs)).toEqual([10_010]);
  });

  it('gives frames that have their memory to themselves', () => {
    const chunk = Buffer.from(FILE);
    const [, frame] = framesOf([...new MatroskaReader().push(chunk)]);
    chunk.fill(0);
    expect(frame!.data.equals(picture(1))).toBe(true);
  });

  it('refuses what is no Matroska, and what it cannot be sure of', () => {
    const unreadable = { code: 'VD_BROWSER_MEDIA_UNREADABLE' };
    const tracks = head(OPUS, H264);
    refused(Buffer.from('RIFF and so on, which is another container')).toThrowError(expect.objectContaining(unreadable));
    refused(Buffer.alloc(64)).toThrowError(expect.objectContaining(unreadable));
    refused(Buffer.concat([cluster(0), simpleBlock(1, 0, true, picture(1))])).toThrowError(/does not begin as Matroska/);
    refused(Buffer.concat([element(ID.ebml, 0), cluster(0), simpleBlock(1, 0, true, picture(1))])).toThrowError(
      /before it says what they are/,
    );
    refused(Buffer.concat([tracks, cluster(0), element(ID.simpleBlock, blockBody(2, 0, 0x82, picture(1)))])).toThrowError(/several frames/);
    refused(Buffer.concat([tracks, cluster(0), element(ID.simpleBlock, Buffer.from([0x82, 0]))])).toThrowError(/cut short/);
    refused(Buffer.concat([tracks, endless(ID.simpleBlock)])).toThrowError(/does not say how long/);
    refused(Buffer.concat([tracks, Buffer.from('a30800000000900000', 'hex'), Buffer.alloc(64)])).toThrowError(
      expect.objectContaining(unreadable),
    );
    const scale = element(ID.info, element(ID.scale, Buffer.alloc(1)));
    refused(Buffer.concat([element(ID.ebml, 0), scale])).toThrowError(/clock ticks every 0 ns/);
    const packed = element(ID.tracks, element(ID.entry, element(ID.number, 1), element(ID.encodings, 0)));
    refused(Buffer.concat([element(ID.ebml, 0), packed])).toThrowError(/compressed/);
    const many = element(ID.tracks, ...Array.from({ length: 40 }, () => element(ID.entry, element(ID.number, 1))));
    refused(Buffer.concat([element(ID.ebml, 0), many])).toThrowError(/more than 16 tracks/);
  });

  it('keeps no more than the largest frame of an element that never ends', () => {
    const reader = new MatroskaReader();
    expect([...reader.push(head(H264))]).toHaveLength(1);
    // 9 MB are said to come in one block.
    const said = Buffer.concat([Buffer.from([ID.simpleBlock]), Buffer.from('0100000000900000', 'hex')]);
    expect(() => [...reader.push(said)]).toThrowError(/more than 8388608/);
  });

  it('never fails in another way, whatever comes', () => {
    let state = 7;
    const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.from(FILE);
      for (let i = 0; i < 4; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      try {
        read(bytes.subarray(0, Math.floor(random() * bytes.length)), 1 + Math.floor(random() * 90));
      } catch (error) {
        expect(error).toMatchObject({ code: 'VD_BROWSER_MEDIA_UNREADABLE' });
      }
    }
  });
});
