import { describe, expect, it } from 'vitest';
import { RtmpListener } from './rtmp-listener.js';
import type { ListenerHarness } from './testing/listener-harness.js';
import { aacHeader, avcHeader, keyframe } from './testing/media-messages.js';
import { RtmpClient } from './testing/rtmp-client.js';
import { listenerFixture } from './testing/listener-fixture.js';

const { listener, publisher } = listenerFixture();

async function live({ gate, port }: ListenerHarness, key: string): Promise<RtmpClient> {
  const stream = gate.stream(key);
  const client = await publisher(port, key);
  client.audio(0, aacHeader());
  client.video(0, avcHeader());
  client.video(0, keyframe());
  await gate.until(() => stream.reports.at(-1)?.state === 'live', `${key} is live`);
  return client;
}

describe(`${RtmpListener.name} and strangers`, () => {
  it('counts publishers by themselves: a studio of forty behind one address is served', async () => {
    const harness = await listener({ maxStrangersPerAddress: 2, silenceTimeout: '60s' });
    const clients: RtmpClient[] = [];
    for (let i = 0; i < 40; i++) clients.push(await live(harness, `encoder-${i}`));
    expect(clients.some((client) => client.socket.destroyed)).toBe(false);
    expect(harness.rtmp.trouble.totals()).toEqual({});
  });

  it('gives the oldest stranger’s place to a newcomer, tells it why, and says so to the operator', async () => {
    const harness = await listener({ maxStrangersPerAddress: 3 });
    const oldest = await RtmpClient.open(harness.port);
    await oldest.connectApp('live');
    const silent = [await RtmpClient.connect(harness.port), await RtmpClient.connect(harness.port)];
    await live(harness, 'key');
    await oldest.answered('NetConnection.Connect.Closed');
    expect(oldest.hasAnswer('too many connections without an accepted stream key of its network: the oldest is closed')).toBe(true);
    await oldest.refused();
    await Promise.all(Array.from({ length: 3 }, () => RtmpClient.connect(harness.port)));
    await Promise.all(silent.map((client) => client.refused()));
    expect(harness.rtmp.trouble.totals()).toEqual({ 'strangers-network': 3 });
    expect(harness.gate.refusals).toEqual(Array.from({ length: 3 }, () => ({ remote: '127.0.0.1', code: 'VD_RTMP_STRANGERS_FULL' })));
    expect(harness.log.lines.join('\n')).toContain('too many connections without an accepted stream key');
  });

  it('serves a right key from an address that guesses and holds every place it can get', async () => {
    const harness = await listener({ maxStrangersPerAddress: 32, maxStrangers: 64, silenceTimeout: '60s' });
    for (let i = 0; i < 40; i++) await RtmpClient.connect(harness.port);
    let isGuessing = true;
    const guess = async (): Promise<void> => {
      while (isGuessing) {
        const client = await RtmpClient.open(harness.port);
        await client.connectApp('live');
        client.command('publish', 3, null, 'guess', 'live');
        await client.refused();
      }
    };
    const guesses = Array.from({ length: 4 }, guess);
    await harness.gate.until(() => harness.gate.refusedKeys.length > 50, 'the guesses are under way');
    for (let i = 0; i < 5; i++) await live(harness, `key-${i}`);
    isGuessing = false;
    await Promise.all(guesses);
    expect(harness.rtmp.trouble.totals()['strangers-network']).toBeGreaterThanOrEqual(8);
  });

  it('refuses a publisher too many with the reason, and not one that takes a stream over', async () => {
    const harness = await listener({ maxPublishers: 1 });
    const first = await live(harness, 'one');
    const stream = harness.gate.stream('two');
    const second = await RtmpClient.open(harness.port);
    await second.connectApp('live');
    second.command('publish', 3, null, 'two', 'live');
    await second.answered('Too many publishers');
    await second.refused();
    expect(stream.reports.at(-1)).toEqual({
      state: 'retrying',
      detail: '1 publishers are connected already: raise plugins[].sources.rtmp.maxPublishers',
    });
    expect(harness.gate.refusals).toEqual([{ remote: '127.0.0.1', code: 'VD_RTMP_PUBLISHERS_FULL' }]);
    const again = await RtmpClient.open(harness.port);
    await again.publish('live', 'one');
    await first.refused();
    await again.close();
    await live(harness, 'two');
  });

  it.each([
    ['another application', 'VD_RTMP_APP_UNKNOWN', (client: RtmpClient) => client.command('connect', 1, { app: 'other' })],
    ['no key', 'VD_INGEST_KEY_UNKNOWN', (client: RtmpClient) => client.command('publish', 3, null, '', 'live')],
    ['playing', 'VD_RTMP_PLAY_CLOSED', (client: RtmpClient) => client.command('play', 3, null, 'key')],
    ['media before a key', 'VD_RTMP_NOT_AUTHORISED', (client: RtmpClient) => client.video(0, keyframe())],
  ])('reports a refusal to the audit trail: %s', async (_what, code, ask) => {
    const harness = await listener();
    const client = await RtmpClient.open(harness.port);
    if (code !== 'VD_RTMP_APP_UNKNOWN') await client.connectApp('live');
    ask(client);
    await client.refused();
    expect(harness.gate.refusals).toEqual([{ remote: '127.0.0.1', code }]);
  });

  it('closes connections from other networks before it reads anything, and says so', async () => {
    const harness = await listener({ networks: ['192.0.2.0/24', '2001:db8::/32'] });
    harness.gate.stream('key');
    const client = await RtmpClient.connect(harness.port);
    client.socket.write(Buffer.alloc(64));
    await client.refused();
    expect(client.socket.bytesRead).toBe(0);
    expect(harness.gate.refusals).toEqual([{ remote: '127.0.0.1', code: 'VD_RTMP_NETWORK_REFUSED' }]);
    const near = await listener({ networks: ['127.0.0.0/8'] });
    await live(near, 'key');
  });

  it('tells core what the publisher asked for and what the config says of takeovers', async () => {
    const harness = await listener({ takeover: true });
    await live(harness, 'key');
    expect(harness.gate.attempts).toEqual([{ app: 'live', takeover: true }]);
  });

  it('gives a stream back whose publisher left before it was let in', async () => {
    const harness = await listener({ publishTimeout: '200ms' });
    const stream = harness.gate.stream('key');
    const answer = Promise.withResolvers<void>();
    harness.gate.answering = answer.promise;
    const client = await RtmpClient.open(harness.port);
    await client.connectApp('live');
    client.command('publish', 3, null, 'key', 'live');
    await harness.gate.until(() => harness.gate.attempts.length === 1, 'the key is looked up');
    await client.refused();
    answer.resolve();
    await harness.gate.until(() => stream.reports.length === 1, 'the report');
    expect(stream.reports).toEqual([{ state: 'stopped', detail: 'the publisher left before it was let in' }]);
  });

  it('leaves the report of a refused key, and of bytes that are no RTMP, to others', async () => {
    const harness = await listener();
    const client = await RtmpClient.open(harness.port);
    await client.connectApp('live');
    client.command('publish', 3, null, 'wrong', 'live');
    await client.refused();
    const noise = await RtmpClient.connect(harness.port);
    noise.socket.write(Buffer.alloc(64));
    await noise.refused();
    expect(harness.gate.refusedKeys).toEqual(['wrong']);
    expect(harness.gate.refusals).toEqual([]);
  });

  it('takes the former names of its limits', async () => {
    const harness = await listener({ maxConnections: 1, maxConnectionsPerAddress: 1, maxPublishers: 9, maxStrangersPerAddress: 9 });
    expect(harness.log.lines[0]).toContain('maxConnections is maxPublishers now');
    await live(harness, 'one');
    harness.gate.stream('two');
    const first = await RtmpClient.open(harness.port);
    const second = await RtmpClient.open(harness.port);
    await first.refused();
    await second.connectApp('live');
    second.command('publish', 3, null, 'two', 'live');
    await second.answered('Too many publishers');
  });
});
