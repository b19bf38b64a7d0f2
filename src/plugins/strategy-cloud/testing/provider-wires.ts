import type { Arrived, Script } from './scripted-server.js';

/** A provider as its strategy meets it: how it is configured to reach a server on this machine, and what that server says. */
export interface ProviderWire {
  config(url: string): Record<string, unknown>;
  /** Sees a red rectangle in the upper left quarter of each picture. */
  readonly script: Script;
  /** JPEGs in one of its requests. */
  jpegs(request: Arrived): Buffer[];
}

const base64 = (text: string): Buffer => Buffer.from(text, 'base64');
const content = JSON.stringify({
  pictures: [{ picture: 1, findings: [{ label: 'rectangle', score: 0.9, box: { x: 0, y: 0, width: 0.5, height: 0.5 } }] }],
});

export const PROVIDER_WIRES: Readonly<Record<string, ProviderWire>> = {
  'cloud-google': {
    config: (endpoint) => ({ endpoint, apiKey: { env: 'CLOUD_TEST_KEY' } }),
    script: (request) => ({
      responses: request.json().requests.map(() => ({
        localizedObjectAnnotations: [
          { name: 'rectangle', score: 0.9, boundingPoly: { normalizedVertices: [{}, { x: 0.5 }, { x: 0.5, y: 0.5 }, { y: 0.5 }] } },
        ],
      })),
    }),
    jpegs: (request) => request.json().requests.map((one: any) => base64(one.image.content)),
  },
  'cloud-aws': {
    config: (endpoint) => ({
      endpoint,
      region: 'eu-central-1',
      accessKeyId: { env: 'CLOUD_TEST_KEY' },
      secretAccessKey: { env: 'CLOUD_TEST_KEY' },
    }),
    script: () => ({
      Labels: [
        { Name: 'rectangle', Confidence: 90, Instances: [{ BoundingBox: { Left: 0, Top: 0, Width: 0.5, Height: 0.5 }, Confidence: 90 }] },
      ],
    }),
    jpegs: (request) => [base64(request.json().Image.Bytes)],
  },
  'cloud-openai': {
    config: (url) => ({
      endpoint: `${url}/v1`,
      model: 'sees-well',
      apiKey: { env: 'CLOUD_TEST_KEY' },
      prices: { perMillionInputTokens: 1, perMillionOutputTokens: 1 },
    }),
    script: () => ({
      id: '1',
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
      usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
    }),
    jpegs: (request) =>
      request
        .json()
        .messages[1].content.filter((part: any) => part.type === 'image_url')
        .map((part: any) => base64(part.image_url.url.replace('data:image/jpeg;base64,', ''))),
  },
  'cloud-http': {
    config: (endpoint) => ({ endpoint, pricePerPicture: 0.001, bearer: { env: 'CLOUD_TEST_KEY' } }),
    script: (request) => ({
      results: request.json().pictures.map(({ ptsUs }: any) => ({
        type: 'detection',
        ptsUs,
        label: 'rectangle',
        score: 0.9,
        box: { x: 0, y: 0, width: 0.5, height: 0.5 },
      })),
    }),
    jpegs: (request) => request.json().pictures.map((one: any) => base64(one.jpeg)),
  },
};
