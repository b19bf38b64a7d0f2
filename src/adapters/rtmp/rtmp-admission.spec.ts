import { afterEach, describe, expect, it } from 'vitest';
import type { RtmpConfigInput } from './config.js';
import { RtmpListener } from './rtmp-listener.js';
import { startListener, type ListenerHarness } from './testing/listener-harness.js';
import { aacHeader, avcHeader, keyframe } from './testing/media-messages.js';
import { RtmpClient } from './testing/rtmp-client.js';

const stops: (() => Promise<unknown> | unknown)[] = [];

async function listener(config?: RtmpConfigInput): Promise<ListenerHarness> {
  const harness = await startListener(config);
  stops.push(() => harness.rtmp.stop('test over'));
  return harness;
}

async function live({ gate, port }: ListenerHarness, key: string): Promise<RtmpClient> {
  const stream = gate.stream(key);
  const client = await RtmpClient.open(port);
  stops.push(() => client.destroy());
  await client.publish('live', key);
  client.audio(0, aacHeader());
  client.video(0, avcHeader());
  client.video(0, keyframe());
  await gate.until(() => stream.reports.at(-1)?.state === 'live', `${key} is live`);
  return client;
}

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

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
    expect(harness.log.lines.join('\n')).toContain('too many connections without an accepted stream key');
  });

  it('serves a right key in a few attempts from an address that guesses and holds every place it can get', async () => {
    const harness = await listener({ maxStrangersPerAddress: 8, maxStrangers: 16 });
    let isFlooding = true;
    /** False where the connection was turned away for another one. */
    const publish = async (key: string): Promise<boolean> => {
      try {
        const client = await RtmpClient.open(harness.port);
        stops.push(() => client.destroy());
        await client.publish('live', key);
        return true;
      } catch {
        return false;
      }
    };
    const guess = async (): Promise<void> => {
      while (isFlooding) await publish('guess');
    };
    const hold = async (): Promise<void> => {
      while (isFlooding)
        await RtmpClient.connect(harness.port).then(
          (client) => client.refused(30_000),
          () => undefined,
        );
    };
    const flood = [...Array.from({ length: 8 }, guess), ...Array.from({ length: 8 }, hold)];
    await harness.gate.until(() => harness.gate.refused.length > 50, 'the flood is under way');
    harness.gate.stream('key');
    let attempts = 1;
    while (!(await publish('key')) && attempts < 10) attempts += 1;
    expect(attempts).toBeLessThan(5);
    isFlooding = false;
    await harness.rtmp.stop('test over');
    await Promise.all(flood);
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
    const again = await RtmpClient.open(harness.port);
    await again.publish('live', 'one');
    await first.refused();
    await again.close();
    await live(harness, 'two');
  });

  it('takes the former names of its limits', async () => {
    const harness = await listener({ maxConnections: 1, maxConnectionsPerAddress: 1, maxPublishers: 9, maxStrangersPerAddress: 9 });
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
