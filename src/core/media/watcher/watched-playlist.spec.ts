import { describe, expect, it } from 'vitest';
import { endPlaylist, parsePlaylist } from './watched-playlist.js';

const live = [
  '#EXTM3U',
  '#EXT-X-VERSION:6',
  '#EXT-X-TARGETDURATION:2',
  '#EXT-X-MEDIA-SEQUENCE:7',
  '#EXTINF:2.0,',
  '000007.ts',
  '#EXTINF:2.0,',
  '000008.ts',
  '',
].join('\n');

describe('parsePlaylist', () => {
  it('names the segments of a live window', () => {
    expect(parsePlaylist(live)).toEqual({
      sequences: [7, 8],
      durationUs: new Map([
        [7, 2_000_000],
        [8, 2_000_000],
      ]),
      ended: false,
    });
    expect(parsePlaylist(`${live}#EXT-X-ENDLIST\n`).ended).toBe(true);
    expect(parsePlaylist('#EXTM3U\r\n#EXTINF:2.0,\r\n1000000.ts\r\n').sequences).toEqual([1_000_000]);
  });

  it('gives no length to the last segment of all: nothing came after it', () => {
    expect(parsePlaylist(`${live}#EXT-X-ENDLIST\n`).durationUs).toEqual(new Map([[7, 2_000_000]]));
    expect(parsePlaylist('#EXTM3U\n#EXTINF:nan,\n000001.ts\n#EXTINF:1.9,x\n000002.ts\n').durationUs).toEqual(new Map([[2, 1_900_000]]));
  });

  it.each([
    ['nothing', ''],
    ['another format', 'ffconcat version 1.0\nfile 000000.ts\n'],
    ['a path', '#EXTM3U\n../000001.ts\n'],
    ['an absolute path', '#EXTM3U\n/etc/passwd\n'],
    ['a URL', '#EXTM3U\nhttp://192.0.2.1/000001.ts\n'],
    ['a name that is none of ours', '#EXTM3U\n1.ts\n'],
    ['a number written in two ways', '#EXTM3U\n0000001.ts\n'],
    ['segments out of order', '#EXTM3U\n000002.ts\n000001.ts\n'],
    ['a segment twice', '#EXTM3U\n000002.ts\n000002.ts\n'],
    ['more text than any playlist of ours', `#EXTM3U\n${'#'.repeat(2_000_000)}\n`],
  ])('refuses %s', (_name, text) => {
    expect(() => parsePlaylist(text)).toThrow(expect.objectContaining({ code: 'VD_MEDIA_PLAYLIST_INVALID' }));
  });
});

describe('endPlaylist', () => {
  it('adds the tail it did not name, and the end', () => {
    const ended = endPlaylist(live, [
      { sequence: 8, durationMs: 2000 },
      { sequence: 9, durationMs: 3400 },
      { sequence: 10, durationMs: 0 },
    ]);
    expect(ended).toBe(live.replace('TARGETDURATION:2', 'TARGETDURATION:3') + '#EXTINF:3.400000,\n000009.ts\n#EXT-X-ENDLIST\n');
  });

  it('leaves one alone that has its end', () => {
    expect(endPlaylist(`${live}#EXT-X-ENDLIST\n`, [])).toBeNull();
  });
});
