import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sourcesCommand, type SourcesFacts } from '../../src/cli/commands/sources.js';
import { adapterOnWire } from '../../src/core/api/resources/adapter-on-wire.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { PluginRegistry } from '../../src/core/plugin-host/plugin-registry.js';
import { sourceAdapterWire } from '../../src/core/wire/sources.wire.js';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

describe('sources', () => {
  let api: ApiApp;
  let rest: RestReader;
  beforeAll(async () => {
    api = await ApiApp.start();
    rest = new RestReader(api, await api.signIn());
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => api.stop());

  it('are listed with what they are configured with and where publishers send to', async () => {
    const { items } = await rest.get('/api/sources', wire.pageOf(sourceAdapterWire.strict()));
    expect(items).toMatchObject([
      { id: 'rtmp', kind: 'listener', title: 'RTMP', pluginId: 'vedette.test', publishUrls: ['rtmp://127.0.0.1:1935/live'] },
      { id: 'webcam', kind: 'stream', publishUrls: [], configSchema: { type: 'object', required: ['device'] } },
    ]);
  });

  it('are printed by the command line, with the streams', async () => {
    await new LedgerSeed(api.sql).stream({ name: 'front-door' });
    const facts: SourcesFacts = {
      adapters: async () => api.app.get(PluginRegistry).sources.map((source) => adapterOnWire(source, 'localhost')),
      streams: async () =>
        (await api.app.get(StreamStore).list()).map(({ stateDetail, ...stream }) => ({ ...stream, detail: stateDetail })),
    };
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    await sourcesCommand(facts).exitOverride().parseAsync(['list'], { from: 'user' });
    const text = written.join('');
    expect(text).toMatch(/^Adapters\n {2}id +kind +title +plugin\n {2}rtmp +listener +RTMP +vedette\.test 1\.0\.0\n/);
    expect(text).toMatch(/\nListeners\n {2}adapter +publish to\n {2}rtmp +rtmp:\/\/localhost:1935\/live\n/);
    expect(text).toMatch(/\nStreams\n {2}name +adapter +state +detail\n {2}front-door +rtmp +live\n$/);
  });
});
