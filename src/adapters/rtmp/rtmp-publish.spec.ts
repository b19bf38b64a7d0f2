import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { decodedFrames, exitOf, packetsOf, publish, publishAs } from './testing/ffmpeg.js';
import { isAudioFrame, isVideoFrame, readFlv } from './testing/flv-reader.js';
import { listenerFixture } from './testing/listener-fixture.js';

const { stops, listener } = listenerFixture();

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
    const video = packets.filter((packet) => packet.codec_type === 'video');
    expect(video).toHaveLength(50);
    expect(new Set(video.map((packet) => packet.pts)).size).toBe(50);
    expect(video.some((packet) => packet.pts !== packet.dts)).toBe(clip.bFrames > 0);
    expect(await decodedFrames(flv)).toBe(50);
    // Sent faster than real time it may be over before the packager is there: then it never was live.
    expect(stream.reports.map(({ state }) => state).filter((state) => state !== 'live')).toEqual(['starting', 'stopped']);
  });

  it('begins a new epoch when the publisher comes back, at its new size', async () => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    await exitOf(publish(url('key-a'), { seconds: 1, size: '160x120' }));
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the first epoch ended');
    await exitOf(publish(url('key-a'), { seconds: 1, size: '320x180' }));
    await gate.until(() => stream.epochs[1]?.endedBecause !== undefined, 'both epochs ended');
    expect(stream.epochs).toHaveLength(2);
    for (const epoch of stream.epochs) expect(await decodedFrames(epoch.bytes)).toBe(25);
    const headers = stream.epochs.map((epoch) => readFlv(epoch.bytes).filter((tag) => tag.type === 9 && tag.payload[1] === 0));
    expect(headers.map((tags) => tags.length)).toEqual([1, 1]);
    expect(headers[0]![0]!.payload.equals(headers[1]![0]!.payload)).toBe(false);
  });

  it('refuses an unknown key before anything of the publisher is seen, and logs no key', async () => {
    const { gate, url, log } = await listener();
    const stream = gate.stream('key-a');
    const { code, errors } = await exitOf(publish(url('wrong-secret-key'), { seconds: 1 }));
    expect(code).not.toBe(0);
    expect(errors).toContain('unknown, revoked or missing');
    expect(gate.refusedKeys).toEqual(['wrong-secret-key']);
    expect(stream.epochs).toEqual([]);
    expect(stream.reports).toEqual([]);
    expect(log.lines.join('\n')).toContain('key-refused');
    expect(log.lines.join('\n')).not.toContain('wrong-secret-key');
  });

  it('refuses another application without asking for a key', async () => {
    const { gate, url } = await listener();
    gate.stream('key-a');
    const { code, errors } = await exitOf(publish(url('key-a', 'other'), { seconds: 1 }));
    expect(code).not.toBe(0);
    expect(errors).toContain('No such application');
    expect(gate.refusedKeys).toEqual([]);
  });

  it('gives nothing to players', async () => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    const publisher = publish(url('key-a'), { seconds: 30, paced: true });
    stops.push(() => publisher.kill('SIGKILL'));
    await gate.until(() => (stream.epochs[0]?.sizeBytes ?? 0) > 10_000, 'the stream is live');
    const player = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-i', url('key-a'), '-c', 'copy', '-f', 'null', '-'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const { code, errors } = await exitOf(player);
    expect(code).not.toBe(0);
    expect(errors).toContain('Playing is closed');
    expect(stream.epochs[0]!.endedBecause).toBeUndefined();
  });

  it('ends the epoch when a publisher falls silent without a word', async () => {
    const { gate, url } = await listener({ silenceTimeout: '1s' });
    const stream = gate.stream('key-a');
    const publisher = publish(url('key-a'), { seconds: 30, paced: true });
    stops.push(() => publisher.kill('SIGKILL'));
    await gate.until(() => (stream.epochs[0]?.sizeBytes ?? 0) > 10_000, 'the stream is live');
    publisher.kill('SIGSTOP');
    const epoch = stream.epochs[0]!;
    await gate.until(() => epoch.endedBecause !== undefined, 'the silence was noticed', 5000);
    expect(epoch.endedBecause).toBe('no media for 1 s');
    expect(stream.reports.at(-1)).toEqual({ state: 'retrying', detail: 'no media for 1 s' });
    expect(await decodedFrames(epoch.bytes)).toBe(readFlv(epoch.bytes).filter(isVideoFrame).length);
  });

  it('ends the epoch when the publisher is killed', async () => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    const publisher = publish(url('key-a'), { seconds: 30, paced: true });
    await gate.until(() => (stream.epochs[0]?.sizeBytes ?? 0) > 10_000, 'the stream is live');
    publisher.kill('SIGKILL');
    await gate.until(() => stream.epochs[0]!.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs[0]!.endedBecause).toBe('the publisher closed the connection');
  });

  it('takes MP3 as it is', async () => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    expect(await exitOf(publishAs(url('key-a'), ['-c:a', 'libmp3lame']))).toEqual({ code: 0, errors: '' });
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs[0]!.input.audio?.codec).toBe('mp3');
    expect((await packetsOf(stream.epochs[0]!.bytes)).filter((packet) => packet.codec_type === 'audio').length).toBeGreaterThan(100);
    expect(stream.epochs[0]!.losses).toEqual([]);
  });

  it.each([
    ['Nellymoser', ['-c:a', 'nellymoser', '-ac', '1']],
    ['G.711', ['-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1']],
    ['Speex', ['-c:a', 'libspeex', '-ar', '16000', '-ac', '1']],
    ['PCM', ['-c:a', 'pcm_s16le', '-ac', '1']],
  ])('keeps the picture beside sound that is %s, and counts the sound', async (name, codec) => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    expect(await exitOf(publishAs(url('key-a'), codec))).toEqual({ code: 0, errors: '' });
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs).toHaveLength(1);
    expect(await decodedFrames(stream.epochs[0]!.bytes)).toBe(75);
    const lost = stream.epochs[0]!.losses.filter(({ reason }) => reason === 'codec-unsupported');
    expect(lost.reduce((sum, { audioFrames }) => sum + audioFrames, 0)).toBeGreaterThan(25);
    expect(stream.reports[1]).toEqual({ state: 'live', detail: `Sound is ${name} and is not kept: send AAC, Opus or MP3` });
  });

  it('refuses an older video codec with the reason', async () => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    await exitOf(publishAs(url('key-a'), ['-c:v', 'flv1']));
    await gate.until(() => stream.reports.at(-1)?.state === 'failed', 'the refusal was reported');
    expect(stream.reports.at(-1)?.detail).toBe('Video is H.263: send H.264, HEVC, AV1 or VP9');
    expect(stream.epochs).toEqual([]);
  });

  it('takes sound alone', async () => {
    const { gate, url } = await listener();
    const stream = gate.stream('key-a');
    expect(await exitOf(publishAs(url('key-a'), ['-vn']))).toEqual({ code: 0, errors: '' });
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs[0]!.input.video).toBeUndefined();
    expect(stream.epochs.map(({ losses }) => losses)).toEqual([[]]);
  });
});
