import { describe, expect, it } from 'vitest';
import { type FfmpegInput, fromStandardInput, inputArguments, outputArguments } from './ffmpeg-arguments.js';

const hls = { segmentDurationMs: 2000, liveWindowSegments: 6 };
const device = {
  ...{ kind: 'ffmpeg', format: 'v4l2', url: '/dev/video0', protocols: [], audio: 'none' },
  video: { encode: 'h264', bitrateKbps: 1500, gopSeconds: 2 },
} as const satisfies FfmpegInput;

const valueOf = (args: readonly string[], option: string) => args[args.indexOf(option) + 1];

describe('inputArguments', () => {
  it('keeps the clock of what is copied', () => {
    expect(inputArguments({ ...device, video: 'copy' })).toContain('-copyts');
  });

  it('lets what is written to ffmpeg open nothing but its standard input', () => {
    const input = fromStandardInput({ kind: 'container', format: 'matroska', video: 'copy', audio: 'none' });
    const args = inputArguments(input);
    expect([input.url, valueOf(args, '-protocol_whitelist')]).toEqual(['pipe:0', 'pipe']);
    expect(args.slice(-2)).toEqual(['-f', 'matroska']);
  });

  it('allows a device no protocol, and gives it a clock from zero', () => {
    const args = inputArguments({ ...device, inputOptions: ['-framerate', '25'] });
    expect(valueOf(args, '-protocol_whitelist')).toBe('none');
    expect(args.slice(-4)).toEqual(['-framerate', '25', '-f', 'v4l2']);
    expect(args).not.toContain('-copyts');
  });

  it.each([
    { ...device, format: '-y' },
    { ...device, format: '' },
    { ...device, url: '' },
    { ...device, url: 'a\nb' },
    { ...device, protocols: ['file,http'] },
  ])('refuses $format $url $protocols', (input) => {
    expect(() => inputArguments(input)).toThrow(expect.objectContaining({ code: 'VD_MEDIA_INPUT_REFUSED' }));
  });
});

describe('outputArguments', () => {
  it('cuts a little before the target, so that a keyframe that is early still ends its segment', () => {
    expect(valueOf(outputArguments(device, hls), '-hls_time')).toBe('1.900');
    expect(valueOf(outputArguments(device, { ...hls, segmentDurationMs: 500 }), '-hls_time')).toBe('0.450');
  });

  it('copies what is encoded already, and encodes what devices give', () => {
    const args = outputArguments(device, hls);
    expect(valueOf(args, '-c:v')).toBe('libx264');
    expect(args).toContain('-an');
    const both = outputArguments({ ...device, audio: { encode: 'aac', bitrateKbps: 96 } }, hls);
    expect(valueOf(both, '-b:a')).toBe('96k');
    expect(valueOf(outputArguments({ ...device, video: 'copy', audio: 'copy' }, hls), '-c:a')).toBe('copy');
  });
});
