import { describe, expect, it } from 'vitest';
import { readPlaylist } from '../../../../test/support/media/hls-conformance.js';
import type { SegmentParts } from '../../persistence/notify/segment-parts.js';
import { withHoles, type PlaylistEpoch } from '../../persistence/read/playlist-media.js';
import { epochPlaylist, livePlaylist, type LowLatencyTail } from './playlist.js';

const epoch = (id: string, firstMediaSequence: number, discontinuity: number, sequences: number[], open = true): PlaylistEpoch => ({
  epochId: id,
  open,
  startedAtMs: Date.parse('2026-01-01T00:00:00.250Z'),
  ptsOriginUs: 1_000_000,
  firstMediaSequence,
  isCut: false,
  discontinuity,
  isFragmented: false,
  segments: sequences.map((sequence) => ({
    sequence,
    ptsStartUs: 1_000_000 + sequence * 2_002_000,
    durationUs: 2_002_000,
    gap: false,
    independent: true,
  })),
});

describe('livePlaylist', () => {
  it('writes what players need, over two epochs', () => {
    expect(livePlaylist({ ended: false, epochs: [epoch('a', 0, 0, [7, 8], false), epoch('b', 9, 1, [0])] })).toBe(`#EXTM3U
#EXT-X-VERSION:8
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:14.264Z
#EXTINF:2.002000,
a/000007.ts
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:16.266Z
#EXTINF:2.002000,
a/000008.ts
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.250Z
#EXTINF:2.002000,
b/000000.ts
`);
  });

  it('counts a discontinuity that has left the window', () => {
    const playlist = livePlaylist({ ended: true, epochs: [epoch('b', 9, 1, [3, 4])] });
    expect(playlist).toContain('#EXT-X-MEDIA-SEQUENCE:12\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n');
    expect(playlist).not.toContain('#EXT-X-DISCONTINUITY\n');
    expect(playlist.endsWith('b/000004.ts\n#EXT-X-ENDLIST\n')).toBe(true);
  });
});

describe('a playlist', () => {
  it('conforms to RFC 8216, and claims independent segments only where they are', () => {
    const open = { ...epoch('a', 0, 0, [0, 1, 2]) };
    expect(readPlaylist(epochPlaylist(open)).isIndependent).toBe(true);
    const gradual = { ...open, segments: open.segments.map((segment) => ({ ...segment, independent: segment.sequence < 2 })) };
    expect(readPlaylist(livePlaylist({ ended: false, epochs: [gradual] })).isIndependent).toBe(false);
  });

  it('keeps the target duration that players were told', () => {
    expect(readPlaylist(livePlaylist({ ended: false, epochs: [epoch('a', 0, 0, [0])] }, 7)).targetSeconds).toBe(7);
    expect(readPlaylist(epochPlaylist(epoch('a', 0, 0, [0]), 1)).targetSeconds).toBe(2);
  });
});

describe('fMP4 in a playlist', () => {
  const fragmented = (one: PlaylistEpoch): PlaylistEpoch => ({ ...one, isFragmented: true });
  const later = (one: PlaylistEpoch, minutes: number): PlaylistEpoch => ({ ...one, startedAtMs: one.startedAtMs + minutes * 60_000 });

  it('stands behind its initialization, of each epoch its own', () => {
    const [b, c] = [later(epoch('b', 8, 1, [0, 1], false), 1), later(epoch('c', 10, 2, [0]), 2)];
    const epochs = [epoch('a', 0, 0, [7], false), fragmented(b), fragmented(c)];
    const { segments } = readPlaylist(livePlaylist({ ended: false, epochs }));
    expect(segments.map(({ uri, initialization }) => [uri, initialization])).toEqual([
      ['a/000007.ts', null],
      ['b/000000.m4s', 'b/init.mp4'],
      ['b/000001.m4s', 'b/init.mp4'],
      ['c/000000.m4s', 'c/init.mp4'],
    ]);
    expect(readPlaylist(epochPlaylist(epochs[1]!)).segments.map(({ initialization }) => initialization)).toEqual(['init.mp4', 'init.mp4']);
  });

  it('is left out where MPEG-TS follows, which cannot take the initialization back', () => {
    const epochs = [fragmented(epoch('a', 0, 0, [7], false)), epoch('b', 8, 1, [0, 1, 2])];
    const { segments, mediaSequence, discontinuitySequence } = readPlaylist(livePlaylist({ ended: false, epochs }));
    expect(segments.map(({ uri }) => uri)).toEqual(['b/000000.ts', 'b/000001.ts', 'b/000002.ts']);
    expect([mediaSequence, discontinuitySequence]).toEqual([8, 1]);
  });
});

describe('epochPlaylist', () => {
  it('is a recording once closed, and grows before', () => {
    expect(epochPlaylist(epoch('a', 0, 0, [0], true))).toMatch(/EVENT[^]*000000\.ts\n$/);
    // Of an EVENT nothing may be taken away, and retention has.
    expect(epochPlaylist({ ...epoch('a', 0, 0, [7], true), isCut: true })).toMatch(
      /^(?![^]*PLAYLIST-TYPE)[^]*SEQUENCE:7\n[^]*000007\.ts\n$/,
    );
    expect(epochPlaylist(epoch('a', 0, 0, [0], false))).toMatch(/VOD[^]*000000\.ts\n#EXT-X-ENDLIST\n$/);
  });
});

describe('withHoles', () => {
  const found = (...sequences: number[]) =>
    sequences.map((sequence) => ({ sequence, ptsStartUs: sequence * 1_000, durationUs: 1_000, gap: false, independent: true }));

  it('fills missing numbers with the time that is missing', () => {
    expect(withHoles(found(3, 6), 2, 8)).toEqual([
      { sequence: 2, ptsStartUs: -997_000, durationUs: 1_000_000, gap: true, independent: true },
      ...found(3),
      { sequence: 4, ptsStartUs: 4_000, durationUs: 1_000, gap: true, independent: true },
      { sequence: 5, ptsStartUs: 5_000, durationUs: 1_000, gap: true, independent: true },
      ...found(6),
      { sequence: 7, ptsStartUs: 7_000, durationUs: 1_000, gap: true, independent: true },
    ]);
  });
});

describe('parts in a live playlist', () => {
  const parts = (sequence: number, count: number, isComplete: boolean): SegmentParts => ({
    ...{ sequence, isComplete },
    parts: Array.from({ length: count }, (_, i) => ({
      ...{ offsetBytes: i * 1000, sizeBytes: 1000, durationUs: isComplete && i === count - 1 ? 202_000 : 300_000, isIndependent: i === 0 },
    })),
  });
  const window = {
    ended: false,
    epochs: [epoch('a', 0, 0, [7], false), { ...epoch('b', 8, 1, [0, 1, 2]), startedAtMs: Date.parse('2026-01-01T00:01:00Z') }],
  };
  const tail = (open: SegmentParts | undefined): LowLatencyTail => ({
    ...{ partTargetUs: 350_000, complete: new Map([1, 2].map((sequence) => [sequence, parts(sequence, 7, true)])), open },
  });

  it('stand before the segment that they are of, and before a hint at the next one', () => {
    const text = livePlaylist(window, 2, tail(parts(3, 2, false)));
    expect(text).toContain(`#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.050
#EXT-X-PART-INF:PART-TARGET=0.350
`);
    expect(
      text.endsWith(`#EXTINF:2.002000,
b/000002.ts
#EXT-X-PART:DURATION=0.300000,URI="b/000003.ts",BYTERANGE="1000@0",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.300000,URI="b/000003.ts",BYTERANGE="1000@1000"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b/000003.ts",BYTERANGE-START=2000
`),
    ).toBe(true);
    const { segments } = readPlaylist(text).lowLatency!;
    expect(segments.map(({ uri, parts: named }) => [uri, named.length])).toEqual([
      ...[
        ['a/000007.ts', 0],
        ['b/000000.ts', 0],
        ['b/000001.ts', 7],
        ['b/000002.ts', 7],
      ],
      ['b/000003.ts', 2],
    ]);
  });

  it('hint at the next segment where they end one', () => {
    expect(readPlaylist(livePlaylist(window, 2, tail(parts(3, 7, true)))).lowLatency?.hint).toEqual({ uri: 'b/000004.ts', fromBytes: 0 });
    expect(readPlaylist(livePlaylist(window, 2, tail(undefined))).lowLatency?.hint).toBeNull();
  });

  it('change nothing for players that do not know them', () => {
    const withParts = livePlaylist(window, 2, tail(parts(3, 2, false))).split('\n');
    const known = withParts.filter((line) => !/^#EXT-X-(?:SERVER-CONTROL|PART-INF|PART|PRELOAD-HINT):/.test(line));
    expect(known.join('\n')).toBe(livePlaylist(window, 2));
  });
});
