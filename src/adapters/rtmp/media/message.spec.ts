import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal.js';
import { aacHeader, avcHeader } from '../testing/media-messages.js';
import { readAudioMessage, readVideoMessage } from './message.js';

const record = avcHeader().subarray(5);
const aacConfig = aacHeader().subarray(2);
const unit = Buffer.from([0, 0, 0, 2, 0x65, 7]);
const bytes = (...parts: (number[] | string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));

describe(readVideoMessage.name, () => {
  it('takes H.264 by enhanced RTMP for what FLV has had before', () => {
    expect(readVideoMessage(bytes([0x90], 'avc1', record))).toEqual({ kind: 'header', record });
    const frame = { kind: 'frame', keyframe: true };
    expect(readVideoMessage(bytes([0x91], 'avc1', [0, 0, 40], unit))).toEqual({ ...frame, payload: bytes([0x17, 1, 0, 0, 40], unit) });
    expect(readVideoMessage(bytes([0x93], 'avc1', unit))).toEqual({ ...frame, payload: bytes([0x17, 1, 0, 0, 0], unit) });
    expect(readVideoMessage(bytes([0xa3], 'avc1', unit))).toMatchObject({ keyframe: false, payload: bytes([0x27, 1, 0, 0, 0], unit) });
  });

  it('passes over finer timestamps', () => {
    const message = { kind: 'frame', keyframe: true, payload: bytes([0x17, 1, 0, 0, 0], unit) };
    expect(readVideoMessage(bytes([0x97, 2, 9, 9, 9, 0x03], 'avc1', unit))).toEqual(message);
    expect(readVideoMessage(bytes([0x97, 0xff, 0, 2, 9, 9, 9, 0x07, 0, 9, 0x03], 'avc1', unit))).toEqual(message);
  });

  it('takes the first of several tracks and skips the others', () => {
    const frame = { kind: 'frame', keyframe: true, payload: bytes([0x17, 1, 0, 0, 0], unit) };
    expect(readVideoMessage(bytes([0x96, 0x03], 'avc1', [0], unit))).toEqual(frame);
    expect(readVideoMessage(bytes([0x96, 0x03], 'hvc1', [1], unit))).toEqual({ kind: 'none' });
    const sized = (track: number): Buffer => bytes([track, 0, 0, unit.length], unit);
    expect(readVideoMessage(bytes([0x96, 0x13], 'avc1', sized(1), sized(0)))).toEqual(frame);
    expect(readVideoMessage(bytes([0x96, 0x23], 'hvc1', sized(1), 'avc1', sized(0)))).toEqual(frame);
  });

  it.each([
    ['the end of a sequence', bytes([0x92], 'avc1')],
    ['metadata', bytes([0x94], 'avc1', [1, 2, 3])],
    ['a command frame', bytes([0xd1, 0])],
    ['a frame without a unit', bytes([0x91], 'avc1', [0, 0, 0])],
    ['nothing', bytes()],
  ])('keeps nothing of %s', (_name, payload) => {
    expect(readVideoMessage(payload)).toEqual({ kind: 'none' });
  });

  it.each([
    ['HEVC', bytes([0x91], 'hvc1', unit), 'Video is HEVC: send H.264'],
    ['an unknown codec', bytes([0x91], 'xxxx', unit), 'Video is of an unknown codec: send H.264'],
    ['a broken sequence header', bytes([0x90], 'avc1', [1, 2]), 'The H.264 sequence header is broken'],
    ['a header cut short', bytes([0x90], 'av'), 'An enhanced RTMP header is broken'],
    ['a track longer than its message', bytes([0x96, 0x13], 'avc1', [0, 0xff, 0xff, 0xff]), 'An enhanced RTMP header is broken'],
    ['finer timestamps cut short', bytes([0x97, 0xff, 0xff]), 'An enhanced RTMP header is broken'],
  ])('refuses %s', (_name, payload, reason) => {
    expect(() => readVideoMessage(payload)).toThrow(Refusal);
    expect(() => readVideoMessage(payload)).toThrow(reason);
  });
});

describe(readAudioMessage.name, () => {
  it('takes AAC by enhanced RTMP for what FLV has had before, and skips further tracks', () => {
    expect(readAudioMessage(bytes([0x90], 'mp4a', aacConfig))).toEqual({ kind: 'header', config: aacConfig });
    expect(readAudioMessage(bytes([0x91], 'mp4a', [0x21, 7]))).toEqual({ kind: 'frame', payload: bytes([0xaf, 1, 0x21, 7]) });
    expect(readAudioMessage(bytes([0x95, 0x01], 'mp4a', [0, 0x21, 7]))).toEqual({ kind: 'frame', payload: bytes([0xaf, 1, 0x21, 7]) });
    expect(readAudioMessage(bytes([0x95, 0x01], 'Opus', [1, 0x21, 7]))).toEqual({ kind: 'none' });
    expect(readAudioMessage(bytes([0x94], 'mp4a', [1, 2]))).toEqual({ kind: 'none' });
  });

  it('refuses another codec by its name', () => {
    expect(() => readAudioMessage(bytes([0x91], 'Opus', [1]))).toThrow('Audio is Opus: send AAC');
    expect(() => readAudioMessage(Buffer.from([0x2f, 1]))).toThrow('Audio is MP3: send AAC');
  });
});
