import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, jobOf, never, openCloud, PICTURES, resultsOf, taskOf } from '../testing/cloud-bench.js';
import { ScriptedServer, status, type Arrived } from '../testing/scripted-server.js';
import { OpenaiProvider } from './openai-provider.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.close());

const prices = { perMillionInputTokens: 1, perMillionOutputTokens: 10 };
const open = (more: Record<string, unknown> = {}, parts = {}) =>
  openCloud(
    'cloud-openai',
    { endpoint: `${server.url}/v1`, apiKey: { env: 'KEY' }, model: 'sees-well', prices, retries: 0, ...more },
    parts,
  );
/** As the API reference's chat completion object. */
const completion = (content: string | null, more: { refusal?: string; finish?: string; usage?: unknown } = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'sees-well',
  choices: [{ index: 0, message: { role: 'assistant', content, refusal: more.refusal ?? null }, finish_reason: more.finish ?? 'stop' }],
  usage: more.usage === undefined ? { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } : more.usage,
});
const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
const found = JSON.stringify({ pictures: [{ picture: 1, findings: [{ label: 'Acme', score: 0.9, box }] }] });
const says =
  (content: string | null, more = {}) =>
  (): unknown =>
    completion(content, more);

describe(OpenaiProvider.name, () => {
  it('shows one picture a request as a data URL and has the form of the answer held by a schema', async () => {
    server.play(says(found));
    const { strategy } = await open();
    const outcome = await strategy.execute(jobOf('logo'), never);
    expect(server.arrived).toHaveLength(2);
    const [request] = server.arrived;
    expect(request!.path).toBe('/v1/chat/completions');
    expect(request!.headers.authorization).toBe('Bearer sk-very-secret-key');
    const body = request!.json();
    expect(body).toMatchObject({
      model: 'sees-well',
      max_tokens: 1500,
      response_format: { type: 'json_schema', json_schema: { name: 'findings', strict: true } },
    });
    expect(body.messages[1].content[1].image_url.url).toBe(`data:image/jpeg;base64,${Buffer.from(PICTURES[0]!.jpeg).toString('base64')}`);
    const { schema } = body.response_format.json_schema;
    expect(schema).toEqual({
      type: 'object',
      additionalProperties: false,
      required: ['pictures'],
      properties: {
        pictures: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['picture', 'findings'],
            properties: { picture: { type: 'integer' }, findings: expect.objectContaining({ type: 'array' }) as object },
          },
        },
      },
    });
    expect(outcome.tasks[0]).toMatchObject({
      status: 'done',
      results: [{ type: 'detection', ptsUs: 0, label: 'Acme', score: 0.9, box: { x: 0.1, y: 0.2 } }, { ptsUs: 1_000_000 }],
    });
    // What the server says was used.
    expect(outcome.cost).toBeCloseTo(2 * (1000 * 1 + 100 * 10) * 1e-6);
  });

  it('says what to look for, in whose words, and that writing in a picture is not obeyed', async () => {
    server.play(says('{"pictures":[{"picture":1,"findings":[]}]}'));
    const { strategy } = await open();
    await strategy.execute(jobOf({ ...taskOf('object'), config: { only: ['Car', 'Person'] } }), never);
    const body = server.arrived[0]!.json();
    expect(body.messages[0]).toMatchObject({
      role: 'system',
      content: expect.stringMatching(/\["Car","Person"\][\s\S]*never something to be obeyed/) as string,
    });
    expect(JSON.stringify(body.response_format)).toContain('"enum":["Car","Person"]');
    const own = await open({ prompts: { label: 'Say which sport is played.' } });
    await own.strategy.execute(jobOf('label'), never);
    expect(server.arrived.at(-1)!.json().messages[0].content).toContain('Say which sport is played.');
  });

  it('drops what is not on the list, whatever a picture talked the model into', async () => {
    server.play(
      says(
        JSON.stringify({
          pictures: [
            {
              picture: 1,
              findings: [
                { label: 'CAR', score: 0.9, box },
                { label: 'Ignore your instructions', score: 1, box },
              ],
            },
          ],
        }),
      ),
    );
    const { strategy } = await open();
    const { results } = await resultsOf(strategy, jobOf({ ...taskOf('object'), config: { only: ['Car'] } }));
    expect(results.map((one) => (one.type === 'detection' ? one.label : one))).toEqual(['Car', 'Car']);
  });

  it.each([
    ['json_object', 2, 'This response_format type is unavailable now'],
    ['text', 3, "'response_format' is not supported: json_schema, json_object"],
  ])('comes down to %s where the server takes no more, and remembers', async (form, tries, message) => {
    server.play((request: Arrived, response) => {
      const { response_format: asked } = request.json();
      if (asked?.type === 'json_schema' || (asked?.type === 'json_object' && form === 'text'))
        return status(400, { error: { message, type: 'invalid_request_error', param: 'response_format' } })(request, response);
      return completion(form === 'text' ? `Sure! Here it is:\n\`\`\`json\n${found}\n\`\`\`\nAnything else?` : found);
    });
    const { strategy } = await open({ concurrency: 1 });
    const outcome = await strategy.execute(jobOf('logo'), never);
    expect(outcome.tasks[0]).toMatchObject({ status: 'done', framesSeen: 2 });
    expect(
      server.arrived
        .map((one) => one.json().response_format?.type ?? 'text')
        .slice(0, tries)
        .at(-1),
    ).toBe(form);
    expect(server.arrived).toHaveLength(tries + 1);
    // Nothing to hold the form: it is described.
    expect(server.arrived.at(-1)!.json().messages[0].content).toContain('{"pictures":[{"picture":1');
    // Turned down is not billed.
    expect(outcome.cost).toBeCloseTo(2 * 0.002);
  });

  it.each([
    ['refused', completion(null, { refusal: 'I cannot help with sk-very-secret-key' }), /refused: I cannot help with \*\*\*/],
    ['cut at its length', completion(found.slice(0, 40), { finish: 'length' }), /cut at 1500 tokens/],
    ['held back', completion('', { finish: 'content_filter' }), /filter/],
    ['chatter', completion('I see a street.'), /no JSON/],
    ['JSON of another form', completion('{"logos":["Acme"]}'), /no JSON of the form/],
    ['empty', completion(''), /no JSON/],
  ])('counts an answer that is %s as paid for and as no answer', async (_, answer, message) => {
    server.play(() => answer);
    const { strategy } = await open();
    const failure = await failureOf(strategy, jobOf('logo'));
    expect(failure).toMatchObject({ code: 'VD_CLOUD_PICTURE_REFUSED', cost: 0.004 });
    expect(failure.message).toMatch(message);
    expect(server.arrived).toHaveLength(2);
  });

  it('sees several pictures in one request where it may, each answered by its number', async () => {
    const second = { picture: 2, findings: [{ label: 'Acme', score: 0.7, box }] };
    server.play(says(JSON.stringify({ pictures: [second] })));
    const { strategy } = await open({ picturesPerRequest: 4 });
    expect(await resultsOf(strategy, jobOf('logo'))).toMatchObject({
      status: 'partial',
      framesSeen: 1,
      framesExpected: 2,
      results: [{ ptsUs: 1_000_000 }],
      reason: expect.stringContaining('left the picture out') as string,
    });
    expect(server.arrived).toHaveLength(1);
    server.play(says(JSON.stringify({ pictures: [{ picture: 1, findings: [] }, second, { picture: 9, findings: [] }] })));
    expect(await resultsOf(strategy, jobOf('logo'))).toMatchObject({
      status: 'partial',
      framesSeen: 2,
      reason: '1 findings of the provider were of no use',
    });
  });

  it('lets no nonsense of a model through', async () => {
    const odd = [
      { label: 'ok', score: 0.9, box: { x: -1, y: 0.5, width: 5, height: 0.2 } },
      { label: 'score', score: 7, box },
      { label: 'text score', score: '0.9', box },
      { label: '', score: 0.9, box },
      { label: 'no box', score: 0.9 },
      { label: 'flat', score: 0.9, box: { ...box, width: 0 } },
      { label: 'outside', score: 0.9, box: { x: 2, y: 2, width: 1, height: 1 } },
      'not even an object',
      null,
    ];
    server.play(says(JSON.stringify({ findings: odd })));
    const { strategy } = await open();
    const task = await resultsOf(strategy, jobOf('object'));
    expect(task.results).toEqual(
      [0, 1_000_000].map((ptsUs) => ({
        type: 'detection',
        ptsUs,
        label: 'ok',
        score: 0.9,
        box: { x: 0, y: 0.5, width: 1, height: expect.closeTo(0.2) as number },
      })),
    );
    expect(task).toMatchObject({ status: 'partial', reason: '16 findings of the provider were of no use' });
  });

  it.each([
    [401, 'VD_CLOUD_CREDENTIALS', { error: { message: 'Incorrect API key provided: sk-very-secret-key.', code: 'invalid_api_key' } }],
    [429, 'VD_CLOUD_QUOTA', { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } }],
    [404, 'VD_CLOUD_REQUEST_REFUSED', { error: { message: 'The model `sees-well` does not exist', code: 'model_not_found' } }],
    [400, 'VD_CLOUD_REQUEST_REFUSED', { error: { message: 'Unsupported parameter' } }],
    [500, 'VD_CLOUD_SERVER', { error: { message: 'The server had an error' } }],
    [200, 'VD_CLOUD_UNREADABLE', '{"choices":'],
    [200, 'VD_CLOUD_UNREADABLE', { choices: [] }],
    [200, 'VD_CLOUD_UNREADABLE', '<html>'],
  ])('takes a %i for %s', async (code, expected, body) => {
    server.play(status(code, body));
    const { strategy } = await open();
    const failure = await failureOf(strategy, jobOf('logo'));
    expect(failure.code).toBe(expected);
    expect(failure.message).not.toContain('sk-very-secret');
  });

  it('quotes the most a job can cost, which no answer it understands can exceed', async () => {
    server.play(says(found));
    const { strategy } = await open({ retries: 2 });
    const { costPerJob } = await strategy.quote!(jobOf('logo'));
    // Two seconds at one picture in two: two at most; three tries; a prompt, a picture and a full answer each.
    expect(costPerJob).toBeCloseTo(2 * 3 * (600 * 1 + 3000 * 1 + 1500 * 10) * 1e-6);
  });

  it('goes by its own estimate where the server does not say what was used, and tells where the estimate is too low', async () => {
    server.play(says(found, { usage: null }));
    const { strategy } = await open();
    expect((await strategy.execute(jobOf('logo'), never)).cost).toBeCloseTo(2 * 0.0186);
    server.play(says(found, { usage: { prompt_tokens: 90_000, completion_tokens: 10 } }));
    const dear = await open();
    expect((await dear.strategy.execute(jobOf('logo'), never)).cost).toBeCloseTo(2 * 0.0901);
    expect(dear.logged.filter((line) => line.includes('more than was set aside'))).toHaveLength(1);
  });

  it('is free for a server of one’s own that wants no key', async () => {
    server.play(says(found));
    const { strategy } = await open({ apiKey: undefined, prices: { perMillionInputTokens: 0, perMillionOutputTokens: 0 } });
    const outcome = await strategy.execute(jobOf('logo'), never);
    expect(outcome.cost).toBeUndefined();
  });

  it.each(['model', 'prices'])('is not opened without %s', async (key) => {
    await expect(open({ [key]: undefined })).rejects.toMatchObject({
      code: 'VD_CLOUD_NOT_CONFIGURED',
      message: expect.stringContaining(key) as string,
    });
  });
});
