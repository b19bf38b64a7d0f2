import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import plugin from './index.js';
import { rtmpConfigSchema } from './config.js';
import { listenError } from './errors.js';
import { publishUrls, RtmpSource } from './rtmp-source.js';
import { FakePublishGate } from './testing/fake-publish-gate.js';
import { KeptLog } from './testing/listener-harness.js';

const stops: (() => Promise<unknown> | unknown)[] = [];
const signal = new AbortController().signal;

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

describe('the rtmp plugin', () => {
  it('contributes one listener with these defaults', () => {
    expect(plugin.sources?.map(({ id, kind }) => [id, kind])).toEqual([['rtmp', 'listener']]);
    expect(rtmpConfigSchema.parse(undefined)).toEqual({
      host: '0.0.0.0',
      port: 1935,
      apps: ['live'],
      takeover: false,
      maxPublishers: 256,
      maxStrangers: 512,
      maxStrangersPerAddress: 128,
      handshakeTimeout: 5000,
      publishTimeout: 10_000,
      keyframeTimeout: 30_000,
      preAuthBytes: 64_000,
      maxVideoMessage: 8_000_000,
      maxAudioMessage: 256_000,
      maxCommandMessage: 64_000,
    });
  });

  it('stands on the very version of node-media-server that its guard was written for', () => {
    const { version } = createRequire(import.meta.url)('node-media-server/package.json') as { version: string };
    expect(version, 'read protocol/rtmp.js of the new version against nms/guarded-rtmp.ts').toBe('4.4.3');
  });

  it.each([
    ['an unknown key', { ports: 1 }],
    ['a bare number for a duration', { silenceTimeout: 3 }],
    ['a duration that no timer can hold', { publishTimeout: '40d' }],
    ['a message larger than RTMP can say', { maxVideoMessage: '1GB' }],
    ['an app name that is a path', { apps: ['../live'] }],
    ['a network that is none', { networks: ['10.0.0.0/33'] }],
    ['an empty list of networks', { networks: [] }],
  ])('refuses %s in its config', (_name, config) => {
    expect(rtmpConfigSchema.safeParse(config).success).toBe(false);
  });
});

describe(publishUrls.name, () => {
  const files = { certFile: 'a', keyFile: 'b' };
  it.each([
    [{}, ['rtmp://studio.lan:1935/live']],
    [{ host: '::', port: 1936, apps: ['stage', 'live'] }, ['rtmp://studio.lan:1936/stage']],
    [{ host: '127.0.0.1' }, ['rtmp://127.0.0.1:1935/live']],
    [{ host: '::1', tls: files }, ['rtmps://[::1]:1935/live']],
    [{ tls: { ...files, port: 1936 } }, ['rtmp://studio.lan:1935/live', 'rtmps://studio.lan:1936/live']],
  ])('tells encoders of %o to send to %s', (config, urls) => {
    expect(publishUrls(rtmpConfigSchema.parse(config), 'studio.lan')).toEqual(urls);
  });
});

describe(RtmpSource.name, () => {
  const source = () => new RtmpSource(new FakePublishGate(), new KeptLog());
  const config = (input: object) => rtmpConfigSchema.parse({ host: '127.0.0.1', port: 0, ...input });

  it('finds out before it starts that the port is taken, and says how to mend it', async () => {
    const taken = config({ port: await takenPort() });
    const expected = { code: 'VD_RTMP_PORT_TAKEN', retryable: true, fix: expect.stringContaining('plugins[].sources.rtmp.port') as string };
    await expect(source().probe(taken)).rejects.toMatchObject(expected);
    await expect(source().open(taken, undefined, signal)).rejects.toMatchObject(expected);
  });

  it('finds out that the address is not of this machine', async () => {
    await expect(source().probe(config({ host: '192.0.2.1' }))).rejects.toMatchObject({ code: 'VD_RTMP_HOST_UNAVAILABLE' });
  });

  it('names a refused port and any other trouble', () => {
    const failed = (code: string) => listenError(Object.assign(new Error('x'), { code }), '0.0.0.0', 80).code;
    expect(failed('EACCES')).toBe('VD_RTMP_PORT_DENIED');
    expect(failed('EMFILE')).toBe('VD_RTMP_LISTEN_FAILED');
  });

  it('leaves the port free after a probe and after a stop', async () => {
    const first = await source().open(config({}), undefined, signal);
    const again = config({ port: first.port });
    await first.stop('test over');
    await expect(first.done).resolves.toEqual({ reason: 'test over' });
    await source().probe(again);
    const second = await source().open(again, undefined, signal);
    expect(second.port).toBe(again.port);
    await second.stop('test over');
  });

  it('stops when its signal aborts', async () => {
    const abort = new AbortController();
    const running = await source().open(config({}), undefined, abort.signal);
    abort.abort();
    await expect(running.done).resolves.toEqual({ reason: 'stopped' });
  });
});
