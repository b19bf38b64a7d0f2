import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Logger, PageGate } from 'vedette/plugin';
import { browserConfigSchema } from './config.js';
import { PageListener } from './page-listener.js';

const logger: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const { signal } = new AbortController();

function gateOf(told: (string | undefined)[]): PageGate {
  return { reachableAt: (_adapterId, url) => void told.push(url), admit: () => Promise.reject(new Error('nobody comes')) };
}
const open = (config: object, told: (string | undefined)[] = []) =>
  PageListener.open({ adapterId: 'browser', config: browserConfigSchema.parse(config), gate: gateOf(told), logger }, signal);

describe('PageListener', () => {
  it('says where it is reached while it runs', async () => {
    const told: (string | undefined)[] = [];
    const listener = await open({}, told);
    expect(told).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
    await listener.stop('test');
    expect(told.at(-1)).toBeUndefined();
    expect(await listener.done).toEqual({ reason: 'test' });
  });

  it('says the address that the config has for it', async () => {
    const told: (string | undefined)[] = [];
    const listener = await open({ url: 'https://ingest.lan/pages' }, told);
    expect(told).toEqual(['https://ingest.lan/pages']);
    await listener.stop('test');
  });

  it('names the address that it cannot have', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await expect(open({ port })).rejects.toMatchObject({ code: 'VD_BROWSER_LISTEN_FAILED', message: expect.stringContaining(`:${port}`) });
    holder.close();
  });
});
