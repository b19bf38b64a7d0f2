import { describe, expect, it } from 'vitest';
import { avcHeader } from '../testing/media-messages.js';
import { audioDamage, mp3Header, videoDamage } from './frame-damage.js';

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const avc = avcHeader().subarray(5);
const hvcc = Buffer.alloc(23, 3);
const none = Buffer.alloc(0);

describe(videoDamage.name, () => {
  it('finds nothing wrong with frames that are whole', () => {
    expect(videoDamage('h264', avc, bytes(0, 0, 0, 2, 0x06, 5, 0, 0, 0, 3, 0x65, 1, 2))).toBeUndefined();
    expect(videoDamage('h264', bytes(1, 0, 0, 0, 0xfd), bytes(0, 2, 0x41, 7))).toBeUndefined();
    expect(videoDamage('hevc', hvcc, bytes(0, 0, 0, 3, 0x26, 1, 9))).toBeUndefined();
    expect(videoDamage('av1', none, bytes(0x12, 0, 0x32, 2, 1, 2))).toBeUndefined();
    expect(videoDamage('av1', none, bytes(0x12, 0, 0x30, 1, 2, 3))).toBeUndefined();
    expect(videoDamage('vp9', none, bytes(0x82, 1))).toBeUndefined();
  });

  it.each([
    ['h264', 'nothing', none, 'empty'],
    ['h264', 'a unit longer than the frame', bytes(0, 0, 0, 9, 0x65, 1), 'cut short'],
    ['h264', 'half a length', bytes(0, 0, 0, 2, 0x65, 1, 0, 0), 'cut short'],
    ['h264', 'an empty unit', bytes(0, 0, 0, 0, 0, 0, 0, 1, 0x65), 'with an empty unit'],
    ['h264', 'a unit with the forbidden bit', bytes(0, 0, 0, 2, 0xe5, 1), 'with a unit that is none'],
    ['h264', 'parameter sets alone', bytes(0, 0, 0, 2, 0x67, 1), 'without a picture'],
    ['hevc', 'a unit cut in half', bytes(0, 0, 0, 200, 0x26, 1, 9), 'cut short'],
    ['hevc', 'parameter sets alone', bytes(0, 0, 0, 3, 0x40, 1, 9), 'without a picture'],
    ['av1', 'a unit cut in half', bytes(0x12, 0, 0x32, 0x80, 1, 1, 2), 'cut short'],
    ['av1', 'a size without an end', bytes(0x12, 0xff, 0xff), 'cut short'],
    ['av1', 'a delimiter alone', bytes(0x12, 0), 'without a picture'],
    ['av1', 'the forbidden bit', bytes(0x92, 0), 'with a unit that is none'],
    ['vp9', 'another marker', bytes(0x42, 1), 'no VP9 frame'],
  ] as const)('of %s names %s', (codec, _name, data, damage) => {
    expect(videoDamage(codec, codec === 'hevc' ? hvcc : avc, data)).toBe(damage);
  });

  it('survives every cut and every byte of a frame', () => {
    const whole = bytes(0, 0, 0, 2, 0x06, 5, 0, 0, 0, 3, 0x65, 1, 2);
    for (const codec of ['h264', 'hevc', 'av1', 'vp9'] as const) {
      for (let at = 0; at < whole.length; at++) {
        videoDamage(codec, avc, whole.subarray(0, at));
        for (let value = 0; value < 256; value += 5) {
          const changed = Buffer.from(whole);
          changed[at] = value;
          videoDamage(codec, none, changed);
        }
      }
    }
    for (let at = 1; at < whole.length; at++) expect(videoDamage('h264', avc, whole.subarray(0, at))).toBeDefined();
  });
});

describe(audioDamage.name, () => {
  it.each([
    ['aac', 'a frame', bytes(0x21, 0x10), undefined],
    ['aac', 'nothing', none, 'empty'],
    ['aac', 'ADTS', bytes(0xff, 0xf1, 0x50, 0x80), 'ADTS inside'],
    ['aac', 'ADTS of MPEG-2, without CRC', bytes(0xff, 0xf9, 0x50, 0x80), 'ADTS inside'],
    ['aac', 'megabytes', Buffer.alloc(9000, 0x21), 'larger than any frame'],
    ['mp3', 'a frame', bytes(0xff, 0xfb, 0x90, 0x64), undefined],
    ['mp3', 'something else', bytes(0x21, 0x10, 0, 0), 'no MP3 frame'],
    ['mp3', 'half a header', bytes(0xff, 0xfb), 'no MP3 frame'],
    ['opus', 'a packet', bytes(0xfc, 1), undefined],
    ['opus', 'nothing', none, 'empty'],
  ] as const)('of %s judges %s', (codec, _name, data, damage) => {
    expect(audioDamage(codec, data)).toBe(damage);
  });
});

describe(mp3Header.name, () => {
  it('is the same for frames of one stream, whatever their bit rate', () => {
    const header = mp3Header(bytes(0xff, 0xfb, 0x90, 0x64));
    expect(mp3Header(bytes(0xff, 0xfb, 0xb2, 0x44))).toBe(header);
    expect(mp3Header(bytes(0xff, 0xfb, 0x94, 0x64))).not.toBe(header);
    expect(mp3Header(bytes(0xff, 0xfb, 0x90, 0xe4))).not.toBe(header);
  });
});
