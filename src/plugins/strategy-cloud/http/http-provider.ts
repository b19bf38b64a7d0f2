import { type CodedError, errorText, type SampledPicture } from 'vedette/plugin';
import { cloudError } from '../errors.js';
import { explainStatus } from '../explain-status.js';
import type { KnownSecrets } from '../known-secrets.js';
import type { Outbound } from '../outbound.js';
import { batches } from '../picture-batches.js';
import type { AnswerFacts, CloudRequest, Provider, Reply, Want } from '../provider.js';
import { required } from '../settings.js';
import type { HttpConfig } from './config.js';
import { readAnswer, writeRequest } from './contract.js';

const MAX_REQUEST_BYTES = 16_000_000;

/** Any service that speaks the contract of docs/reference/http-strategy.md: one task and some pictures a request. */
export class HttpProvider implements Provider {
  readonly solves: readonly string[];
  readonly host: string;

  private constructor(
    private readonly config: HttpConfig,
    private readonly endpoint: string,
    private readonly pricePerPicture: number,
    private readonly secretHeaders: Readonly<Record<string, string>>,
    private readonly secrets: KnownSecrets,
    private readonly outbound: Outbound,
  ) {
    this.solves = config.tasks;
    this.host = new URL(endpoint).host;
  }

  /** @throws VD_CLOUD_NOT_CONFIGURED, VD_CONFIG_SECRET_* */
  static connect(config: HttpConfig, secrets: KnownSecrets, outbound: Outbound): HttpProvider {
    const endpoint = required(config.endpoint, 'cloud-http', 'endpoint', 'https://vision.example.com/v1/pictures');
    const price = required(config.pricePerPicture, 'cloud-http', 'pricePerPicture', '0.001');
    return new HttpProvider(config, endpoint, price, secretHeaders(config, secrets), secrets, outbound);
  }

  requests(wants: readonly Want[], pictures: readonly SampledPicture[]): CloudRequest[] {
    const some = batches(pictures, { maxPictures: this.config.picturesPerRequest, maxBytes: MAX_REQUEST_BYTES });
    return wants.flatMap((want) => some.map((batch) => ({ wants: [want], pictures: batch, price: this.price([want], batch.length) })));
  }

  price(wants: readonly Want[], pictureCount: number): number {
    return wants.length * pictureCount * this.pricePerPicture;
  }

  async ask({ wants: [want], pictures, price }: CloudRequest): Promise<Reply> {
    const answer = await this.outbound.fetch(this.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...this.secretHeaders },
      body: writeRequest(want!, pictures),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return { pictures: readAnswer(text, want!.task, pictures, (words) => this.secrets.quote(words)), cost: price };
  }

  explain(error: unknown, answer: AnswerFacts): CodedError {
    const isParsed = answer.status !== undefined && answer.status < 300;
    // What a schema or a parser says of an answer is no use to anybody but its author.
    if (isParsed)
      return cloudError(
        'VD_CLOUD_UNREADABLE',
        `${this.host} answered something that is no answer of the contract (docs/reference/http-strategy.md)`,
      );
    return explainStatus(this.host, answer, this.secrets.quote(errorText(error)));
  }
}

function secretHeaders({ bearer, headerName, headerSecret }: HttpConfig, secrets: KnownSecrets): Record<string, string> {
  if ((headerName === undefined) !== (headerSecret === undefined)) {
    throw cloudError('VD_CLOUD_NOT_CONFIGURED', 'strategies.cloud-http needs headerName and headerSecret together');
  }
  return {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${secrets.read(bearer)}` }),
    ...(headerName === undefined || headerSecret === undefined ? {} : { [headerName]: secrets.read(headerSecret) }),
  };
}
