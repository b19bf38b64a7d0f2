import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { WebSocket } from 'ws';
import { problemWire, serverMessage, type ServerMessage } from '../../src/core/wire/wire.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { TcpProxy } from '../support/tcp-proxy.js';

describe('the API without its database', () => {
  let proxy: TcpProxy;
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  beforeAll(async () => {
    const server = new URL(inject('postgresUrl'));
    proxy = await TcpProxy.to(server.hostname, Number(server.port));
    api = await ApiApp.start({}, (direct) => {
      const url = new URL(direct);
      url.host = `127.0.0.1:${proxy.port}`;
      return url.href;
    });
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
  });
  afterAll(async () => {
    await api.stop();
    await proxy.close();
  });

  it('says so, and goes on by itself when the database is back, open sockets included', async () => {
    await api.sql.query(
      `INSERT INTO instances (id, role, host, pid, version) VALUES ('i', 'ingest', 'h', 1, '1'), ('w', 'worker', 'h', 2, '1')`,
    );
    expect((await api.call('GET', '/api/health')).status).toBe(200);
    const messages: ServerMessage[] = [];
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`, { headers: { cookie, origin: api.url } });
    socket.on('message', (data) => messages.push(serverMessage.parse(JSON.parse(String(data)))));
    await waitFor('the greeting', () => messages.some((message) => message.type === 'hello'));
    socket.send(JSON.stringify({ type: 'subscribe', topics: ['streams'] }));
    await waitFor('the subscription', () => messages.some((message) => message.type === 'subscribed'));

    proxy.cut();
    const health = await api.call('GET', '/api/health');
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: 'unavailable', reasons: ['database-unreachable'] });
    const refused = await api.call('GET', '/api/streams', { cookie });
    expect(refused.status).toBe(503);
    expect(problemWire.parse(await refused.json()).code).toBe('VD_API_UNAVAILABLE');
    const missed = await seed.stream(); // by another process, which still reaches the database

    proxy.mend();
    await waitFor('the missed stream', () => messages.some((message) => message.type === 'stream.changed' && message.stream.id === missed));
    const next = await seed.stream();
    await waitFor('the next stream', () => messages.some((message) => message.type === 'stream.changed' && message.stream.id === next));
    expect((await api.call('GET', '/api/streams', { cookie })).status).toBe(200);
    expect((await api.call('GET', '/api/health')).status).toBe(200);
    socket.terminate();
  });

  it('gives up on a query that takes too long', async () => {
    const streamId = await seed.stream();
    const blocker = await api.sql.connect();
    try {
      await blocker.query('BEGIN; LOCK TABLE detections IN ACCESS EXCLUSIVE MODE');
      const response = await api.call('GET', `/api/streams/${streamId}/detections`, { cookie });
      expect(response.status).toBe(503);
      expect(problemWire.parse(await response.json()).code).toBe('VD_API_QUERY_TIMEOUT');
    } finally {
      await blocker.query('ROLLBACK');
      blocker.release();
    }
    expect((await api.call('GET', `/api/streams/${streamId}/detections`, { cookie })).status).toBe(200);
  });
});
