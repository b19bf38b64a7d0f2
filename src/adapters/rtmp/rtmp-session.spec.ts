import { setTimeout as passed } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RtmpSession } from './rtmp-session.js';
import { readFlv } from './testing/flv-reader.js';
import { aacFrame, aacHeader, avcHeader, framesOf, interFrame, keyframe } from './testing/media-messages.js';
import { amf0, RtmpClient } from './testing/rtmp-client.js';
import { listenerFixture } from './testing/listener-fixture.js';

const { stops, listener, publisher } = listenerFixture();

describe(RtmpSession.name, () => {
  it('counts time from the first keyframe, or the sound just before it, and leaves out what came earlier', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(999_000, aacHeader());
    client.video(999_000, avcHeader());
    client.video(999_000, interFrame(1));
    client.audio(999_740, aacFrame(8));
    client.audio(999_990, aacFrame(1));
    client.video(1_000_000, keyframe(2));
    client.audio(1_000_010, aacFrame(3));
    client.video(1_000_040, interFrame(4));
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(framesOf(stream.epochs[0]!.bytes).map(({ track, timestampMs, marker }) => [track, timestampMs, marker])).toEqual([
      ['video', 0, '02'],
      ['audio', -10, '01'],
      ['audio', 10, '03'],
      ['video', 40, '04'],
    ]);
    expect(stream.epochs[0]!.frames[1]!.dtsUs).toBe(0);
    expect(stream.epochs[0]!.losses).toMatchObject([
      { reason: 'no-keyframe', videoFrames: 1, audioFrames: 0 },
      { reason: 'no-keyframe', videoFrames: 0, audioFrames: 1 },
    ]);
  });

  it('goes on past the 32-bit wrap of RTMP time', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    const beginMs = 2 ** 32 - 50;
    client.audio(beginMs, aacHeader());
    client.video(beginMs, avcHeader());
    for (let i = 0; i < 5; i++) client.video(beginMs + i * 40, i === 0 ? keyframe(i) : interFrame(i));
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs).toHaveLength(1);
    expect(framesOf(stream.epochs[0]!.bytes).map((frame) => frame.timestampMs)).toEqual([0, 40, 80, 120, 160]);
  });

  it.each([
    ['backwards', 1000],
    ['forwards', 60_000],
  ])('begins a new epoch at the next keyframe when the clock jumps %s', async (_way, jumpedMs) => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(20_000, keyframe(1));
    client.video(20_040, interFrame(2));
    client.video(jumpedMs, interFrame(3));
    client.video(jumpedMs + 40, keyframe(4));
    client.video(jumpedMs + 80, interFrame(5));
    await client.close();
    await gate.until(() => stream.epochs[1]?.endedBecause !== undefined, 'both epochs ended');
    expect(stream.epochs.map((epoch) => framesOf(epoch.bytes).map((frame) => frame.marker))).toEqual([
      ['01', '02'],
      ['04', '05'],
    ]);
    expect(stream.epochs[0]!.losses).toMatchObject([{ reason: 'clock-jump', videoFrames: 1, audioFrames: 0 }]);
    expect(stream.epochs[0]!.endedBecause).toBe('timestamps jumped');
  });

  it('keeps a frame in its place when its timestamp falls back by a rounding error', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    client.video(40, interFrame(2));
    client.video(37, interFrame(3));
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    const last = readFlv(stream.epochs[0]!.bytes).at(-1)!;
    expect(last.timestampMs).toBe(40);
    expect(last.timestampMs + last.payload.readIntBE(2, 3)).toBe(37);
  });

  it('begins a new epoch for a new video header, and none for the same one again', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader(0));
    client.video(0, keyframe(1));
    client.video(40, avcHeader(0));
    client.video(40, interFrame(2));
    client.video(80, avcHeader(1));
    client.video(80, keyframe(3));
    await client.close();
    await gate.until(() => stream.epochs[1]?.endedBecause !== undefined, 'both epochs ended');
    expect(stream.epochs).toHaveLength(2);
    expect(stream.epochs.map((epoch) => framesOf(epoch.bytes).map((frame) => frame.marker))).toEqual([['01', '02'], ['03']]);
    const headers = stream.epochs.map((epoch) => readFlv(epoch.bytes).filter((tag) => tag.type === 9 && tag.payload[1] === 0));
    expect(headers.map((tags) => tags.map((tag) => tag.payload.toString('hex')))).toEqual([
      [avcHeader(0).toString('hex')],
      [avcHeader(1).toString('hex')],
    ]);
  });

  it('loses no picture when the audio format changes: the next keyframe begins the new epoch', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader(0));
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    client.audio(20, aacHeader(1));
    client.audio(20, aacFrame(9));
    client.video(40, interFrame(2));
    client.video(80, keyframe(3));
    client.audio(80, aacFrame(4));
    await client.close();
    await gate.until(() => stream.epochs[1]?.endedBecause !== undefined, 'both epochs ended');
    expect(stream.epochs.map((epoch) => framesOf(epoch.bytes).map((frame) => frame.marker))).toEqual([
      ['01', '02'],
      ['03', '04'],
    ]);
  });

  it('waits for announced audio before it begins an epoch, but not for long', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.send({ type: 18, streamId: 1, payload: Buffer.concat([amf0('@setDataFrame'), amf0('onMetaData'), amf0({ audiocodecid: 10 })]) });
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    client.audio(10, aacHeader());
    client.video(40, interFrame(2));
    await gate.until(() => stream.epochs.length === 1, 'the epoch began');
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs).toHaveLength(1);
    expect(readFlv(stream.epochs[0]!.bytes).filter((tag) => tag.type === 8)).toHaveLength(1);
    expect(stream.epochs[0]!.bytes[4]).toBe(5);

    const silent = await publisher(port, 'key');
    silent.video(0, avcHeader());
    silent.video(0, keyframe(1));
    silent.video(1000, interFrame(2));
    await gate.until(() => (stream.epochs[1]?.sizeBytes ?? 0) > 0, 'the epoch began without audio');
    expect(stream.epochs[1]!.bytes[4]).toBe(1);
  });

  it('holds the publisher while the packager is full, and takes that for no silence', async () => {
    const { gate, port } = await listener({ silenceTimeout: '200ms' });
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    await gate.until(() => (stream.epochs[0]?.sizeBytes ?? 0) > 0, 'the epoch began');
    const epoch = stream.epochs[0]!;
    epoch.full = true;
    const frame = interFrame(0, 100_000);
    const total = 200;
    for (let i = 1; i <= total; i++) client.video(i * 40, frame);
    await gate.until(() => epoch.sizeBytes > frame.length, 'the buffer was found full');
    let waited = 0;
    const settled = Promise.withResolvers<void>();
    const poll = setInterval(() => {
      if (++waited === 10) settled.resolve(); // well past the silence time-out
    }, 60);
    await settled.promise;
    clearInterval(poll);
    expect(epoch.endedBecause).toBeUndefined();
    expect(epoch.sizeBytes).toBeLessThan(2_000_000);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    epoch.drain();
    await gate.until(() => epoch.frames.length > total, 'all frames came through');
    expect(epoch.losses).toEqual([]);
  });

  it('gives the stream to another publisher with a valid key, and to none without', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key', 'one');
    gate.stream('second-key', 'one');
    const first = await publisher(port, 'key');
    first.audio(0, aacHeader());
    first.video(0, avcHeader());
    first.video(0, keyframe(1));
    await gate.until(() => stream.epochs.length === 1, 'the first epoch began');

    const stranger = await RtmpClient.open(port);
    await stranger.connectApp('live');
    stranger.command('publish', 3, null, 'guess', 'live');
    await stranger.answered('NetStream.Publish.BadName');
    await stranger.refused();
    expect(stream.epochs[0]!.endedBecause).toBeUndefined();

    const second = await publisher(port, 'second-key');
    await first.refused();
    second.audio(0, aacHeader());
    second.video(0, avcHeader());
    second.video(0, keyframe(2));
    await gate.until(() => stream.reports.length === 4, 'the second epoch began');
    expect(stream.epochs[0]!.endedBecause).toBe('another publisher with a valid key took over');
    expect(framesOf(stream.epochs[0]!.bytes).map((frame) => frame.marker)).toEqual(['01']);
    expect(stream.reports.map((report) => report.state)).toEqual(['starting', 'live', 'starting', 'live']);
  });

  it('closes the publisher when core stops its epoch', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    await gate.until(() => stream.reports.at(-1)?.state === 'live', 'the epoch began');
    stream.epochs[0]!.stop('key revoked');
    await client.refused();
    expect(stream.reports.at(-1)).toEqual({ state: 'stopped', detail: 'key revoked' });
  });

  it('closes the publisher when core cannot open an epoch', async () => {
    const { gate, port, log } = await listener();
    const stream = gate.stream('key');
    stream.openError = new Error('database away');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    await client.refused();
    expect(stream.reports.at(-1)?.state).toBe('retrying');
    expect(log.lines.join('\n')).toContain('database away');
  });

  it('refuses a publisher whose pictures bring no keyframe, and counts them', async () => {
    const { gate, port } = await listener({ keyframeTimeout: '300ms' });
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.video(0, avcHeader());
    let sent = 0;
    const talk = setInterval(() => client.video(40 * sent++, interFrame()), 20);
    stops.push(() => clearInterval(talk));
    await client.answered('NetStream.Publish.Rejected');
    await client.refused();
    expect(stream.reports.at(-1)).toEqual({ state: 'failed', detail: 'no video: no keyframe in time' });
    await gate.until(() => stream.losses.length === 1, 'the losses were told');
    expect(stream.losses).toEqual([{ reason: 'no-keyframe', videoFrames: expect.any(Number) as number, audioFrames: 0 }]);
    expect(stream.losses[0]!.videoFrames).toBeGreaterThan(5);
    expect(stream.epochs).toEqual([]);
  });

  it.each([
    ['VP8 by enhanced RTMP', 9, Buffer.from([0x90, ...Buffer.from('vp08'), 1]), 'Video is VP8: send H.264, HEVC, AV1 or VP9'],
    ['VVC by enhanced RTMP', 9, Buffer.from([0x90, ...Buffer.from('vvc1'), 1]), 'Video is VVC: send H.264, HEVC, AV1 or VP9'],
    ['VP6', 9, Buffer.from([0x14, 0, 0, 0, 0, 1]), 'Video is VP6: send H.264, HEVC, AV1 or VP9'],
    ['a broken H.264 header', 9, Buffer.from([0x17, 0, 0, 0, 0, 1, 2, 3, 4]), 'The H.264 sequence header is broken'],
    ['aggregate messages', 22, Buffer.alloc(20), 'Aggregate messages are not supported: switch them off in the encoder'],
  ])('refuses %s and says why', async (_name, type, payload, reason) => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.send({ type, payload, streamId: 1 });
    await client.answered('NetStream.Publish.Rejected');
    await client.refused();
    expect(stream.reports.at(-1)).toEqual({ state: 'failed', detail: reason });
    expect(stream.epochs).toEqual([]);
  });
});

describe('a publisher and time', () => {
  it('may send sound alone for longer than a keyframe may take', async () => {
    const { gate, port } = await listener({ keyframeTimeout: '500ms' });
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.send({ type: 18, streamId: 1, payload: Buffer.concat([amf0('@setDataFrame'), amf0('onMetaData'), amf0({ audiocodecid: 10 })]) });
    client.audio(0, aacHeader());
    for (let i = 0; i < 60; i++) client.audio(i * 20, aacFrame(i));
    await gate.until(() => stream.reports.at(-1)?.state === 'live', 'the stream is live');
    await passed(700);
    client.audio(1200, aacFrame(60));
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs.map(({ frames, endedBecause }) => [frames.length, endedBecause])).toEqual([
      [61, 'the publisher ended the stream'],
    ]);
  });

  it('may be silent from its publish to its first keyframe, as one that opens many connections first is', async () => {
    const { gate, port } = await listener({ silenceTimeout: '100ms', keyframeTimeout: '10s' });
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    await passed(400);
    client.video(0, keyframe(1));
    await gate.until(() => stream.reports.at(-1)?.state === 'live', 'the stream is live');
    await client.answered('NetStream.Failed');
    await client.refused();
    expect(client.hasAnswer('no media for 0.1 s')).toBe(true);
    expect(stream.reports.at(-1)).toEqual({ state: 'retrying', detail: 'no media for 0.1 s' });
  });

  it('is not silent between pictures that it announced to be far apart', async () => {
    const { gate, port } = await listener({ silenceTimeout: '100ms' });
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    const announced = { framerate: 5 }; // 2.5 times 200 ms may pass
    client.send({ type: 18, streamId: 1, payload: Buffer.concat([amf0('@setDataFrame'), amf0('onMetaData'), amf0(announced)]) });
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    await gate.until(() => stream.reports.at(-1)?.state === 'live', 'the stream is live');
    await client.refused();
    expect(stream.reports.at(-1)).toEqual({ state: 'retrying', detail: 'no media for 0.5 s' });
  });

  it.each([
    ['core ends its stream', 'key-revoked', 'NetStream.Unpublish.Success'],
    ['Vedette stops', 'shutdown', 'NetStream.Unpublish.Success'],
    ['another publisher takes the stream over', 'another publisher with a valid key took over', 'NetStream.Failed'],
  ])('is told why when %s', async (what, reason, code) => {
    const { gate, port, rtmp } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    await gate.until(() => stream.reports.at(-1)?.state === 'live', 'the epoch began');
    if (what.startsWith('core')) stream.epochs[0]!.stop(reason);
    else if (what.startsWith('Vedette')) void rtmp.stop(reason);
    else await publisher(port, 'key');
    await client.answered(code);
    expect(client.hasAnswer(reason)).toBe(true);
    await client.refused();
  });

  it('is told why when it connected and sent no key', async () => {
    const { port } = await listener({ publishTimeout: '200ms' });
    const client = await RtmpClient.open(port);
    await client.connectApp('live');
    await client.answered('NetConnection.Connect.Closed');
    expect(client.hasAnswer('no stream key in time')).toBe(true);
    await client.refused();
  });
});
