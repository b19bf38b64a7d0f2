import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '../e2e/support/wait-for.js';
import { ApiApp } from '../support/api-app.js';

describe('connections to the API', () => {
  let api: ApiApp;
  let bearer: string;
  const open: { destroy?(): void; terminate?(): void }[] = [];
  beforeAll(async () => {
    api = await ApiApp.start();
    bearer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());
  afterEach(() => {
    for (const one of open.splice(0)) {
      one.destroy?.();
      one.terminate?.();
    }
  });

  /** A connection that says nothing, from one of this machine's addresses. */
  async function silent(localAddress = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ port: Number(new URL(api.url).port), host: '127.0.0.1', localAddress });
    open.push(socket);
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    return socket;
  }

  /** A client of /ws, once it is `open`, or once it has had its first `message`. */
  async function live(headers: Record<string, string>, localAddress: string, until: 'open' | 'message'): Promise<WebSocket> {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`, { headers, localAddress });
    open.push(socket);
    socket.on('error', () => undefined);
    await once(socket, until);
    return socket;
  }

  /** A request on a connection of its own. */
  const status = async (): Promise<number | undefined> => {
    const request = get(`${api.url}/api/streams`, { agent: false, headers: { authorization: `Bearer ${bearer}` } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };

  it('looks for late requests often enough that its limits are what they say', async () => {
    const server = api.app.getHttpServer();
    expect([server.headersTimeout, server.requestTimeout]).toEqual([15_000, 30_000]);
    server.headersTimeout = 500;
    const slow = await silent();
    slow.write('GET /api/health HTTP/1.1\r\n');
    await waitFor('the slow connection to be closed', () => slow.closed, 8_000); // Node's own check comes after 30 s
  });

  it('keeps nobody out while strangers hold every place: the oldest of them go', async () => {
    const known = await live({ authorization: `Bearer ${bearer}` }, '127.0.0.1', 'message');
    api.app.getHttpServer().headersTimeout = 120_000; // what is closed here is closed for its place
    const oldest = await silent();
    const held = await Promise.all(Array.from({ length: 127 }, () => silent()));
    const elsewhere = await silent('127.0.0.2');
    expect(await status()).toBe(200);
    await waitFor('the oldest to be closed', () => oldest.closed);
    await Promise.all(Array.from({ length: 128 }, () => silent()));
    await waitFor('those before to be closed', () => held.every((socket) => socket.closed));
    expect([known.readyState, elsewhere.closed]).toEqual([WebSocket.OPEN, false]);
    expect(await status()).toBe(200);
  });

  it('lets clients of /ws in while silent ones hold every place, by their upgrade or by a message', async () => {
    const codes: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const socket = await live({}, '127.0.1.1', 'open');
        socket.once('close', (code: number) => codes.push(code));
      }),
    );
    await waitFor('those over the limit to be closed', () => codes.length === 8);
    expect(new Set(codes)).toEqual(new Set([1013]));
    await live({ authorization: `Bearer ${bearer}` }, '127.0.1.1', 'message');
    expect(codes).toHaveLength(8);
    const byMessage = await live({}, '127.0.1.1', 'open');
    byMessage.send(JSON.stringify({ type: 'auth', token: bearer }));
    await once(byMessage, 'message');
    expect(byMessage.readyState).toBe(WebSocket.OPEN);
  });
});
