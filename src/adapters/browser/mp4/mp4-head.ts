import { unreadable } from '../media/unreadable.js';
import type { RecordedAudioCodec, RecordedTracks, RecordedVideoCodec } from '../media/recorded-tracks.js';

const BOX_HEAD_BYTES = 8;
/** Of the boxes before the first pictures. A recording has no table of its pictures there: those stand with the pictures. */
const MAX_HEAD_BYTES = 64 * 1024;
/** The way to the name of a track's codec. */
const INTO_TRACK = ['mdia', 'minf', 'stbl'];
/** A box with a version, and how many entries there are. */
const ENTRIES_AT = 8;

const VIDEO_CODECS: Readonly<Record<string, RecordedVideoCodec>> = { avc1: 'h264', avc3: 'h264', vp08: 'vp8', vp09: 'vp9', av01: 'av1' };
const AUDIO_CODECS: Readonly<Record<string, RecordedAudioCodec>> = { mp4a: 'aac', Opus: 'opus' };

/** Waits for the beginning of an MP4 file, and says which tracks it has. What comes after it is not looked at. Safe on any bytes. */
export class Mp4Head {
  private held: Buffer = Buffer.alloc(0);

  /** @returns undefined while the beginning has not come whole. @throws VD_BROWSER_MEDIA_UNREADABLE */
  push(chunk: Buffer): RecordedTracks | undefined {
    this.held = Buffer.concat([this.held, chunk]);
    for (let at = 0, isFirst = true; at + BOX_HEAD_BYTES <= this.held.length; isFirst = false) {
      const size = this.held.readUInt32BE(at);
      const type = this.held.toString('latin1', at + 4, at + 8);
      if (isFirst && type !== 'ftyp') throw unreadable('it does not begin as MP4 does');
      if (size < BOX_HEAD_BYTES || at + size > MAX_HEAD_BYTES) throw unreadable(`its box ${JSON.stringify(type)} has ${size} bytes`);
      if (type === 'mdat' || type === 'moof') throw unreadable('pictures come before it says what they are');
      if (at + size > this.held.length) return undefined;
      if (type === 'moov') return tracksOf(this.held.subarray(at + BOX_HEAD_BYTES, at + size));
      at += size;
    }
    return undefined;
  }
}

function tracksOf(moov: Buffer): RecordedTracks {
  let video: RecordedTracks['video'];
  let audio: RecordedTracks['audio'];
  for (const track of boxesIn(moov)) {
    if (track.type !== 'trak') continue;
    const handler = find(track.body, ['mdia', 'hdlr'])?.toString('latin1', 8, 12);
    const codec = find(track.body, [...INTO_TRACK, 'stsd'])?.toString('latin1', ENTRIES_AT + 4, ENTRIES_AT + 8) ?? '';
    if (handler === 'vide') video ??= { codec: VIDEO_CODECS[codec] ?? 'unknown' };
    if (handler === 'soun') audio ??= { codec: AUDIO_CODECS[codec] ?? 'unknown' };
  }
  return { ...(video && { video }), ...(audio && { audio }) };
}

function find(body: Buffer, path: readonly string[]): Buffer | undefined {
  let inside: Buffer | undefined = body;
  for (const type of path) inside = inside === undefined ? undefined : [...boxesIn(inside)].find((box) => box.type === type)?.body;
  return inside;
}

function* boxesIn(body: Buffer): Generator<{ readonly type: string; readonly body: Buffer }> {
  for (let at = 0; at + BOX_HEAD_BYTES <= body.length;) {
    const size = body.readUInt32BE(at);
    if (size < BOX_HEAD_BYTES || at + size > body.length) throw unreadable('a box goes beyond the end of the one that it is in');
    yield { type: body.toString('latin1', at + 4, at + 8), body: body.subarray(at + BOX_HEAD_BYTES, at + size) };
    at += size;
  }
}
