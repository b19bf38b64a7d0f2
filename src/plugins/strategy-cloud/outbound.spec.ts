import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import selfsigned from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainStatus } from './explain-status.js';
import { ExchangeFailed, Outbound } from './outbound.js';
import { FakeEgress, never } from './testing/cloud-bench.js';
import { cut, flood, ScriptedServer, silence, status } from './testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.close());

const MAX_ANSWER_BYTES = 100_000;
const outbound = (egress = new FakeEgress(), timeoutMs = 5_000): Outbound =>
  new Outbound(egress, { timeoutMs, maxAnswerBytes: MAX_ANSWER_BYTES });

/** Posts once; what came back, or why nothing did. */
async function post(out: Outbound, url = server.url, signal = never): Promise<{ text: string } | ExchangeFailed> {
  const request = async (): Promise<{ text: string }> => {
    const response = await out.fetch(url, { method: 'POST', body: '{}' });
    if (!response.ok) throw new Error(await response.text());
    return { text: await response.text() };
  };
  return out
    .exchange(signal, request, (error, answer) => explainStatus('the provider', answer, (error as Error).message))
    .catch((error: unknown) => error as ExchangeFailed);
}
const failure = async (...asked: Parameters<typeof post>): Promise<ExchangeFailed> => {
  const outcome = await post(...asked);
  if (!(outcome instanceof ExchangeFailed)) throw new Error(`Expected a failure, got ${JSON.stringify(outcome)}`);
  return outcome;
};

describe(Outbound.name, () => {
  it('asks the list of hosts with each request, and sends nothing to others', async () => {
    server.play(() => ({ ok: true }));
    const egress = new FakeEgress();
    const out = outbound(egress);
    expect(await post(out)).toEqual({ text: '{"ok":true}' });
    expect(egress.checked).toEqual([server.url]);
    expect(await failure(outbound(new FakeEgress([])))).toMatchObject({ error: { code: 'VD_EGRESS_REFUSED' }, isBilled: false });
    expect(server.arrived).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i, to whomever it leads', async (code) => {
    const other = await ScriptedServer.start(() => ({}));
    server.play(status(code, '', { location: `${other.url}/elsewhere?token=abc` }));
    const { error, isBilled } = await failure(outbound());
    expect(error).toMatchObject({ code: 'VD_CLOUD_REDIRECTED', retryable: false });
    expect(error.message).toContain(new URL(other.url).host);
    expect(error.message).not.toContain('token');
    expect(isBilled).toBe(false);
    expect(other.arrived).toHaveLength(0);
    await other.close();
  });

  it('reads no more of an answer than is reasonable, packed or not', async () => {
    server.play(flood(10_000_000));
    expect(await failure(outbound())).toMatchObject({ error: { code: 'VD_CLOUD_UNREADABLE' }, isBilled: true });
    server.play((_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))));
    expect(await failure(outbound())).toMatchObject({
      error: { code: 'VD_CLOUD_UNREADABLE', message: expect.stringContaining(`more than ${MAX_ANSWER_BYTES}`) as string },
    });
  });

  it('gives an answer that was packed as it was meant', async () => {
    server.play((_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}')));
    expect(await post(outbound())).toEqual({ text: '{"a":1}' });
  });

  it('gives up on a provider that says nothing, and on one that stops in the middle', async () => {
    server.play(silence);
    expect(await failure(outbound(new FakeEgress(), 100))).toMatchObject({
      error: { code: 'VD_CLOUD_TIMEOUT', retryable: true },
      isBilled: true,
    });
    server.play((_, response) => void response.writeHead(200).write('{'));
    expect(await failure(outbound(new FakeEgress(), 100))).toMatchObject({ error: { code: 'VD_CLOUD_TIMEOUT' } });
  });

  it.each([false, true])('reports a connection that was cut (answer begun: %s), which may be on the bill', async (begun) => {
    server.play(cut(begun));
    expect(await failure(outbound())).toMatchObject({ error: { code: 'VD_CLOUD_UNREACHABLE', retryable: true }, isBilled: true });
  });

  it('sends nothing to a server that cannot prove who it is', async () => {
    const { private: key, cert } = await selfsigned.generate([{ name: 'commonName', value: '127.0.0.1' }]);
    let requests = 0;
    const imposter = createServer({ key, cert }, () => void requests++).listen(0, '127.0.0.1');
    await once(imposter, 'listening');
    const { port } = imposter.address() as AddressInfo;
    expect(await failure(outbound(), `https://127.0.0.1:${port}`)).toMatchObject({
      error: { code: 'VD_CLOUD_UNREACHABLE', message: expect.stringContaining('SELF_SIGNED') as string },
      isBilled: false,
    });
    expect(requests).toBe(0);
    imposter.close();
  });

  it('knows that nobody bills what never left', async () => {
    const gone = await ScriptedServer.start();
    const { url } = gone;
    await gone.close();
    expect(await failure(outbound(), url)).toMatchObject({
      error: { code: 'VD_CLOUD_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') as string },
      isBilled: false,
    });
  });

  it.each([
    [400, false],
    [401, false],
    [429, false],
    [500, true],
    [503, true],
  ])('takes a %i for billed: %s', async (code, isBilled) => {
    server.play(status(code));
    expect((await failure(outbound())).isBilled).toBe(isBilled);
  });

  it('hands on how long to leave the provider alone', async () => {
    server.play(status(429, {}, { 'retry-after': '7' }));
    expect((await failure(outbound())).retryAfterMs).toBe(7_000);
  });

  it('ends at once when called off, even where the SDK does not listen', async () => {
    const controller = new AbortController();
    const settled = outbound().exchange(
      controller.signal,
      () => new Promise(() => undefined),
      () => {
        throw new Error('not asked');
      },
    );
    controller.abort();
    await expect(settled).rejects.toMatchObject({ error: { code: 'VD_CLOUD_ABORTED' } });
  });

  it('keeps requests that are under way at once apart', async () => {
    server.play((request, response) =>
      request.path === '/bad' ? status(429, {}, { 'retry-after': '9' })(request, response) : { path: request.path },
    );
    const out = outbound();
    const [good, bad] = await Promise.all([post(out, `${server.url}/good`), failure(out, `${server.url}/bad`)]);
    expect(good).toEqual({ text: '{"path":"/good"}' });
    expect(bad).toMatchObject({ retryAfterMs: 9_000, error: { code: 'VD_CLOUD_QUOTA' } });
  });
});
