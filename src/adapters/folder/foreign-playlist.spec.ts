import { describe, expect, it } from 'vitest';
import { parseForeignPlaylist } from './foreign-playlist.js';

const media = (...lines: string[]): string => ['#EXTM3U', ...lines, ''].join('\n');
const filesOf = (text: string): string[] => {
  const parsed = parseForeignPlaylist(text);
  return parsed.kind === 'media' ? parsed.segments.map(({ file }) => file) : [];
};

describe(parseForeignPlaylist, () => {
  it('reads what nginx-rtmp writes', () => {
    const text = media(
      ...['#EXT-X-VERSION:3', '#EXT-X-MEDIA-SEQUENCE:7', '#EXT-X-TARGETDURATION:2'],
      ...['#EXTINF:2.000,', 'cam-7.ts', '#EXT-X-DISCONTINUITY', '#EXTINF:1.960,', 'cam-8.ts'],
    );
    expect(parseForeignPlaylist(text)).toEqual({
      kind: 'media',
      hasEnd: false,
      targetMs: 2000,
      segments: [
        { file: 'cam-7.ts', number: 7, durationUs: 2_000_000, isDiscontinuity: false },
        { file: 'cam-8.ts', number: 8, durationUs: 1_960_000, isDiscontinuity: true },
      ],
    });
  });

  it('reads clocks, the end and what stands before fMP4, with line ends of either kind', () => {
    const text = media(
      ...['#EXT-X-MAP:URI="init.mp4"', '#EXT-X-PROGRAM-DATE-TIME:2026-11-28T05:47:14.500+0000'],
      ...['#EXTINF:2,', '0.m4s', '#EXTINF:2,', '1.m4s', '#EXT-X-ENDLIST'],
    ).replaceAll('\n', '\r\n');
    const startsAtMs = Date.UTC(2026, 10, 28, 5, 47, 14, 500);
    expect(parseForeignPlaylist(text)).toMatchObject({
      hasEnd: true,
      segments: [
        { file: '0.m4s', startsAtMs, initialization: 'init.mp4' },
        { file: '1.m4s', startsAtMs: startsAtMs + 2000, initialization: 'init.mp4' },
      ],
    });
  });

  it('names no segment that is not written out yet, wherever its writer stands', () => {
    const whole = media('#EXTINF:2,', 'cam-10.ts', '#EXTINF:2,', 'cam-11.ts');
    for (let end = '#EXTM3U\n'.length; end <= whole.length; end++) {
      const files = filesOf(whole.slice(0, end));
      expect(['cam-10.ts', 'cam-11.ts'].slice(0, files.length)).toEqual(files);
    }
    expect(filesOf(whole)).toHaveLength(2);
  });

  it('chooses the variant with most bandwidth', () => {
    const text = media(
      '#EXT-X-STREAM-INF:BANDWIDTH=160000',
      'cam_low.m3u8',
      '#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=900000',
      'cam_hi.m3u8',
    );
    expect(parseForeignPlaylist(text)).toEqual({ kind: 'master', variants: ['cam_hi.m3u8', 'cam_low.m3u8'] });
  });

  it.each([
    ['http://cdn.example.com/hls/cam-1.ts?token=1', 'cam-1.ts'],
    ['/hls/cam-1.ts', 'cam-1.ts'],
    ['./sub/cam-1.ts', 'sub/cam-1.ts'],
    ['caf%C3%A9%20-1.ts', 'café -1.ts'],
    ['100%-1.ts', '100%-1.ts'],
  ])('finds the file of %s', (uri, file) => expect(filesOf(media('#EXTINF:2,', uri))).toEqual([file]));

  it.each([
    '../secret.ts',
    'a/../../secret.ts',
    '%2e%2e/secret.ts',
    'a\\b.ts',
    'a%00.ts',
    'a//b.ts',
    'http://host/..',
    '/',
    'x'.repeat(1001),
  ])('does not leave its folder for %s', (uri) =>
    expect(() => parseForeignPlaylist(media('#EXTINF:2,', uri))).toThrowError(
      expect.objectContaining({ code: 'VD_FOLDER_PLAYLIST_INVALID' }),
    ),
  );

  it.each([
    ['VD_FOLDER_PLAYLIST_INVALID', '<html>\n'],
    ['VD_FOLDER_PLAYLIST_INVALID', '#EXTM3U8\n'],
    ['VD_FOLDER_PLAYLIST_INVALID', media('#EXT-X-MEDIA-SEQUENCE:x')],
    ['VD_FOLDER_PLAYLIST_INVALID', media('#EXT-X-MAP:URI=init.mp4')],
    ['VD_FOLDER_PLAYLIST_INVALID', `#EXTM3U\n${'a.ts\n'.repeat(100_001)}`],
    ['VD_FOLDER_ENCRYPTED', media('#EXT-X-KEY:METHOD=AES-128,URI="cam-1.key"', '#EXTINF:2,', 'cam-1.ts')],
    ['VD_FOLDER_BYTE_RANGES', media('#EXTINF:2,', '#EXT-X-BYTERANGE:100@0', 'all.ts')],
    ['VD_FOLDER_BYTE_RANGES', media('#EXT-X-MAP:URI="all.mp4",BYTERANGE="100@0"')],
  ])('refuses with %s', (code, text) => expect(() => parseForeignPlaylist(text)).toThrowError(expect.objectContaining({ code })));
});
