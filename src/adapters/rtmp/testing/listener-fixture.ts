import { afterEach } from 'vitest';
import type { RtmpConfigInput } from '../config.js';
import { startListener, type ListenerHarness } from './listener-harness.js';
import { RtmpClient } from './rtmp-client.js';

/** The listeners and clients of a spec file. What was started last is stopped first after each test. */
export interface ListenerFixture {
  /** What else is to be stopped after the test. */
  readonly stops: (() => Promise<unknown> | unknown)[];
  listener(config?: RtmpConfigInput): Promise<ListenerHarness>;
  publisher(port: number, key: string): Promise<RtmpClient>;
}

export function listenerFixture(): ListenerFixture {
  const stops: ListenerFixture['stops'] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  return {
    stops,
    listener: async (config) => {
      const harness = await startListener(config);
      stops.push(() => harness.rtmp.stop('test over'));
      return harness;
    },
    publisher: async (port, key) => {
      const client = await RtmpClient.open(port);
      stops.push(() => client.destroy());
      await client.publish('live', key);
      return client;
    },
  };
}
