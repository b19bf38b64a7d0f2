import { createVerify, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, FakeSampler, FakeSecrets, jobOf, openCloud, PICTURES, resultsOf, taskOf } from '../testing/cloud-bench.js';
import { ScriptedServer, status, type Arrived } from '../testing/scripted-server.js';
import { GoogleProvider } from './google-provider.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.close());

const open = (more: Record<string, unknown> = {}, parts = {}) =>
  openCloud('cloud-google', { endpoint: server.url, apiKey: { env: 'KEY' }, retries: 0, ...more }, parts);
/** As https://cloud.google.com/vision/docs/reference/rest/v1/images/annotate has it; zeros are left out, as proto3 JSON does. */
const annotated = {
  logoAnnotations: [
    {
      mid: '/m/045c7b',
      description: 'Acme',
      score: 0.91,
      boundingPoly: {
        vertices: [
          { x: 64, y: 36 },
          { x: 320, y: 36 },
          { x: 320, y: 180 },
          { x: 64, y: 180 },
        ],
      },
    },
  ],
  labelAnnotations: [{ description: 'Street', score: 0.97, topicality: 0.97 }],
  localizedObjectAnnotations: [
    { name: 'Person', score: 0.8, boundingPoly: { normalizedVertices: [{}, { x: 0.5 }, { x: 0.5, y: 1 }, { y: 1 }] } },
  ],
  textAnnotations: [
    { locale: 'en', description: 'EXIT\nNOW', boundingPoly: { vertices: [{}, { x: 640 }, { x: 640, y: 90 }, { y: 90 }] } },
    { description: 'EXIT', boundingPoly: { vertices: [{}, { x: 64 }, { x: 64, y: 90 }, { y: 90 }] } },
  ],
};
const perPicture = (answer: (index: number) => unknown) => (request: Arrived) => ({
  responses: request.json().requests.map((_: unknown, i: number) => answer(i)),
});
const error = (code: number, statusName: string, message: string, details: unknown[] = []) => ({
  error: { code, status: statusName, message, details },
});

describe(GoogleProvider.name, () => {
  it('asks for all features of all pictures in one request, with the key in a header', async () => {
    server.play(perPicture(() => annotated));
    const { strategy } = await open();
    const outcome = await strategy.execute(jobOf('logo', 'object', 'label', 'text'), new AbortController().signal);
    expect(server.arrived).toHaveLength(1);
    const [request] = server.arrived;
    expect(request!.path).toMatch(/^\/v1\/images:annotate(\?|$)/);
    expect(request!.path).not.toContain('sk-very-secret');
    expect(request!.headers['x-goog-api-key']).toBe('sk-very-secret-key');
    const { requests } = request!.json();
    expect(requests.map((one: any) => Buffer.from(one.image.content, 'base64').equals(PICTURES[requests.indexOf(one)]!.jpeg))).toEqual([
      true,
      true,
    ]);
    expect(requests[0].features).toHaveLength(4);
    expect(outcome.tasks.map((task) => task.status)).toEqual(['done', 'done', 'done', 'done']);
    // Four features on two pictures.
    expect(outcome.cost).toBeCloseTo(2 * (3 * 0.0015 + 0.00225));
    expect(outcome.executedBy).toBe(`cloud-google at ${new URL(server.url).host}`);
  });

  it('maps corners in pixels and in shares to the same kind of box, at the picture’s time', async () => {
    server.play(perPicture(() => annotated));
    const { strategy } = await open();
    expect((await resultsOf(strategy, jobOf('logo'))).results).toEqual(
      [0, 1_000_000].map((ptsUs) => ({
        type: 'detection',
        ptsUs,
        label: 'Acme',
        score: expect.closeTo(0.91, 5) as number,
        box: { x: 0.1, y: 0.1, width: 0.4, height: 0.4 },
      })),
    );
    expect((await resultsOf(strategy, jobOf('object'))).results[0]).toMatchObject({
      label: 'Person',
      box: { x: 0, y: 0, width: 0.5, height: 1 },
    });
    expect((await resultsOf(strategy, jobOf('label'))).results[0]).toMatchObject({ type: 'classification', data: { label: 'Street' } });
    expect((await resultsOf(strategy, jobOf('text'))).results).toMatchObject([
      { type: 'text', data: { text: 'EXIT\nNOW', box: { x: 0, y: 0, width: 1, height: 0.25 } } },
      { type: 'text' },
    ]);
  });

  it('divides a job by 16 pictures and by 10 MB', async () => {
    server.play(perPicture(() => ({})));
    const pictures = (count: number, sizeBytes: number) =>
      new FakeSampler({
        pictures: Array.from({ length: count }, (_, i) => ({ ...PICTURES[0]!, ptsUs: i, jpeg: new Uint8Array(sizeBytes) })),
        expected: count,
        cpuMs: 1,
      });
    const many = await open({}, { sampler: pictures(20, 10) });
    await many.strategy.execute(jobOf('label'), new AbortController().signal);
    expect(server.arrived.map((one) => one.json().requests.length).sort()).toEqual([16, 4]);
    server.arrived.length = 0;
    const large = await open({}, { sampler: pictures(4, 3_000_000) });
    await large.strategy.execute(jobOf('label'), new AbortController().signal);
    expect(server.arrived.map((one) => one.json().requests.length)).toEqual([2, 2]);
    for (const { text } of server.arrived) expect(text.length).toBeLessThan(10_000_000);
  });

  it('keeps what was answered where one picture of a batch was refused, and counts it as spent', async () => {
    server.play(perPicture((i) => (i === 0 ? annotated : { error: { code: 3, message: 'Bad image data.' } })));
    const { strategy } = await open();
    const outcome = await strategy.execute(jobOf('logo'), new AbortController().signal);
    expect(outcome.tasks[0]).toMatchObject({
      status: 'partial',
      framesSeen: 1,
      framesExpected: 2,
      reason: '1 of 2 pictures not answered: Bad image data.',
    });
    expect(outcome.cost).toBeCloseTo(2 * 0.0015);
  });

  it('fails where every picture was refused', async () => {
    server.play(perPicture(() => ({ error: { code: 3, message: 'Bad image data.' } })));
    const { strategy } = await open();
    expect(await failureOf(strategy, jobOf('logo'))).toMatchObject({ code: 'VD_CLOUD_PICTURE_REFUSED', retryable: false, cost: 0.003 });
  });

  it.each([
    [
      'VD_CLOUD_CREDENTIALS',
      400,
      error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
      ]),
    ],
    ['VD_CLOUD_CREDENTIALS', 401, error(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')],
    ['VD_CLOUD_CREDENTIALS', 403, error(403, 'PERMISSION_DENIED', 'This API method requires billing to be enabled.')],
    ['VD_CLOUD_QUOTA', 429, error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.')],
    ['VD_CLOUD_REQUEST_REFUSED', 400, error(400, 'INVALID_ARGUMENT', 'Too many images per request.')],
    ['VD_CLOUD_SERVER', 503, error(503, 'UNAVAILABLE', 'The service is currently unavailable.')],
    ['VD_CLOUD_SERVER', 500, 'a proxy’s page'],
    ['VD_CLOUD_UNREADABLE', 200, '{"responses": ['],
    ['VD_CLOUD_UNREADABLE', 200, { responses: [] }],
    ['VD_CLOUD_UNREADABLE', 200, '[1,2,3]'],
  ])('says %s of a %i', async (code, httpStatus, body) => {
    server.play(status(httpStatus, body));
    const { strategy } = await open();
    const failure = await failureOf(strategy, jobOf('logo'));
    expect(failure.code).toBe(code);
    expect(failure.message).not.toContain('sk-very-secret');
    expect(server.arrived).toHaveLength(1);
  });

  it('signs its own tokens with a service account, and asks no token server', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const account = {
      type: 'service_account',
      client_email: 'watch@example.iam.gserviceaccount.com',
      private_key_id: 'key-1',
      private_key: privateKey,
      token_uri: 'https://oauth2.googleapis.com/token',
    };
    server.play(perPicture(() => annotated));
    const { strategy, egress } = await open(
      { apiKey: undefined, serviceAccount: { env: 'ACCOUNT' } },
      { secrets: new FakeSecrets({ ACCOUNT: JSON.stringify(account) }) },
    );
    await resultsOf(strategy, jobOf('logo'));
    const token = String(server.arrived[0]!.headers.authorization).replace('Bearer ', '');
    const [head, claims, signature] = token.split('.') as [string, string, string];
    expect(createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true);
    const json = (part: string): any => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(json(head)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(json(claims)).toMatchObject({ iss: account.client_email, sub: account.client_email, aud: 'https://vision.googleapis.com/' });
    expect(json(claims).exp - json(claims).iat).toBe(3600);
    expect(new Set(egress.checked.map((url) => new URL(url).host))).toEqual(new Set([new URL(server.url).host]));
  });

  it.each([
    'not JSON',
    '{}',
    JSON.stringify({ client_email: 'a', private_key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }),
  ])('refuses a service account that is none, without showing it: %s', async (text) => {
    const opened = open({ apiKey: undefined, serviceAccount: { env: 'ACCOUNT' } }, { secrets: new FakeSecrets({ ACCOUNT: text }) });
    await expect(opened).rejects.toMatchObject({ code: 'VD_CLOUD_CREDENTIALS', message: expect.not.stringContaining('AAAA') as string });
  });

  it('is not opened without a key', async () => {
    await expect(open({ apiKey: undefined })).rejects.toMatchObject({ code: 'VD_CLOUD_NOT_CONFIGURED' });
  });

  it('supports what it has a feature for', async () => {
    const { strategy } = await open();
    expect(['logo', 'label', 'object', 'text', 'motion', 'visual-quality'].filter((task) => strategy.supports(taskOf(task)))).toEqual([
      'logo',
      'label',
      'object',
      'text',
    ]);
  });
});
