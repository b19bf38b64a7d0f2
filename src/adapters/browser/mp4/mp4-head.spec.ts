import { describe, expect, it } from 'vitest';
import { Mp4Head } from './mp4-head.js';

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const start = Buffer.alloc(8);
  start.writeUInt32BE(body.length + 8);
  start.write(type, 4, 'latin1');
  return Buffer.concat([start, body]);
}
const track = (handler: string, codec: string): Buffer =>
  box(
    'trak',
    box('tkhd', Buffer.alloc(84)),
    box(
      'mdia',
      box('hdlr', Buffer.alloc(8), Buffer.from(handler), Buffer.alloc(12)),
      box('minf', box('stbl', box('stsd', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), box(codec, Buffer.alloc(70))))),
    ),
  );
const start = (...tracks: Buffer[]): Buffer =>
  Buffer.concat([box('ftyp', Buffer.from('isom')), box('moov', box('mvhd', Buffer.alloc(100)), ...tracks)]);

describe('Mp4Head', () => {
  it('tells the tracks once their description has come whole', () => {
    const head = new Mp4Head();
    const bytes = start(track('vide', 'avc1'), track('soun', 'mp4a'));
    for (const byte of bytes.subarray(0, -1)) expect(head.push(Buffer.from([byte]))).toBeUndefined();
    expect(head.push(bytes.subarray(-1))).toEqual({ video: { codec: 'h264' }, audio: { codec: 'aac' } });
  });

  it('knows what browsers record, and what it does not know', () => {
    expect(new Mp4Head().push(start(track('vide', 'vp09'), track('soun', 'Opus')))).toEqual({
      video: { codec: 'vp9' },
      audio: { codec: 'opus' },
    });
    expect(new Mp4Head().push(start(track('vide', 'hvc1')))).toEqual({ video: { codec: 'unknown' } });
    expect(new Mp4Head().push(start(track('soun', 'mp4a')))).toEqual({ audio: { codec: 'aac' } });
  });

  it('refuses what does not begin as a recording does', () => {
    const refused = (bytes: Buffer) => expect(() => new Mp4Head().push(bytes));
    refused(Buffer.from('this is no MP4 file at all')).toThrowError(expect.objectContaining({ code: 'VD_BROWSER_MEDIA_UNREADABLE' }));
    refused(Buffer.concat([box('ftyp'), box('mdat', Buffer.alloc(9))])).toThrowError(/pictures come before/);
    const large = Buffer.concat([box('ftyp'), box('moov', Buffer.alloc(70_000))]);
    refused(large).toThrowError(/its box "moov" has 70008 bytes/);
    refused(Buffer.concat([box('ftyp'), box('moov', Buffer.from([0, 0, 1, 0, 116, 114, 97, 107]))])).toThrowError(/beyond the end/);
  });
});
