import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../test/support/seeded-random.js';
import { AUDIO, slice, transportStream, VIDEO } from '../../../../test/support/media/transport-stream.js';
import { demuxSegment } from '../segment/demux-segment.js';
import { probeSegment } from '../segment/probe.js';

const IDR = 0x65;
const P = 0x41;
const frames = (count: number, firstTicks = 9000) =>
  Array.from({ length: count }, (_, index) => ({ ptsTicks: firstTicks + index * 3600, data: slice(index === 0 ? IDR : P) }));

describe('demuxSegment', () => {
  it('gives the units as they were put in, over packet borders', () => {
    const units = [100, 170, 171, 184, 1000, 50_000].map((size, index) => ({ ptsTicks: index, dtsTicks: index + 7, data: slice(P, size) }));
    const segment = demuxSegment(transportStream(units));
    expect(segment.video?.units.map((unit) => unit.data)).toEqual(units.map(({ data }) => data));
    expect(segment.video?.units.map((unit) => [unit.ptsTicks, unit.dtsTicks, unit.sizeBytes])).toEqual(
      units.map(({ ptsTicks, dtsTicks, data }) => [ptsTicks, dtsTicks, data.length]),
    );
    expect(segment).toMatchObject({ audio: null, continuityErrors: 0 });
  });

  it('reads all 33 bits of a timestamp', () => {
    const ticks = [0, 1, 2 ** 30 - 1, 2 ** 32 + 12345, 2 ** 33 - 1];
    const segment = demuxSegment(transportStream(ticks.map((ptsTicks) => ({ ptsTicks, data: slice(P) }))));
    expect(segment.video?.units.map(({ ptsTicks }) => ptsTicks)).toEqual(ticks);
  });

  it.each([
    ['H.264 IDR', 0x1b, IDR, false, true],
    ['H.264 P', 0x1b, P, false, false],
    ['H.264 P marked as random access', 0x1b, P, true, true],
    ['HEVC IDR', 0x24, 19 << 1, false, true],
    ['HEVC CRA', 0x24, 21 << 1, false, true],
    ['HEVC trailing', 0x24, 1 << 1, false, false],
  ])('knows whether %s is a keyframe', (_name, type, nal, randomAccess, keyframe) => {
    const start = type === 0x24 ? Buffer.from([0, 0, 1, nal, 1, 0x80]) : slice(nal);
    const segment = demuxSegment(
      transportStream([{ ptsTicks: 0, data: Buffer.concat([start, Buffer.alloc(30, 1)]), randomAccess }], [[type, VIDEO]]),
    );
    expect(segment.video?.units[0]?.keyframe).toBe(keyframe);
  });

  it('finds a slice behind parameter sets and SEI of any length', () => {
    const sei = Buffer.concat([Buffer.from([0, 0, 1, 6]), Buffer.alloc(9000, 0x11)]);
    const segment = demuxSegment(transportStream([{ ptsTicks: 0, data: Buffer.concat([sei, slice(IDR)]) }]));
    expect(segment.video?.units[0]?.keyframe).toBe(true);
  });

  it('takes a PES packet without a timestamp for a part of the one before', () => {
    const segment = demuxSegment(
      transportStream([
        { ptsTicks: 0, data: slice(IDR) },
        { ptsTicks: null, data: Buffer.from([1, 2, 3]) },
      ]),
    );
    expect(segment.video?.units.map((unit) => unit.data)).toEqual([Buffer.concat([slice(IDR), Buffer.from([1, 2, 3])])]);
  });

  it('leaves out what follows a PES packet of declared length', () => {
    const data = slice(P, 100);
    const bytes = transportStream([{ ptsTicks: 0, data, declareLength: true }]);
    expect(demuxSegment(bytes).video?.units[0]?.data).toEqual(data);
  });

  it('separates audio from video and leaves other streams alone', () => {
    const units = [
      { ptsTicks: 0, data: slice(IDR) },
      { pid: AUDIO, ptsTicks: 10, data: Buffer.from([0xff, 0xf1, 1]) },
      { pid: 0x102, ptsTicks: 20, data: slice(P) },
    ];
    const segment = demuxSegment(
      transportStream(units, [
        [0x06, 0x102],
        [0x1b, VIDEO],
        [0x0f, AUDIO],
      ]),
    );
    expect(segment.video?.units).toHaveLength(1);
    expect(segment.audio?.units.map(({ ptsTicks, keyframe }) => [ptsTicks, keyframe])).toEqual([[10, true]]);
  });

  it('counts a lost packet, a packet marked as wrong, lost sync and a cut-off end, and goes on', () => {
    const sound = transportStream(frames(20).map((unit) => ({ ...unit, data: slice(P, 600) })));
    const packet = (index: number) => sound.subarray(index * 188, (index + 1) * 188);
    const errors = (bytes: Buffer) => demuxSegment(bytes).continuityErrors;
    expect(errors(sound)).toBe(0);
    expect(errors(Buffer.concat([sound.subarray(0, 188 * 10), sound.subarray(188 * 11)]))).toBe(1);
    const marked = Buffer.from(sound);
    marked[188 * 10 + 1]! |= 0x80;
    expect(errors(marked)).toBe(2); // the mark, and the counter that then misses one
    expect(errors(Buffer.concat([sound.subarray(0, 188 * 10), Buffer.from('noise'), sound.subarray(188 * 10)]))).toBe(1);
    expect(errors(sound.subarray(0, sound.length - 100))).toBe(1);
    expect(errors(Buffer.concat([sound.subarray(0, 188 * 10), packet(9), sound.subarray(188 * 10)]))).toBe(0); // a repeat is allowed
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'VD_MEDIA_EMPTY'],
    ['zeros', Buffer.alloc(10_000), 'VD_MEDIA_NOT_MPEGTS'],
    ['text', Buffer.from('ffconcat version 1.0\n'.repeat(500)), 'VD_MEDIA_NOT_MPEGTS'],
    ['sync bytes alone', Buffer.alloc(18_800, 0x47), 'VD_MEDIA_NO_PROGRAM'],
    ['a file cut before its tables', transportStream(frames(50)).subarray(400), 'VD_MEDIA_NO_PROGRAM'],
    [
      'codecs it does not know',
      transportStream(frames(1), [
        [0x02, VIDEO],
        [0x81, AUDIO],
      ]),
      'VD_MEDIA_UNSUPPORTED_CODEC',
    ],
    ['tables without media', transportStream([]), 'VD_MEDIA_NO_FRAMES'],
  ])('refuses %s with a code', (_name, bytes, code) => {
    expect(() => probeSegment(bytes)).toThrow(expect.objectContaining({ code }));
  });

  it('throws nothing but coded errors on ten thousand mutations', () => {
    const next = seededRandom(42);
    const sound = transportStream(
      frames(30).map((unit) => ({ ...unit, data: slice(IDR, 300) })),
      [
        [0x1b, VIDEO],
        [0x0f, AUDIO],
      ],
    );
    const codes = new Set<unknown>();
    for (let round = 0; round < 10_000; round++) {
      const bytes = Buffer.from(sound.subarray(0, Math.floor(next() * sound.length)));
      for (let hits = next() * 30; hits > 0 && bytes.length > 0; hits--)
        bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      try {
        codes.add(probeSegment(bytes).frameCount > 0);
      } catch (error) {
        codes.add((error as { code?: string }).code);
      }
    }
    codes.delete(true);
    expect([...codes].every((code) => typeof code === 'string' && code.startsWith('VD_MEDIA_'))).toBe(true);
    expect(codes.size).toBeGreaterThan(2);
  });

  it('holds no more units than the bytes can carry', () => {
    const bytes = Buffer.concat([
      transportStream(frames(1)),
      ...Array.from({ length: 500 }, () => transportStream(frames(1)).subarray(376)),
    ]);
    expect(demuxSegment(bytes).video!.units.length).toBeLessThanOrEqual(bytes.length / 188);
  });
});
