import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, jobOf, never, openCloud, PICTURES, resultsOf, taskOf } from '../testing/cloud-bench.js';
import { ScriptedServer, status, type Arrived } from '../testing/scripted-server.js';
import { AwsProvider } from './aws-provider.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.close());

const ARN = 'arn:aws:rekognition:eu-central-1:123456789012:project/brands/version/brands.2026/1';
const open = (more: Record<string, unknown> = {}, parts = {}) =>
  openCloud(
    'cloud-aws',
    { region: 'eu-central-1', endpoint: server.url, accessKeyId: { env: 'OTHER' }, secretAccessKey: { env: 'KEY' }, retries: 0, ...more },
    parts,
  );
const operation = ({ headers }: Arrived): string => String(headers['x-amz-target']).replace('RekognitionService.', '');

/** As the API reference's examples have them: application/x-amz-json-1.1, confidence in percent. */
const labels = {
  Labels: [
    {
      Name: 'Car',
      Confidence: 98.5,
      Instances: [{ BoundingBox: { Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4 }, Confidence: 97 }],
      Parents: [{ Name: 'Vehicle' }],
    },
    { Name: 'Street', Confidence: 99, Instances: [], Parents: [] },
  ],
  LabelModelVersion: '3.0',
};
const texts = {
  TextDetections: [
    {
      DetectedText: 'EXIT NOW',
      Type: 'LINE',
      Id: 0,
      Confidence: 99,
      Geometry: { BoundingBox: { Left: 0, Top: 0, Width: 0.5, Height: 0.1 } },
    },
    {
      DetectedText: 'EXIT',
      Type: 'WORD',
      Id: 1,
      ParentId: 0,
      Confidence: 99,
      Geometry: { BoundingBox: { Left: 0, Top: 0, Width: 0.2, Height: 0.1 } },
    },
  ],
};
const customLabels = {
  CustomLabels: [
    { Name: 'Acme', Confidence: 88, Geometry: { BoundingBox: { Left: 0.5, Top: 0.5, Width: 0.25, Height: 0.25 } } },
    { Name: 'outdoors', Confidence: 70 },
  ],
};
const answers: Record<string, unknown> = { DetectLabels: labels, DetectText: texts, DetectCustomLabels: customLabels };
const aws = (request: Arrived): unknown => answers[operation(request)];
const exception = (type: string, code = 400) =>
  status(code, { __type: type, Message: 'as it says, sk-very-secret-key', Code: type }, { 'content-type': 'application/x-amz-json-1.1' });

describe(AwsProvider.name, () => {
  it('has labels and objects of a picture by one signed request', async () => {
    server.play(aws);
    const { strategy } = await open();
    const outcome = await strategy.execute(jobOf('object', 'label'), never);
    expect(server.arrived.map(operation)).toEqual(['DetectLabels', 'DetectLabels']);
    const [first] = server.arrived;
    expect(first!.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=other-very-secret-key\/\d{8}\/eu-central-1\/rekognition\/aws4_request/,
    );
    expect(Buffer.from(first!.json().Image.Bytes, 'base64').equals(PICTURES[0]!.jpeg)).toBe(true);
    expect(first!.json()).toMatchObject({ MaxLabels: 50, MinConfidence: 50 });
    const [objects, scene] = outcome.tasks;
    expect(objects).toMatchObject({
      status: 'done',
      framesSeen: 2,
      results: [
        {
          type: 'detection',
          ptsUs: 0,
          label: 'Car',
          score: 0.97,
          box: { x: 0.1, y: 0.2, width: expect.closeTo(0.3, 9) as number, height: expect.closeTo(0.4, 9) as number },
        },
        { ptsUs: 1_000_000 },
      ],
    });
    expect(scene).toMatchObject({
      status: 'done',
      results: [{ type: 'classification', ptsUs: 0, data: { label: 'Street', score: 0.99 } }, { ptsUs: 1_000_000 }],
    });
    expect(outcome.cost).toBeCloseTo(0.002);
  });

  it('takes lines of text, not their words once more', async () => {
    server.play(aws);
    const { strategy } = await open();
    expect((await resultsOf(strategy, jobOf('text'))).results.map((one) => (one.type === 'text' ? one.data.text : one))).toEqual([
      'EXIT NOW',
      'EXIT NOW',
    ]);
  });

  it('asks a model of one’s own for logos, and tells places from labels of the whole picture', async () => {
    server.play(aws);
    const { strategy } = await open({ customLabels: { projectVersionArn: ARN } });
    const outcome = await strategy.execute(jobOf('logo'), never);
    expect(server.arrived[0]!.json()).toMatchObject({ ProjectVersionArn: ARN });
    expect(outcome.tasks[0]).toMatchObject({
      results: [{ type: 'detection', label: 'Acme', score: 0.88 }, { type: 'classification', data: { label: 'outdoors' } }, {}, {}],
    });
    // By the hour, not by picture.
    expect(outcome.cost).toBeUndefined();
  });

  it('does logos only with a model of one’s own, and objects by it where it is for those', async () => {
    expect((await open()).strategy.supports(taskOf('logo'))).toBe(false);
    const { strategy } = await open({ customLabels: { projectVersionArn: ARN, task: 'object' } });
    expect(strategy.supports(taskOf('logo'))).toBe(false);
    server.play(aws);
    await strategy.execute(jobOf('object'), never);
    expect(operation(server.arrived[0]!)).toBe('DetectCustomLabels');
  });

  it.each([
    ['AccessDeniedException', 400, 'VD_CLOUD_CREDENTIALS', false],
    ['UnrecognizedClientException', 400, 'VD_CLOUD_CREDENTIALS', false],
    ['InvalidSignatureException', 400, 'VD_CLOUD_CREDENTIALS', false],
    ['ExpiredTokenException', 400, 'VD_CLOUD_CREDENTIALS', false],
    ['ThrottlingException', 400, 'VD_CLOUD_QUOTA', true],
    ['ProvisionedThroughputExceededException', 400, 'VD_CLOUD_QUOTA', true],
    ['InvalidImageFormatException', 400, 'VD_CLOUD_PICTURE_REFUSED', false],
    ['ImageTooLargeException', 400, 'VD_CLOUD_PICTURE_REFUSED', false],
    ['InvalidParameterException', 400, 'VD_CLOUD_REQUEST_REFUSED', false],
    ['ResourceNotReadyException', 400, 'VD_CLOUD_SERVER', true],
    ['InternalServerError', 500, 'VD_CLOUD_SERVER', true],
    ['com.amazonaws.rekognition#ThrottlingException', 400, 'VD_CLOUD_QUOTA', true],
    ['SomethingNew', 503, 'VD_CLOUD_SERVER', true],
    ['__proto__', 418, 'VD_CLOUD_REQUEST_REFUSED', false],
  ])('takes %s (%i) for %s', async (type, code, expected, retryable) => {
    server.play(exception(type, code));
    const { strategy } = await open();
    const failure = await failureOf(strategy, jobOf('label'));
    expect(failure).toMatchObject({ code: expected, retryable });
    expect(failure.message).not.toContain('sk-very-secret');
  });

  it.each(['not JSON', '[]', '{}', '{"Labels": 7}', 'null'])(
    'says that an answer is none, and not that nothing was seen: %s',
    async (body) => {
      server.play(status(200, body));
      const { strategy } = await open();
      // Sent and answered, whatever with: it may be on the bill.
      expect(await failureOf(strategy, jobOf('label'))).toMatchObject({ code: 'VD_CLOUD_UNREADABLE', cost: 0.002 });
    },
  );

  it('answers in part where one of its pictures is not taken', async () => {
    server.play(exception('ImageTooLargeException'), aws);
    const { strategy } = await open({ concurrency: 1 });
    expect(await resultsOf(strategy, jobOf('label'))).toMatchObject({
      status: 'partial',
      framesSeen: 1,
      framesExpected: 2,
      reason: expect.stringContaining('ImageTooLargeException') as string,
    });
  });

  it('leaves the SDK no tries of its own', async () => {
    server.play(exception('InternalServerError', 500));
    const { strategy } = await open({ retries: 1, concurrency: 1 });
    await failureOf(strategy, jobOf('label'));
    expect(server.arrived).toHaveLength(2 * PICTURES.length);
  });

  it.each(['region', 'accessKeyId', 'secretAccessKey'])('is not opened without %s', async (key) => {
    await expect(open({ [key]: undefined })).rejects.toMatchObject({
      code: 'VD_CLOUD_NOT_CONFIGURED',
      message: expect.stringContaining(key) as string,
    });
  });
});
