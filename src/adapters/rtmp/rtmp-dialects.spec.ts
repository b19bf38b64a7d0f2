import { describe, expect, it } from 'vitest';
import { isKeyframe, readFlv } from './testing/flv-reader.js';
import { aacFrame, aacHeader, avcHeader, framesOf, interFrame, keyframe } from './testing/media-messages.js';
import { amf0, RtmpClient } from './testing/rtmp-client.js';
import { listenerFixture } from './testing/listener-fixture.js';

const { stops, listener, publisher } = listenerFixture();

describe('dialects of encoders', () => {
  it('takes the key without its query, from encoders that call releaseStream and FCPublish first', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await RtmpClient.open(port);
    stops.push(() => client.destroy());
    client.command('connect', 1, { app: 'live/', objectEncoding: 3 });
    await client.answered('NetConnection.Connect.Success');
    client.command('releaseStream', 2, null, 'key');
    client.command('FCPublish', 3, null, 'key');
    client.command('createStream', 4, null);
    client.command('publish', 5, null, 'key?bandwidth=1', 'live');
    await client.answered('NetStream.Publish.Start');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe());
    client.command('FCUnpublish', 6, null, 'key');
    await client.answered('NetStream.Unpublish.Success');
    await client.refused();
    expect(stream.epochs[0]?.endedBecause).toBe('the publisher ended the stream');
    expect(readFlv(stream.epochs[0]!.bytes).filter(isKeyframe)).toHaveLength(1);
  });

  it.each([
    ['blanks and line ends', ' key\r\n'],
    ['slashes', '/key/'],
    ['both, and a query', ' /key /?bandwidth=1'],
  ])('takes a key with %s around it', async (_name, written) => {
    const { gate, port } = await listener();
    gate.stream('key');
    const client = await publisher(port, written);
    await client.close();
    expect(gate.refusedKeys).toEqual([]);
  });

  it('answers a second publish and goes on with what is published', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const other = gate.stream('other');
    const client = await publisher(port, 'key');
    client.command('publish', 4, null, 'other', 'live');
    await client.answered('NetStream.Publish.BadName');
    client.command('publish', 5, null, 'key', 'live');
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(client.answers('NetStream.Publish.Start')).toBe(2);
    expect(framesOf(stream.epochs[0]!.bytes)).toHaveLength(1);
    expect(other.reports).toEqual([]);
  });

  it('passes over data and commands that nobody needs, whatever is in them', async () => {
    const { gate, port } = await listener({ maxCommandMessage: '8kB' });
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    const amf3 = Buffer.from([0x11, 0x0c, 0x83, 0x21, 0xaf, 0xee]);
    const data = (...parts: Buffer[]) => client.send({ type: 18, streamId: 1, payload: Buffer.concat(parts) });
    client.audio(0, aacHeader());
    client.video(0, avcHeader());
    client.video(0, keyframe(1));
    data(amf0('@setDataFrame'), amf0('onExpectAdditionalMedia'), amf3);
    data(amf0('additionalMedia'), Buffer.from([3, 0, 5]), Buffer.from('media'), amf3);
    data(amf0('onTextData'), Buffer.alloc(60_000, 0xee));
    data(amf0('onMetaData'), Buffer.from([3, 0, 5]), Buffer.from('width'), amf3);
    data(amf3);
    data(Buffer.from([2, 0xff]));
    client.send({ type: 15, streamId: 1, payload: Buffer.concat([Buffer.from([0]), amf3]) });
    client.send({ type: 16, streamId: 1, payload: Buffer.alloc(10_000, 0x11) });
    client.send({ type: 20, payload: Buffer.concat([amf0('_vendorCommand'), amf0(9), amf3]) });
    client.video(40, interFrame(2));
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    expect(stream.epochs[0]!.endedBecause).toBe('the publisher ended the stream');
    expect(framesOf(stream.epochs[0]!.bytes).map((frame) => frame.marker)).toEqual(['01', '02']);
  });

  it('takes H.264 and AAC by enhanced RTMP, and tracks beside them', async () => {
    const { gate, port } = await listener();
    const stream = gate.stream('key');
    const client = await publisher(port, 'key');
    const enhanced = (first: number, fourCc: string, body: Buffer) => Buffer.concat([Buffer.from([first]), Buffer.from(fourCc), body]);
    client.audio(0, enhanced(0x90, 'mp4a', aacHeader().subarray(2)));
    client.video(0, enhanced(0x90, 'avc1', avcHeader().subarray(5)));
    client.video(0, enhanced(0x91, 'avc1', keyframe(1).subarray(2)));
    client.audio(10, enhanced(0x91, 'mp4a', aacFrame(2).subarray(2)));
    client.audio(10, Buffer.concat([Buffer.from([0x95, 0x01]), Buffer.from('mp4a'), Buffer.from([1, 0x21, 9])]));
    client.video(40, enhanced(0xa3, 'avc1', interFrame(3).subarray(5)));
    await client.close();
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the epoch ended');
    const frames = [keyframe(1), aacFrame(2), interFrame(3)].map((payload) => payload.toString('hex'));
    const tags = readFlv(stream.epochs[0]!.bytes).filter((tag) => tag.type !== 18 && tag.payload[1] === 1);
    expect(tags.map((tag) => tag.payload.toString('hex'))).toEqual(frames);
  });
});

describe('the answer to connect', () => {
  it('announces what can be taken by enhanced RTMP', async () => {
    const { port } = await listener();
    const client = await RtmpClient.open(port);
    stops.push(() => client.destroy());
    client.command('connect', 1, { app: 'live', fourCcList: ['*'], capsEx: 15 });
    await client.answered('NetConnection.Connect.Success');
    const codecs = ['avc1', 'hvc1', 'av01', 'vp09', 'mp4a', 'Opus', '.mp3'];
    expect(client.hasAnswer(`fourCcList${amf0(codecs).toString('latin1')}`)).toBe(true);
    expect(client.hasAnswer(`capsEx${amf0(14).toString('latin1')}`)).toBe(true);
    expect(client.hasAnswer(`videoFourCcInfoMap${amf0({ avc1: 4, hvc1: 4, av01: 4, vp09: 4 }).toString('latin1')}`)).toBe(true);
    expect(client.hasAnswer(`audioFourCcInfoMap${amf0({ mp4a: 4, Opus: 4, '.mp3': 4 }).toString('latin1')}`)).toBe(true);
  });
});
