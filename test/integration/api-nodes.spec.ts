import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';

describe('ingest nodes over REST', () => {
  let api: ApiApp;
  let cookie: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    cookie = await api.signIn();
  });
  afterAll(() => api.stop());

  const call = (method: string, path: string, body?: unknown) => api.call(method, path, { cookie, ...(body !== undefined && { body }) });

  it('pins a stream to a node, moves it, lets it go, and refuses what is no name', async () => {
    const made = wire.newStreamWire
      .strict()
      .parse(await (await call('POST', '/api/streams', { name: 'cam', adapterId: 'rtmp', pinnedTo: 'Studio-1' })).json());
    expect(made).toMatchObject({ pinnedTo: 'Studio-1', node: null });
    const patch = async (body: object) =>
      wire.streamDetailWire.strict().parse(await (await call('PATCH', `/api/streams/${made.id}`, body)).json());
    expect(await patch({ pinnedTo: 'studio-2' })).toMatchObject({ pinnedTo: 'studio-2' });
    expect(await patch({ title: 'Camera' })).toMatchObject({ title: 'Camera', pinnedTo: 'studio-2' });
    expect(await patch({ pinnedTo: null })).toMatchObject({ pinnedTo: null });
    const refused = await call('PATCH', `/api/streams/${made.id}`, { pinnedTo: '../etc' });
    expect(refused.status).toBe(400);
    expect(wire.problemWire.parse(await refused.json()).errors).toMatchObject([{ path: 'pinnedTo' }]);
  });

  it('tells which node has a stream, which are there, and which are gone', async () => {
    const { id } = wire.newStreamWire.parse(await (await call('POST', '/api/streams', { name: 'door', adapterId: 'rtmp' })).json());
    const [living, dead] = [randomUUID(), randomUUID()];
    for (const [node, name, until] of [
      [living, 'a', '1 minute'],
      [dead, 'b', '-1 minute'],
      [randomUUID(), 'long-gone', '-3 days'],
    ]) {
      await api.sql.query(
        `INSERT INTO ingest_nodes (id, name, host, pid, process, lease_until) VALUES ($1, $2, 'host', 1, $1, now() + $3::interval)`,
        [node, name, until],
      );
    }
    await api.sql.query(`INSERT INTO stream_owners VALUES ($1, $2, 'a', 1, now() + interval '1 minute', now())`, [id, living]);
    const read = async () => wire.streamDetailWire.strict().parse(await (await call('GET', `/api/streams/${id}`)).json()).node;
    expect(await read()).toEqual({ id: living, name: 'a', alive: true });
    const system = wire.systemWire.strict().parse(await (await call('GET', '/api/system')).json());
    expect(system.ingestNodes).toMatchObject([
      { id: living, name: 'a', alive: true, streams: 1 },
      { id: dead, name: 'b', alive: false, streams: 0 },
    ]);
    await api.sql.query(`UPDATE stream_owners SET lease_until = now()`);
    expect(await read()).toEqual({ id: living, name: 'a', alive: false });
  });
});
