import { afterEach, describe, expect, it } from 'vitest';
import type { Logger } from 'vedette/plugin';
import { rtmpConfigSchema, type RtmpConfigInput } from './config.js';
import { RtmpListener } from './rtmp-listener.js';
import { FakePublishGate } from './testing/fake-publish-gate.js';
import { decodedFrames, exitOf, packetsOf, publish } from './testing/ffmpeg.js';
import { isAudioFrame, isVideoFrame, readFlv } from './testing/flv-reader.js';

const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const stops: (() => Promise<unknown> | unknown)[] = [];

async function listener(config: RtmpConfigInput = {}) {
  const gate = new FakePublishGate();
  const settings = rtmpConfigSchema.parse({ host: '127.0.0.1', port: 0, ...config });
  const rtmp = await RtmpListener.open(settings, gate, silent, new AbortController().signal);
  stops.push(() => rtmp.stop('test over'));
  return { gate, rtmp, url: (key: string) => `rtmp://127.0.0.1:${rtmp.port}/live/${key}` };
}

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe('publishing with ffmpeg', () => {
  it.each([
    ['H.264 and AAC', { seconds: 2, audio: true, bFrames: 0 }],
    ['B-frames', { seconds: 2, audio: true, bFrames: 2 }],
    ['no audio', { seconds: 2, audio: false, bFrames: 0 }],
  ])('takes %s, every frame of it', async (_name, clip) => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    const { code, errors } = await exitOf(publish(url('key-a'), clip));
    expect(errors).toBe('');
    expect(code).toBe(0);
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs).toHaveLength(1);
    const flv = stream.epochs[0]!.bytes;
    const tags = readFlv(flv);
    expect(tags.filter(isVideoFrame)).toHaveLength(50);
    expect(tags.filter(isAudioFrame).length > 80).toBe(clip.audio);
    const packets = await packetsOf(flv);
    expect(packets.filter((packet) => packet.codec_type === 'video')).toHaveLength(50);
    expect(await decodedFrames(flv)).toBe(50);
    expect(stream.reports.map((report) => report.state)).toEqual(['starting', 'live', 'stopped']);
  });
});
