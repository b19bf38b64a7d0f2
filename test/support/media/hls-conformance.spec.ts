import { describe, expect, it } from 'vitest';
import { checkReload, readPlaylist } from './hls-conformance.js';

const HEAD = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:0'];
const date = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const segment = (number: number, seconds = 2): string[] => [
  `#EXT-X-PROGRAM-DATE-TIME:${date(number * 2)}`,
  `#EXTINF:${seconds.toFixed(6)},`,
  `${number}.ts`,
];
const text = (...lines: readonly (string | readonly string[])[]): string => `${lines.flat().join('\n')}\n`;
const live = (first: number, count: number): string =>
  text(HEAD.slice(0, 3), `#EXT-X-MEDIA-SEQUENCE:${first}`, ...Array.from({ length: count }, (_, i) => segment(first + i)));

describe(readPlaylist, () => {
  it('reads one that conforms', () => {
    expect(readPlaylist(live(7, 3))).toMatchObject({
      targetSeconds: 2,
      mediaSequence: 7,
      ended: false,
      segments: [{ uri: '7.ts' }, {}, {}],
    });
  });

  it.each([
    ['no length', text(HEAD, segment(0, 0)), 'lasts 0 s'],
    ['more than the target', text(HEAD, segment(0, 2.6)), 'more than the target'],
    ['no target', text(HEAD.toSpliced(2, 1), segment(0)), 'EXT-X-TARGETDURATION is missing'],
    ['segments that overlap', text(HEAD, segment(0, 2.2), segment(1)), 'begins 200.0 ms before'],
    ['a name twice', text(HEAD, segment(0), '#EXT-X-DISCONTINUITY', '#EXTINF:2,', '0.ts'), 'names a segment twice'],
    ['a number after segments', text(HEAD, segment(0), '#EXT-X-DISCONTINUITY-SEQUENCE:1', segment(1)), 'after a segment'],
    ['no EXTINF', text(HEAD, '0.ts'), 'no EXTINF'],
    ['a recording without an end', text(HEAD, '#EXT-X-PLAYLIST-TYPE:VOD', segment(0)), 'has no end'],
    ['too short a window', text(HEAD.slice(0, 3), '#EXT-X-MEDIA-SEQUENCE:4', segment(4)), 'less than three target durations'],
    ['another format', 'ffconcat version 1.0\n', 'does not begin with #EXTM3U'],
  ])('refuses %s', (_, playlist, rule) => {
    expect(() => readPlaylist(playlist)).toThrow(rule);
  });
});

describe(checkReload, () => {
  const reload = (before: string, now: string) => (): void => checkReload(readPlaylist(before), readPlaylist(now));

  it('lets a window slide', () => expect(reload(live(7, 4), live(8, 4))).not.toThrow());

  it.each([
    ['goes back', live(7, 4), live(6, 5), 'went back'],
    ['loses its end', live(7, 4), live(7, 3), 'last segments are gone'],
    ['shrinks its target', live(0, 4).replace('DURATION:2', 'DURATION:3'), live(0, 4), 'shrank'],
    ['changes a name', live(0, 4), live(0, 4).replace('2.ts', 'x.ts'), 'became x.ts'],
    ['changes a length', live(0, 4), live(0, 4).replace(/(2\.000000)(,\n3)/, '1.900000$2'), 'lasts 1.9 s now'],
  ])('refuses one that %s', (_, before, now, rule) => {
    expect(reload(before, now)).toThrow(rule);
  });
});
