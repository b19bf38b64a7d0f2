import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clip } from './testing/ffmpeg.js';
import { readFlv, type FlvTag } from './testing/flv-reader.js';
import { startListener, type ListenerHarness } from './testing/listener-harness.js';
import { aacFrame, avcHeader, framesOf, keyframe } from './testing/media-messages.js';
import { amf0, chunks, command, RtmpClient, type ClientMessage } from './testing/rtmp-client.js';

const ROUNDS = 100;
/** A fixed sequence: a failure can be run again. */
const noise = (length: number, seed: number): Buffer => {
  const out = Buffer.alloc(length);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
};
const connect = (object: Parameters<typeof amf0>[0]): Buffer => command('connect', 1, object);
const invoke = (payload: Buffer): ClientMessage => ({ type: 20, payload });
const control = (type: number, value: number): ClientMessage => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return { type, payload, chunkStreamId: 2 };
};
const nested = (depth: number): Buffer =>
  Buffer.concat([amf0('connect'), amf0(1), ...Array.from({ length: depth }, () => Buffer.from([3, 0, 1, 0x61]))]);
const declared = (lengthBytes: number, type: number, chunkStreamId = 3): Buffer => {
  const header = Buffer.alloc(12);
  header.writeUInt8(chunkStreamId, 0);
  header.writeUIntBE(lengthBytes, 4, 3);
  header.writeUInt8(type, 7);
  return header;
};

/** Each sends what it has and must find its own connection closed, and nothing else changed. */
type Attack = (port: number, round: number) => Promise<RtmpClient>;

const afterHandshake =
  (...bytes: Buffer[]): Attack =>
  async (port) => {
    const client = await RtmpClient.open(port);
    client.write(Buffer.concat(bytes));
    return client;
  };
const asPublisher =
  (...messages: ClientMessage[]): Attack =>
  async (port, round) => {
    const client = await RtmpClient.open(port);
    await client.publish('live', `attacker-${round}`);
    for (const message of messages) client.send(message);
    return client;
  };
const connected =
  (...messages: ClientMessage[]): Attack =>
  async (port) => {
    const client = await RtmpClient.open(port);
    await client.connectApp('live');
    for (const message of messages) client.send(message);
    return client;
  };

const attacks: Record<string, Attack> = {
  'a handshake of another protocol': async (port) => {
    const client = await RtmpClient.connect(port);
    client.write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    return client;
  },
  'random bytes from the start': async (port, round) => {
    const client = await RtmpClient.connect(port);
    client.write(noise(70_000, round));
    return client;
  },
  'random bytes after the handshake': async (port, round) => {
    const client = await RtmpClient.open(port);
    client.write(noise(70_000, round));
    return client;
  },
  'a connect without its object': afterHandshake(chunks(invoke(command('connect', 1)))),
  'a connect without an app': afterHandshake(chunks(invoke(connect({ tcUrl: 'not a url' })))),
  'a connect to an app that is no text': afterHandshake(chunks(invoke(connect({ app: { a: 1 } })))),
  'a command without a name': afterHandshake(chunks(invoke(Buffer.from([5])))),
  'a command cut short': afterHandshake(chunks(invoke(Buffer.from([2, 0xff, 0xff, 0x41])))),
  'an empty command': afterHandshake(chunks({ type: 20, payload: Buffer.alloc(0) }), Buffer.alloc(1, 3)),
  'an unknown value type': afterHandshake(chunks(invoke(Buffer.concat([amf0('connect'), amf0(1), Buffer.from([0x42])])))),
  'values nested deep': afterHandshake(chunks(invoke(nested(10_000)))),
  'a list of four billion values': afterHandshake(
    chunks(invoke(Buffer.concat([amf0('connect'), amf0(1), Buffer.from([0x0a, 255, 255, 255, 255])]))),
  ),
  'an AMF3 command': afterHandshake(chunks({ type: 17, payload: Buffer.from([0, 0x11, 0x0a, 0x0b, 1]) })),
  'a publish before connect': afterHandshake(chunks(invoke(command('publish', 3, null, 'legit', 'live')))),
  'a publish without a key': connected(invoke(command('publish', 3, null))),
  'a publish with a key that is no text': connected(invoke(command('publish', 3, null, 42))),
  'a publish with a path for a key': connected(invoke(command('publish', 3, null, '../../etc/passwd\0\r\n'))),
  'a publish with a huge key': connected(invoke(command('publish', 3, null, 'k'.repeat(5000)))),
  'a second connect': connected(invoke(connect({ app: 'live' }))),
  'a play': connected(invoke(command('play', 3, null, 'legit'))),
  'a large message declared before a key': afterHandshake(declared(0xffffff, 20)),
  'many chunk streams with large messages': afterHandshake(
    ...Array.from({ length: 60 }, (_, i) => Buffer.concat([declared(60_000, 20, 3 + i), Buffer.alloc(128)])),
  ),
  'too many chunk streams': afterHandshake(
    ...Array.from({ length: 200 }, (_, i) => Buffer.concat([Buffer.from([0, i]), declared(4, 3).subarray(1), Buffer.alloc(4)])),
  ),
  'a chunk stream that begins in the middle': afterHandshake(Buffer.from([0xc9, 1, 2, 3])),
  'a new header inside a message': afterHandshake(declared(1000, 20), Buffer.alloc(128), declared(10, 20)),
  'a chunk size of nothing': afterHandshake(chunks(control(1, 0))),
  'a chunk size past the limit': afterHandshake(chunks(control(1, 0xffffffff))),
  'a chunk size cut short': afterHandshake(chunks({ type: 1, payload: Buffer.alloc(1), chunkStreamId: 2 })),
  'a chunk size changed inside a message': afterHandshake(declared(1000, 20), Buffer.alloc(128), chunks(control(1, 1))),
  'video from one who did not publish': connected({ type: 9, payload: keyframe(), streamId: 1 }),
  'audio from one who did not publish': connected({ type: 8, payload: aacFrame(), streamId: 1 }),
  'metadata from one who did not publish': connected({ type: 18, payload: amf0('onMetaData'), streamId: 1 }),
  'video from a player': connected(invoke(command('play', 3, null, 'legit')), { type: 9, payload: keyframe(), streamId: 1 }),
  'video from a refused publisher that keeps its socket open': async (port) => {
    const client = await RtmpClient.open(port, { allowHalfOpen: true });
    await client.connectApp('live');
    client.command('publish', 3, null, 'guess', 'live');
    await client.answered('NetStream.Publish.BadName');
    // A half-open socket learns of its end only when it writes.
    const push = setInterval(() => client.video(0, keyframe()), 20);
    void client.closed.then(() => clearInterval(push));
    return client;
  },
  'video sent along with the key': connected(
    invoke(command('publish', 3, null, 'attacker-0', 'live')),
    { type: 9, payload: avcHeader(), streamId: 1 },
    { type: 9, payload: keyframe(), streamId: 1 },
  ),
  'a video message larger than allowed': async (port, round) => {
    const client = await RtmpClient.open(port);
    await client.publish('live', `attacker-${round}`);
    client.write(declared(0xffffff, 9));
    return client;
  },
  'zero-length media': asPublisher(
    { type: 9, payload: Buffer.alloc(0), streamId: 1 },
    { type: 8, payload: Buffer.alloc(0), streamId: 1 },
    { type: 18, payload: Buffer.alloc(0), streamId: 1 },
    { type: 9, payload: Buffer.from([0x17]), streamId: 1 },
    { type: 9, payload: Buffer.from([0x17, 0]), streamId: 1 },
    { type: 8, payload: Buffer.from([0xaf]), streamId: 1 },
    { type: 22, payload: Buffer.alloc(0), streamId: 1 },
    control(3, 0),
  ),
};

describe('hostile input', () => {
  let harness: ListenerHarness;
  let legit: RtmpClient;
  let tags: FlvTag[];
  let source: Buffer;
  let sent = 0;
  const sendSome = (count: number) => {
    for (const tag of tags.slice(sent, sent + count)) legit.sendTag(tag);
    sent = Math.min(tags.length, sent + count);
  };

  beforeAll(async () => {
    harness = await startListener({ silenceTimeout: '60s', maxStrangersPerAddress: 1000, maxStrangers: 1000, maxPublishers: 1000 });
    harness.gate.stream('legit');
    for (let round = 0; round < ROUNDS; round++) harness.gate.stream(`attacker-${round}`, `attacker-stream-${round}`);
    source = await clip({ seconds: 4 });
    tags = readFlv(source);
    legit = await RtmpClient.open(harness.port);
    await legit.publish('live', 'legit');
    sendSome(10);
    await harness.gate.until(() => harness.gate.stream('legit').epochs.length === 1, 'the legitimate stream is live');
  });

  afterAll(async () => {
    legit.destroy();
    await harness.rtmp.stop('test over');
  });

  it.each(Object.entries(attacks))(`closes %s, ${ROUNDS} times`, async (_name, attack) => {
    for (let round = 0; round < ROUNDS; round += 25) {
      const clients = await Promise.all(Array.from({ length: 25 }, (_, i) => attack(harness.port, round + i)));
      sendSome(1);
      await Promise.all(clients.map((client) => client.refused()));
    }
    expect(harness.rtmp.trouble.totals()['internal-error']).toBeUndefined();
    expect(harness.gate.stream('legit').epochs).toHaveLength(1);
  });

  it('leaves the legitimate stream as it was sent, and nothing of the others anywhere', async () => {
    sendSome(tags.length);
    await legit.close();
    const { gate, log } = harness;
    const stream = gate.stream('legit');
    await gate.until(() => stream.epochs[0]?.endedBecause !== undefined, 'the legitimate epoch ended');
    expect(stream.epochs).toHaveLength(1);
    const inOrder = (file: Buffer) => framesOf(file).toSorted((a, b) => a.timestampMs - b.timestampMs || a.track.localeCompare(b.track));
    expect(inOrder(stream.epochs[0]!.bytes)).toEqual(inOrder(source));
    expect(stream.epochs[0]!.losses).toEqual([]);
    for (let round = 0; round < ROUNDS; round++) expect(gate.stream(`attacker-${round}`).epochs).toEqual([]);
    expect(log.lines.join('\n')).not.toMatch(/legit|attacker-\d|guess|passwd|kkkk/);
  });
});

describe('limits', () => {
  it.each([
    ['nothing at all', async (port: number) => RtmpClient.connect(port)],
    [
      'half a handshake',
      async (port: number) => {
        const client = await RtmpClient.connect(port);
        client.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(100)]));
        return client;
      },
    ],
    ['a handshake and no more', async (port: number) => RtmpClient.open(port)],
    [
      'a connect and no more',
      async (port: number) => {
        const client = await RtmpClient.open(port);
        await client.connectApp('live');
        return client;
      },
    ],
  ])('closes a connection that sends %s', async (_name, open) => {
    const { rtmp, port } = await startListener({ handshakeTimeout: '200ms', publishTimeout: '200ms' });
    const client = await open(port);
    await client.refused();
    expect(rtmp.trouble.totals()).toEqual({ deadline: 1 });
    await rtmp.stop('test over');
  });

  it('closes a connection that asks much and reads no answers', async () => {
    const { rtmp, port } = await startListener({ preAuthBytes: '16MB', publishTimeout: '60s' });
    const client = await RtmpClient.open(port);
    await client.connectApp('live');
    client.socket.pause();
    const ping = chunks({ type: 4, payload: Buffer.from([0, 6, 0, 0, 0, 1]), chunkStreamId: 2 });
    const flood = Buffer.concat(Array.from({ length: 5000 }, () => ping));
    const push = setInterval(() => client.write(flood), 5);
    await client.refused(10_000).finally(() => clearInterval(push));
    expect(rtmp.trouble.totals()).toMatchObject({ limit: 1 });
    await rtmp.stop('test over');
  });
});
