import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal.js';
import { aacHeader, avcHeader, hvcc, OPUS_HEAD, VPCC } from '../testing/media-messages.js';
import { readAudioMessage, readVideoMessage } from './message.js';

const record = avcHeader().subarray(5);
const aacConfig = aacHeader().subarray(2);
const unit = Buffer.from([0, 0, 0, 2, 0x65, 7]);
const bytes = (...parts: (number[] | string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const video = (payload: Buffer) => readVideoMessage(payload).message;
const audio = (payload: Buffer) => readAudioMessage(payload).message;
const frame = { kind: 'frame', keyframe: true, compositionMs: 0, laterUs: 0, data: unit };

describe(readVideoMessage.name, () => {
  it('reads H.264 and HEVC as FLV has them', () => {
    expect(video(avcHeader())).toEqual({ kind: 'header', codec: 'h264', configuration: record });
    expect(video(bytes([0x17, 1, 0, 0, 40], unit))).toEqual({ ...frame, codec: 'h264', compositionMs: 40 });
    expect(video(bytes([0x27, 1, 0xff, 0xff, 0xd8], unit))).toEqual({ ...frame, codec: 'h264', keyframe: false, compositionMs: -40 });
    expect(video(bytes([0x1c, 0, 0, 0, 0], hvcc()))).toEqual({ kind: 'header', codec: 'hevc', configuration: hvcc() });
    expect(video(bytes([0x1c, 1, 0, 0, 0], unit))).toEqual({ ...frame, codec: 'hevc' });
  });

  it('reads every codec of enhanced RTMP that can be taken', () => {
    expect(video(bytes([0x90], 'avc1', record))).toEqual({ kind: 'header', codec: 'h264', configuration: record });
    expect(video(bytes([0x91], 'avc1', [0, 0, 40], unit))).toEqual({ ...frame, codec: 'h264', compositionMs: 40 });
    expect(video(bytes([0x93], 'avc1', unit))).toEqual({ ...frame, codec: 'h264' });
    expect(video(bytes([0xa3], 'avc1', unit))).toEqual({ ...frame, codec: 'h264', keyframe: false });
    expect(video(bytes([0x90], 'hvc1', hvcc()))).toEqual({ kind: 'header', codec: 'hevc', configuration: hvcc() });
    expect(video(bytes([0x91], 'hvc1', [0, 0, 40], unit))).toEqual({ ...frame, codec: 'hevc', compositionMs: 40 });
    expect(video(bytes([0x90], 'av01', [0x81, 0, 0, 0]))).toMatchObject({ kind: 'header', codec: 'av1' });
    expect(video(bytes([0x91], 'av01', unit))).toEqual({ ...frame, codec: 'av1' });
    expect(video(bytes([0x90], 'vp09', VPCC))).toEqual({ kind: 'header', codec: 'vp9', configuration: VPCC });
    expect(video(bytes([0x90], 'vp09', [1, 0, 0, 0], VPCC))).toEqual({ kind: 'header', codec: 'vp9', configuration: VPCC });
    expect(video(bytes([0x91], 'vp09', unit))).toEqual({ ...frame, codec: 'vp9' });
  });

  it('adds finer timestamps, and passes over other extensions', () => {
    expect(video(bytes([0x97, 2, 0x07, 0xa1, 0x20, 0x03], 'avc1', unit))).toEqual({ ...frame, codec: 'h264', laterUs: 500 });
    expect(video(bytes([0x97, 0xff, 0, 2, 9, 9, 9, 0x17, 0, 9, 0x13], 'avc1', unit))).toEqual({ ...frame, codec: 'h264' });
  });

  it('takes the first of several tracks and counts the others', () => {
    const main = { ...frame, codec: 'h264' };
    expect(readVideoMessage(bytes([0x96, 0x03], 'avc1', [0], unit))).toEqual({ message: main, otherFrames: 0 });
    expect(readVideoMessage(bytes([0x96, 0x03], 'hvc1', [1], unit))).toEqual({ message: { kind: 'none' }, otherFrames: 1 });
    expect(readVideoMessage(bytes([0x96, 0x00], 'hvc1', [1], hvcc()))).toEqual({ message: { kind: 'none' }, otherFrames: 0 });
    const sized = (track: number): Buffer => bytes([track, 0, 0, unit.length], unit);
    expect(readVideoMessage(bytes([0x96, 0x13], 'avc1', sized(1), sized(0), sized(2)))).toEqual({ message: main, otherFrames: 2 });
    expect(readVideoMessage(bytes([0x96, 0x23], 'vp08', sized(1), 'avc1', sized(0)))).toEqual({ message: main, otherFrames: 1 });
  });

  it.each([
    ['the end of a sequence', bytes([0x92], 'avc1')],
    ['metadata', bytes([0x94], 'avc1', [1, 2, 3])],
    ['a command frame', bytes([0xd1, 0])],
    ['a message cut short before its frame', bytes([0x17, 1])],
    ['nothing', bytes()],
  ])('keeps nothing of %s', (_name, payload) => {
    expect(video(payload)).toEqual({ kind: 'none' });
  });

  it.each([
    ['a frame without a unit', bytes([0x91], 'avc1', [0, 0, 0])],
    ['a frame without its offset', bytes([0x91], 'avc1', [0])],
    ['a frame of FLV without a unit', bytes([0x17, 1, 0, 0, 0])],
  ])('knows %s for an empty frame', (_name, payload) => {
    expect(video(payload)).toEqual({ ...frame, codec: 'h264', data: Buffer.alloc(0) });
  });

  it.each([
    ['VP8', bytes([0x91], 'vp08', unit), 'Video is VP8: send H.264, HEVC, AV1 or VP9'],
    ['VVC', bytes([0x91], 'vvc1', unit), 'Video is VVC: send H.264, HEVC, AV1 or VP9'],
    ['H.263', bytes([0x12, 1]), 'Video is H.263: send H.264, HEVC, AV1 or VP9'],
    ['an unknown codec', bytes([0x91], 'xxxx', unit), 'Video is of an unknown codec: send H.264'],
    ['a broken sequence header', bytes([0x90], 'avc1', [1, 2]), 'The H.264 sequence header is broken'],
    ['a broken sequence header of HEVC', bytes([0x90], 'hvc1', hvcc().subarray(0, 30)), 'The HEVC sequence header is broken'],
    ['a broken sequence header of AV1', bytes([0x90], 'av01', [1]), 'The AV1 sequence header is broken'],
    ['a broken sequence header of VP9', bytes([0x90], 'vp09', [1]), 'The VP9 sequence header is broken'],
    ['a header cut short', bytes([0x90], 'av'), 'An enhanced RTMP header is broken'],
    ['a track longer than its message', bytes([0x96, 0x13], 'avc1', [0, 0xff, 0xff, 0xff]), 'An enhanced RTMP header is broken'],
    ['finer timestamps cut short', bytes([0x97, 0xff, 0xff]), 'An enhanced RTMP header is broken'],
  ])('refuses %s', (_name, payload, reason) => {
    expect(() => readVideoMessage(payload)).toThrow(Refusal);
    expect(() => readVideoMessage(payload)).toThrow(reason);
  });
});

describe(readAudioMessage.name, () => {
  const sound = { kind: 'frame', keyframe: true, compositionMs: 0, laterUs: 0 };

  it('reads AAC, Opus and MP3', () => {
    expect(audio(aacHeader())).toEqual({ kind: 'header', codec: 'aac', configuration: aacConfig });
    expect(audio(bytes([0xaf, 1, 0x21, 7]))).toEqual({ ...sound, codec: 'aac', data: bytes([0x21, 7]) });
    expect(audio(bytes([0x90], 'mp4a', aacConfig))).toEqual({ kind: 'header', codec: 'aac', configuration: aacConfig });
    expect(audio(bytes([0x91], 'mp4a', [0x21, 7]))).toEqual({ ...sound, codec: 'aac', data: bytes([0x21, 7]) });
    expect(audio(bytes([0x90], 'Opus', OPUS_HEAD))).toEqual({ kind: 'header', codec: 'opus', configuration: OPUS_HEAD });
    expect(audio(bytes([0x91], 'Opus', [0xfc]))).toEqual({ ...sound, codec: 'opus', data: bytes([0xfc]) });
    expect(audio(bytes([0x2f, 0xff, 0xfb]))).toEqual({ ...sound, codec: 'mp3', data: bytes([0xff, 0xfb]) });
    expect(audio(bytes([0x91], '.mp3', [0xff, 0xfb]))).toEqual({ ...sound, codec: 'mp3', data: bytes([0xff, 0xfb]) });
  });

  it('takes the first of several tracks and counts the others', () => {
    expect(readAudioMessage(bytes([0x95, 0x01], 'mp4a', [0, 0x21, 7]))).toEqual({
      message: { ...sound, codec: 'aac', data: bytes([0x21, 7]) },
      otherFrames: 0,
    });
    expect(readAudioMessage(bytes([0x95, 0x01], 'Opus', [1, 0x21, 7]))).toEqual({ message: { kind: 'none' }, otherFrames: 1 });
    expect(audio(bytes([0x94], 'mp4a', [1, 2]))).toEqual({ kind: 'none' });
  });

  it.each([
    ['G.711', bytes([0x7f, 1]), true, 'Sound is G.711 and is not kept: send AAC, Opus or MP3'],
    ['Speex', bytes([0xb2, 1]), true, 'Sound is Speex and is not kept: send AAC, Opus or MP3'],
    ['Nellymoser', bytes([0x62, 1]), true, 'Sound is Nellymoser and is not kept: send AAC, Opus or MP3'],
    ['the header of FLAC', bytes([0x90], 'fLaC', [1]), false, 'Sound is FLAC and is not kept: send AAC, Opus or MP3'],
    ['AC-3', bytes([0x91], 'ac-3', [1]), true, 'Sound is AC-3 and is not kept: send AAC, Opus or MP3'],
    ['a codec of no name', bytes([0x91], '????', [1]), true, 'Sound is of an unknown codec and is not kept: send AAC, Opus or MP3'],
    ['a broken header', bytes([0xaf, 0, 1]), false, 'Sound has a broken sequence header and is not kept: start the encoder again'],
  ])('refuses no publisher for %s', (_name, payload, isFrame, reason) => {
    expect(audio(payload)).toEqual({ kind: 'unusable', isFrame, reason });
  });
});
