import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  connect as connectHttp2,
  createSecureServer,
  type ClientHttp2Session,
  type Http2SecureServer,
  type ServerHttp2Stream,
} from 'node:http2';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeHostPool } from '../../support/fakes/fake-host-pool.js';
import type { HostCertificate } from '../../../src/core/worker-host/certificate.js';
import type { WorkerHost } from '../../../src/core/worker-host/worker-host.js';
import { HANDSHAKE_TIMEOUT_MS, PROTOCOL_VERSION } from '../../../src/core/worker-host/protocol/limits.js';
import { newNonce } from '../../../src/core/worker-host/protocol/proof.js';
import { newCertificate, ScriptedHost } from '../../support/remote/scripted-host.js';
import { openStrategy, startWorkerHost, urlOf } from '../../support/remote/worker-hosts.js';
import { until } from '../../support/until.js';

/** Nobody gets as far as this. */
const pool = new FakeHostPool();
pool.fault = new Error('no job was expected');

interface Reply {
  readonly status: number;
  readonly body: any;
}

function post(session: ClientHttp2Session, path: string, body: string): Promise<Reply> {
  return new Promise((resolve) => {
    const stream = session.request({ ':method': 'POST', ':path': path });
    let [text, status] = ['', 0];
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    stream.on('error', () => undefined);
    stream.once('close', () => resolve({ status, body: text === '' ? undefined : JSON.parse(text) }));
    stream.end(body);
  });
}

describe('trust between worker and worker host', () => {
  const open: { close?(): unknown }[] = [];
  const keep = <T extends { close?(): unknown }>(one: T): T => {
    open.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close?.();
  });

  const host = async (options: Parameters<typeof startWorkerHost>[1] = {}): Promise<WorkerHost> =>
    keep(await startWorkerHost(pool, options));
  const stateOf = async (options: Parameters<typeof openStrategy>[0]): Promise<any> => {
    const strategy = keep(await openStrategy(options));
    return strategy.report().hosts[0];
  };
  const stranger = (to: WorkerHost): ClientHttp2Session => {
    const session = connectHttp2(urlOf(to), { rejectUnauthorized: false });
    session.on('error', () => undefined);
    keep({ close: () => session.destroy() });
    return session;
  };

  it('is there when both have the token, with a pin and without', async () => {
    const one = await host();
    expect(await stateOf({ hosts: [{ url: urlOf(one) }] })).toMatchObject({ state: 'up', name: 'test-host', fingerprint: one.fingerprint });
    const written = one.fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:');
    expect(await stateOf({ hosts: [{ url: urlOf(one), fingerprint: written }] })).toMatchObject({ state: 'up' });
  });

  it('is refused to a worker with another token, which is not tried again at once', async () => {
    const one = await host();
    const state = await stateOf({ hosts: [{ url: urlOf(one) }], token: 'another token of thirty-two characters' });
    expect(state).toMatchObject({ state: 'refused', reason: expect.stringContaining('VD_REMOTE_TOKEN_WRONG') });
  });

  it('is refused to a host with another certificate than the pinned one, before anything is said', async () => {
    const scripted = keep(await ScriptedHost.start({ analyzers: [], onJob: () => undefined }));
    const state = await stateOf({ hosts: [{ url: scripted.url, fingerprint: 'ab'.repeat(32) }] });
    expect(state).toMatchObject({ state: 'refused', reason: expect.stringContaining('VD_REMOTE_PIN_WRONG') });
    expect(scripted.greetings).toBe(0);
  });

  it('is refused to a host of another protocol, which is not tried every second', async () => {
    const scripted = keep(await ScriptedHost.start({ analyzers: [], onJob: () => undefined, protocol: PROTOCOL_VERSION + 1 }));
    const strategy = keep(await openStrategy({ hosts: [{ url: scripted.url }] }));
    expect(strategy.report().hosts[0]).toMatchObject({ state: 'refused', reason: expect.stringContaining('VD_REMOTE_PROTOCOL') });
    const until2s = performance.now() + 2_000;
    await until('two seconds to pass', () => scripted.greetings > 1 || performance.now() > until2s);
    expect(scripted.greetings).toBe(1);
  });

  /** Has a certificate, and passes on every word between a worker and the real host. */
  async function manInTheMiddle(
    real: WorkerHost,
    certificate: HostCertificate,
  ): Promise<{ url: string; said: string[]; server: Http2SecureServer }> {
    const said: string[] = [];
    const server = createSecureServer(certificate);
    server.on('session', (session) => {
      const onward = stranger(real);
      session.on('error', () => undefined);
      session.on('stream', (stream: ServerHttp2Stream, headers) => {
        const path = String(headers[':path']);
        let body = '';
        stream.setEncoding('utf8').on('data', (part: string) => (body += part));
        stream.once('end', () => {
          said.push(path);
          void post(onward, path, body).then((reply) => {
            if (stream.destroyed) return;
            stream.respond({ ':status': reply.status });
            stream.end(JSON.stringify(reply.body));
          });
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep({ close: () => new Promise((resolve) => server.close(resolve)) });
    return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, said, server };
  }

  it('is what a host must have, too: one that takes any proof and has none of its own gets nothing more', async () => {
    const scripted = keep(await ScriptedHost.start({ analyzers: [], onJob: () => undefined, token: 'made up' }));
    const state = await stateOf({ hosts: [{ url: scripted.url }] });
    expect(state).toMatchObject({ state: 'refused', reason: expect.stringContaining('did not prove that it has the token') });
    expect([scripted.greetings, scripted.jobs]).toEqual([1, 0]);
  });

  it('is not to be had by passing on the handshake under another certificate', async () => {
    const middle = await manInTheMiddle(await host(), await newCertificate());
    expect(await stateOf({ hosts: [{ url: middle.url }] })).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('VD_REMOTE_TOKEN_WRONG'),
    });
    expect(middle.said).toEqual(['/v1/hello', '/v1/proof']);
  });

  it('is not to be had by passing it on with the host’s own certificate and stolen key: the proof is of one connection', async () => {
    const certificate = await newCertificate();
    const real = await host({ certificate });
    const middle = await manInTheMiddle(real, certificate);
    expect(await stateOf({ hosts: [{ url: middle.url, fingerprint: real.fingerprint }] })).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('VD_REMOTE_TOKEN_WRONG'),
    });
    expect(middle.said).toEqual(['/v1/hello', '/v1/proof']);
  });

  it('is not waited for when the worker stops', async () => {
    const deaf = createTcpServer((socket) => void keep({ close: () => socket.destroy() }));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    keep(deaf);
    const strategy = await openStrategy({ hosts: [{ url: `https://127.0.0.1:${(deaf.address() as AddressInfo).port}` }] });
    expect(strategy.report().hosts[0].state).toBe('connecting');
    const startedMs = performance.now();
    await strategy.close?.();
    expect(performance.now() - startedMs).toBeLessThan(HANDSHAKE_TIMEOUT_MS);
  });

  it('gives strangers nothing but the handshake', async () => {
    const session = stranger(await host());
    for (const path of ['/v1/jobs', '/v1/references', '/v1/discard', '/anything'])
      expect((await post(session, path, '{}')).status).toBe(401);
    const hello = await post(session, '/v1/hello', JSON.stringify({ protocol: PROTOCOL_VERSION, nonce: newNonce() }));
    expect(Object.keys(hello.body).sort(), 'nothing that is made of the token').toEqual(['nonce', 'protocol']);
    const wrong = await post(session, '/v1/proof', JSON.stringify({ proof: newNonce(), name: 'stranger' }));
    expect([wrong.status, Object.keys(wrong.body).sort()]).toEqual([401, ['code', 'message', 'retryable']]);
  });

  it('turns away who says too much, and ends the connection of who says nothing', async () => {
    const one = await host();
    expect(
      await post(stranger(one), '/v1/hello', JSON.stringify({ protocol: PROTOCOL_VERSION, nonce: newNonce(), more: 'x'.repeat(5_000) })),
    ).toMatchObject({ status: 422, body: { code: 'VD_REMOTE_REFUSED' } });
    const idle = stranger(one);
    const startedMs = performance.now();
    await until('the idle connection to be ended', () => idle.destroyed, 10_000);
    expect(performance.now() - startedMs).toBeGreaterThan(3_000);
  });

  it('counts wrong proofs: after ten, they are not answered, and a right one from the same address is served', async () => {
    const one = await host();
    const strategy = keep(await openStrategy({ hosts: [{ url: urlOf(one) }] }));
    const guess = async (): Promise<number> => {
      const session = connectHttp2(urlOf(one), { rejectUnauthorized: false });
      session.on('error', () => undefined);
      const { status } = await post(session, '/v1/hello', JSON.stringify({ protocol: PROTOCOL_VERSION, nonce: newNonce() }));
      const last =
        status === 200 ? await post(session, '/v1/proof', JSON.stringify({ proof: newNonce(), name: randomUUID() })) : { status };
      session.destroy();
      return last.status;
    };
    const answers: number[] = [];
    for (let i = 0; i < 12; i++) answers.push(await guess());
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 401), 0, 0]);
    expect(strategy.report().hosts[0].state).toBe('up');
    expect(await stateOf({ hosts: [{ url: urlOf(one) }] })).toMatchObject({ state: 'up' });
  });

  it('lets newcomers in, whatever strangers hold: the oldest of them go', async () => {
    const one = await host();
    const closed: number[] = [];
    for (let i = 0; i < 40; i++) {
      const socket = connectTcp(one.address.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.once('close', () => closed.push(i));
      keep({ close: () => socket.destroy() });
      await once(socket, 'connect');
    }
    await until('the oldest to be turned away', () => closed.length === 8, 4_000);
    expect(closed.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await stateOf({ hosts: [{ url: urlOf(one) }] })).toMatchObject({ state: 'up' });
  });
});
