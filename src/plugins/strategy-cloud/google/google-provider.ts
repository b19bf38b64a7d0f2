import type { ImageAnnotatorClient } from '@google-cloud/vision';
import { type CodedError, errorText, type SampledPicture } from 'vedette/plugin';
import { cloudError } from '../errors.js';
import { explainStatus } from '../explain-status.js';
import type { KnownSecrets } from '../known-secrets.js';
import type { Outbound } from '../outbound.js';
import { batches, bytesOf } from '../picture-batches.js';
import type { AnswerFacts, CloudRequest, Provider, Reply, Want } from '../provider.js';
import { readAnnotations } from './annotations.js';
import type { GoogleConfig } from './config.js';
import { withApiKey, withServiceAccount, type Authorise } from './google-auth.js';

const FEATURES = { logo: 'LOGO_DETECTION', label: 'LABEL_DETECTION', object: 'OBJECT_LOCALIZATION', text: 'TEXT_DETECTION' } as const;
type GoogleTask = keyof typeof FEATURES;
export const GOOGLE_TASKS: readonly string[] = Object.keys(FEATURES);

/** Google's own limits on one request; a little is left for what stands around the pictures. */
const LIMITS = { maxPictures: 16, maxBytes: 9_500_000 };
/** Reasons of a 400 that are about who asks, not about what is asked. */
const BAD_KEY = /API_KEY_INVALID|API key not valid|API key expired/i;

/** Google Cloud Vision by its REST interface: all features of all pictures in as few requests as it takes. */
export class GoogleProvider implements Provider {
  readonly solves = GOOGLE_TASKS;
  readonly host: string;

  private constructor(
    private readonly config: GoogleConfig,
    private readonly client: ImageAnnotatorClient,
    private readonly secrets: KnownSecrets,
  ) {
    this.host = new URL(config.endpoint).host;
  }

  /** @throws VD_CLOUD_NOT_CONFIGURED, VD_CLOUD_CREDENTIALS, VD_CONFIG_SECRET_* */
  static async connect(config: GoogleConfig, secrets: KnownSecrets, outbound: Outbound): Promise<GoogleProvider> {
    const authorise = authorisation(config, secrets);
    // A key that cannot sign is found out now, and not inside the SDK.
    authorise(new Headers());
    const { ImageAnnotatorClient: Client } = await import('@google-cloud/vision');
    const { protocol, hostname, port } = new URL(config.endpoint);
    const client = new Client({
      fallback: true,
      apiEndpoint: hostname,
      universeDomain: 'googleapis.com',
      protocol: protocol.slice(0, -1),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      // What the SDK needs of its own authentication: a `fetch` that knows who we are. Everything goes out by ours.
      auth: ourAuth(authorise, outbound) as never,
    });
    return new GoogleProvider(config, client, secrets);
  }

  requests(wants: readonly Want[], pictures: readonly SampledPicture[]): CloudRequest[] {
    return batches(pictures, LIMITS).map((some) => ({ wants, pictures: some, price: this.price(wants, some.length) }));
  }

  price(wants: readonly Want[], pictureCount: number): number {
    return wants.reduce((sum, { task }) => sum + this.config.prices[task as GoogleTask] * pictureCount, 0);
  }

  async ask({ wants, pictures, price }: CloudRequest): Promise<Reply> {
    const features = wants.map(({ task }) => ({ type: FEATURES[task as GoogleTask], maxResults: this.config.maxResults }));
    // The SDK takes the memory behind any other array from its beginning, whatever stands there.
    const requests = pictures.map((picture) => ({ image: { content: bytesOf(picture) }, features }));
    // Tries and time are ours to keep: the SDK's clock is only to come after ours.
    const [answer] = await this.client.batchAnnotateImages({ requests }, { retry: null as never, timeout: this.config.timeout * 2 });
    const responses = answer.responses ?? [];
    if (responses.length !== pictures.length)
      throw cloudError('VD_CLOUD_UNREADABLE', `${this.host} answered for ${responses.length} of ${pictures.length} pictures`);
    return { pictures: responses.map((one, i) => readAnnotations(one, pictures[i]!, (text) => this.secrets.quote(text))), cost: price };
  }

  explain(error: unknown, answer: AnswerFacts): CodedError {
    const words = this.secrets.quote(errorText(error));
    if (answer.status === 400 && BAD_KEY.test(answer.body))
      return cloudError('VD_CLOUD_CREDENTIALS', `${this.host} does not know the key: ${words}`);
    return explainStatus(this.host, answer, words);
  }

  close(): void {
    void this.client.close().catch(() => undefined);
  }
}

function authorisation({ apiKey, serviceAccount }: GoogleConfig, secrets: KnownSecrets): Authorise {
  if (apiKey !== undefined) return withApiKey(secrets.read(apiKey));
  if (serviceAccount !== undefined) return withServiceAccount(secrets.read(serviceAccount));
  throw cloudError(
    'VD_CLOUD_NOT_CONFIGURED',
    'strategies.cloud-google has neither apiKey nor serviceAccount; for example: apiKey: { file: secrets/google-key }',
  );
}

function ourAuth(authorise: Authorise, outbound: Outbound): object {
  const auth = {
    getClient: () => Promise.resolve(auth),
    getRequestHeaders: () => Promise.resolve(new Headers()),
    fetch: (url: string, { method, headers, body, signal }: RequestInit) => {
      const ours = new Headers(headers);
      authorise(ours);
      return outbound.fetch(url, { method: method ?? 'POST', headers: ours, body: body ?? null, signal: signal ?? null });
    },
  };
  return auth;
}
