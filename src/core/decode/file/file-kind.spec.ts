import { describe, expect, it } from 'vitest';
import { demuxerOf } from './file-kind.js';

const bytes = (text: string, size = 600): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(Math.max(0, size - text.length))]);
const transport = (size: number, at = 0): Buffer =>
  Buffer.from(Array.from({ length: 700 }, (_, index) => (index % size === at ? 0x47 : 0)));
const refusalOf = (head: Buffer): string => {
  try {
    return `accepted as ${demuxerOf(head)}`;
  } catch (error) {
    return (error as Error).message;
  }
};

describe(demuxerOf, () => {
  it.each([
    ['MP4', bytes('\0\0\0\x20ftypisom'), 'mov'],
    ['QuickTime without a type', bytes('\0\0\0\x08wide'), 'mov'],
    ['Matroska', bytes('\x1a\x45\xdf\xa3'), 'matroska'],
    ['AVI', bytes('RIFF\0\0\0\0AVI LIST'), 'avi'],
    ['MPEG-TS', transport(188), 'mpegts'],
    ['M2TS', transport(192, 4), 'mpegts'],
    ['MPEG-PS', bytes('\0\0\x01\xba'), 'mpeg'],
    ['FLV', bytes('FLV\x01'), 'flv'],
  ])('knows %s by its first bytes', (_, head, demuxer) => {
    expect(demuxerOf(head)).toBe(demuxer);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['a picture', bytes('\x89PNG\r\n'), 'PNG'],
    ['a picture in the boxes of MP4', bytes('\0\0\0\x20ftypheic'), 'HEIF'],
    ['sound', bytes('RIFF\0\0\0\0WAVE'), 'sound alone'],
    ['a playlist, which names other files', bytes('#EXTM3U\n'), 'playlist'],
    ['a script of ffmpeg, which names other files', bytes('ffconcat version 1.0\n'), 'no kind'],
    ['zeros', Buffer.alloc(600), 'no kind'],
  ])('refuses %s in words', (_, head, words) => {
    expect(refusalOf(head)).toContain(words);
  });
});
