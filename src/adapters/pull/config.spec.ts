import { describe, expect, it } from 'vitest';
import { pullConfigSchema } from './config.js';

const refusal = (config: object): string | undefined => pullConfigSchema.safeParse(config).error?.issues[0]?.message;

describe('pullConfigSchema', () => {
  it.each([
    { kind: 'rtsp', url: 'rtsp://192.168.1.20:554/stream?channel=1&subtype=0' },
    { kind: 'rtsp', url: 'rtsps://[fd00::7]/main', username: 'guard', password: 'pass@:/', transport: 'udp' },
    { kind: 'rtmp', url: 'rtmp://server.lan/live/name' },
    { kind: 'hls', url: 'https://example.com/live/index.m3u8?token=abc', video: 'encode', bitrateKbps: 800 },
    { kind: 'srt', url: 'srt://encoder.lan:9000', passphrase: '0123456789', streamId: '#!::r=live', latency: '1s' },
    { kind: 'http-ts', url: 'http://tuner.lan:8080/1.ts' },
    { kind: 'mjpeg', url: 'http://camera.lan/video.mjpg', timeout: '30s' },
  ])('takes $kind $url', (config) => {
    expect(refusal(config)).toBeUndefined();
  });

  it.each([
    { kind: 'rtsp', url: 'http://camera.lan/' },
    { kind: 'rtsp', url: 'rtsp:///main' },
    { kind: 'rtsp', url: 'rtsp://camera.lan/a b' },
    { kind: 'rtsp', url: 'rtsp://camera.lan/\r\nDESCRIBE rtsp://other/' },
    { kind: 'rtsp', url: 'rtsp://camera.lan\\@other/' },
    { kind: 'rtmp', url: 'rtmpe://server.lan/live' },
    { kind: 'rtmp', url: 'rtmp://server.lan/live/name playpath=x' },
    { kind: 'hls', url: 'file:///etc/passwd' },
    { kind: 'hls', url: 'index.m3u8' },
    { kind: 'srt', url: 'srt://encoder.lan' },
    { kind: 'srt', url: 'srt://encoder.lan:9000?passphrase=0123456789' },
    { kind: 'srt', url: 'srt://encoder.lan:9000', passphrase: 'short' },
    { kind: 'mjpeg', url: 'http://camera.lan/', timeout: '1h' },
    { kind: 'mjpeg', url: 'http://camera.lan/', format: 'concat' },
    { kind: 'unknown', url: 'http://camera.lan/' },
  ])('refuses $kind $url', (config) => {
    expect(pullConfigSchema.safeParse(config).success).toBe(false);
  });

  it('says where user and password stand, and repeats neither', () => {
    const message = refusal({ kind: 'rtsp', url: 'rtsp://guard:sesame@camera.lan/main' });
    expect(message).toContain('`username` and `password`');
    expect(message).not.toMatch(/guard|sesame/);
  });
});
