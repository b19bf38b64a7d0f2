import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../e2e/support/wait-for.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { LiveSocket } from '../support/api/live-socket.js';

const ADDRESS = '198.51.100.7';

describe('a viewer', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let admin: string;
  let viewer: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
  });
  const sockets: LiveSocket[] = [];
  afterAll(async () => {
    for (const { socket } of sockets) socket.terminate();
    await api.stop();
  });

  async function socketOf(bearer: string, topics: readonly string[]): Promise<LiveSocket> {
    const socket = new LiveSocket(api.url, { authorization: `Bearer ${bearer}` });
    sockets.push(socket);
    return socket.subscribe(topics);
  }

  const statuses = (path: string): Promise<number[]> =>
    Promise.all([admin, viewer].map(async (bearer) => (await api.call('GET', path, { bearer })).status));
  async function recorded(options: { private?: boolean } = {}): Promise<{ streamId: string; folder: string }> {
    const streamId = await seed.stream(options);
    const epochId = await seed.epoch(streamId);
    await seed.segment(streamId, epochId, 1);
    const folder = `${streamId}/${epochId}`;
    await mkdir(join(api.config.mediaDir, folder), { recursive: true });
    await copyFile(join(api.webRoot, 'index.html'), join(api.config.mediaDir, folder, '000001.ts'));
    return { streamId, folder };
  }

  it('does not see what is left of a removed stream; an admin does, until it is deleted', async () => {
    const { streamId, folder } = await recorded();
    const media = [`/streaming/${folder}/000001.ts`, `/streaming/${folder}/index.m3u8`];
    for (const path of media) expect([path, await statuses(path)]).toEqual([path, [200, 200]]);
    expect((await api.call('DELETE', `/api/streams/${streamId}`, { bearer: admin })).status).toBe(204);
    for (const path of media) expect([path, await statuses(path)]).toEqual([path, [200, 404]]);
  });

  it('keeps nothing of a private stream in a cache that answers by itself', async () => {
    const caching = async (bearer: string, { folder }: { folder: string }): Promise<string | null> =>
      (await api.call('GET', `/streaming/${folder}/000001.ts`, { bearer })).headers.get('cache-control');
    expect(await caching(viewer, await recorded())).toBe('private, max-age=31536000, immutable');
    expect(await caching(admin, await recorded({ private: true }))).toBe('private, no-cache');
  });

  it('hears where no publisher is, by REST or by the socket', async () => {
    const streamId = await seed.stream();
    await api.sql.query('UPDATE streams SET state_detail = $2 WHERE id = $1', [streamId, `publisher connected from ${ADDRESS}`]);
    const texts = async (bearer: string): Promise<string> =>
      (
        await Promise.all(
          ['/api/streams', `/api/streams/${streamId}`].map(async (path) => (await api.call('GET', path, { bearer })).text()),
        )
      ).join();
    expect(await texts(admin)).toContain(ADDRESS);
    expect(await texts(viewer)).not.toContain(ADDRESS);

    const [seeing, shielded] = await Promise.all([socketOf(admin, ['streams']), socketOf(viewer, ['streams'])]);
    await api.call('PATCH', `/api/streams/${streamId}`, { bearer: admin, body: { title: 'Changed' } });
    await Promise.all([seeing.first('stream.changed'), shielded.first('stream.changed')]);
    expect(JSON.stringify(seeing.messages)).toContain(ADDRESS);
    expect(JSON.stringify(shielded.messages)).not.toContain(ADDRESS);
  });

  it('hears nothing of a private stream, and that one is gone when it becomes private', async () => {
    const [hidden, shown] = [await seed.stream({ private: true }), await seed.stream()];
    const socket = await socketOf(viewer, ['streams', 'runs']);
    const change = (id: string, body: Record<string, unknown>): Promise<Response> =>
      api.call('PATCH', `/api/streams/${id}`, { bearer: admin, body });
    await change(hidden, { title: 'Changed' });
    await api.call('DELETE', `/api/streams/${hidden}`, { bearer: admin });
    await change(shown, { private: true });
    await change(shown, { title: 'Changed while private' });
    const last = await seed.stream();
    await waitFor('what came last', () => socket.of('stream.changed').some(({ stream }) => stream.id === last), 10_000, 5);
    expect(socket.of('stream.removed').map(({ streamId }) => streamId)).toEqual([shown]);
    expect(JSON.stringify(socket.messages)).not.toContain(hidden);
  });
});
