import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, jobOf, never, openCloud, PICTURES, resultsOf } from '../testing/cloud-bench.js';
import { ScriptedServer, status, type Arrived } from '../testing/scripted-server.js';
import { HttpProvider } from './http-provider.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.close());

const open = (more: Record<string, unknown> = {}) =>
  openCloud('cloud-http', {
    endpoint: `${server.url}/look`,
    bearer: { env: 'KEY' },
    pricePerPicture: 0.01,
    tasks: ['object', 'label', 'text', 'visual-quality'],
    retries: 0,
    ...more,
  });
const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
const ptsOf = (request: Arrived): number[] => request.json().pictures.map(({ ptsUs }: { ptsUs: number }) => ptsUs);

describe(HttpProvider.name, () => {
  it('posts what the contract says, and no more of the stream than its pictures', async () => {
    server.play((request) => ({ results: ptsOf(request).map((ptsUs) => ({ type: 'detection', ptsUs, label: 'Car', score: 0.9, box })) }));
    const { strategy } = await open({ headerName: 'X-Api-Key', headerSecret: { env: 'OTHER' } });
    const outcome = await strategy.execute(jobOf('object'), never);
    const [request] = server.arrived;
    expect(request).toMatchObject({ method: 'POST', path: '/look' });
    expect(request!.headers).toMatchObject({
      authorization: 'Bearer sk-very-secret-key',
      'x-api-key': 'other-very-secret-key',
      'content-type': 'application/json',
    });
    expect(request!.json()).toEqual({
      version: 1,
      task: 'object',
      labels: [],
      pictures: PICTURES.map(({ ptsUs, widthPx, heightPx, jpeg }) => ({
        ptsUs,
        widthPx,
        heightPx,
        jpeg: Buffer.from(jpeg).toString('base64'),
      })),
    });
    expect(request!.text).not.toMatch(/lobby|stream-1/);
    expect(outcome.tasks[0]).toMatchObject({
      status: 'done',
      framesSeen: 2,
      framesExpected: 2,
      results: [{ ptsUs: 0, label: 'Car' }, { ptsUs: 1_000_000 }],
    });
    expect(outcome.cost).toBeCloseTo(0.02);
  });

  it('takes every type of result that can be said of a picture', async () => {
    server.play(() => ({
      results: [
        { type: 'classification', ptsUs: 0, data: { label: 'street', score: 0.8 } },
        { type: 'text', ptsUs: 0, data: { text: 'EXIT', score: 0.9, box } },
        { type: 'metric', ptsUs: 1_000_000, name: 'sharpness', value: 12.5, unit: 'px' },
      ],
    }));
    const { strategy } = await open();
    expect((await resultsOf(strategy, jobOf('visual-quality'))).results).toMatchObject([
      { type: 'classification', ptsUs: 0, data: { label: 'street', score: 0.8 } },
      { type: 'text', data: { text: 'EXIT', score: 0.9 } },
      { type: 'metric', ptsUs: 1_000_000, name: 'sharpness', value: 12.5, unit: 'px' },
    ]);
  });

  it('counts results of no picture, of no form and of types that no picture has', async () => {
    const nonsense = [
      { type: 'detection', ptsUs: 77, label: 'x', score: 1, box },
      { type: 'event', ptsUs: 0, phase: 'start', key: 'k', name: 'n' },
      { type: 'metric', ptsUs: 0, name: 'n', value: 'NaN', unit: 'px' },
      { type: 'metric', ptsUs: 0, name: 'n', value: Number.POSITIVE_INFINITY, unit: 'px' },
      { ptsUs: 0 },
      17,
    ];
    server.play((_, response) => void response.end(JSON.stringify({ results: nonsense }).replace('null', '1e999')));
    const { strategy } = await open();
    expect(await resultsOf(strategy, jobOf('object'))).toMatchObject({
      status: 'partial',
      results: [],
      reason: '6 findings of the provider were of no use',
    });
  });

  it('takes a refusal of single pictures', async () => {
    server.play(() => ({ results: [], refused: [{ ptsUs: 0, reason: 'too dark' }] }));
    const { strategy } = await open();
    expect(await resultsOf(strategy, jobOf('object'))).toMatchObject({
      status: 'partial',
      framesSeen: 1,
      reason: '1 of 2 pictures not answered: too dark',
    });
  });

  it.each([['{}'], ['[]'], ['null'], ['{"results":{}}'], ['{"results":['], ['']])('says that an answer is none: %s', async (body) => {
    server.play(status(200, body));
    const { strategy } = await open();
    expect(await failureOf(strategy, jobOf('object'))).toMatchObject({ code: 'VD_CLOUD_UNREADABLE', retryable: true, cost: 0.02 });
  });

  it('quotes the server’s words, short and without secrets', async () => {
    server.play(status(400, `no\u0007 sk-very-secret-key ${'x'.repeat(5_000)}`));
    const { strategy } = await open();
    const { message } = await failureOf(strategy, jobOf('object'));
    expect(message).toMatch(/answered 400: no \*\*\* x+…$/);
    expect(message.length).toBeLessThan(400);
  });

  it.each([
    [{ endpoint: undefined }, 'endpoint'],
    [{ pricePerPicture: undefined }, 'pricePerPicture'],
    [{ headerName: 'X-Api-Key' }, 'headerSecret'],
  ])('is not opened with %j', async (more, named) => {
    await expect(open(more)).rejects.toMatchObject({ code: 'VD_CLOUD_NOT_CONFIGURED', message: expect.stringContaining(named) as string });
  });
});
