import type { RekognitionClient } from '@aws-sdk/client-rekognition';
import { type CodedError, type SampledPicture } from 'vedette/plugin';
import { cloudError, type CloudErrorCode } from '../errors.js';
import { explainStatus } from '../explain-status.js';
import type { KnownSecrets } from '../known-secrets.js';
import type { Outbound } from '../outbound.js';
import type { AnswerFacts, CloudRequest, Finding, Provider, Reply, Want } from '../provider.js';
import { required } from '../settings.js';
import { readCustomLabels, readLabels, readTexts } from './aws-answers.js';
import type { AwsConfig } from './config.js';
import { FetchHandler } from './fetch-handler.js';

type Sdk = typeof import('@aws-sdk/client-rekognition');
type Interface = keyof AwsConfig['prices'];

export const AWS_TASKS: readonly string[] = ['logo', 'object', 'label', 'text'];
const MAX_PERCENT = 100;

/** What exceptions of Rekognition mean, most of which come as a 400. */
const EXCEPTIONS: Readonly<Record<string, CloudErrorCode>> = {
  AccessDeniedException: 'VD_CLOUD_CREDENTIALS',
  UnrecognizedClientException: 'VD_CLOUD_CREDENTIALS',
  InvalidSignatureException: 'VD_CLOUD_CREDENTIALS',
  IncompleteSignatureException: 'VD_CLOUD_CREDENTIALS',
  MissingAuthenticationTokenException: 'VD_CLOUD_CREDENTIALS',
  ExpiredTokenException: 'VD_CLOUD_CREDENTIALS',
  OptInRequired: 'VD_CLOUD_CREDENTIALS',
  ThrottlingException: 'VD_CLOUD_QUOTA',
  ProvisionedThroughputExceededException: 'VD_CLOUD_QUOTA',
  LimitExceededException: 'VD_CLOUD_QUOTA',
  ServiceQuotaExceededException: 'VD_CLOUD_QUOTA',
  InvalidImageFormatException: 'VD_CLOUD_PICTURE_REFUSED',
  ImageTooLargeException: 'VD_CLOUD_PICTURE_REFUSED',
  // A model of one's own that was not started yet.
  ResourceNotReadyException: 'VD_CLOUD_SERVER',
  InternalServerError: 'VD_CLOUD_SERVER',
  ServiceUnavailableException: 'VD_CLOUD_SERVER',
};

/** AWS Rekognition: one picture and one interface a request. */
export class AwsProvider implements Provider {
  readonly solves: readonly string[];
  readonly host: string;

  private constructor(
    private readonly config: AwsConfig,
    private readonly sdk: Sdk,
    private readonly client: RekognitionClient,
    private readonly secrets: KnownSecrets,
    endpoint: string,
  ) {
    this.host = new URL(endpoint).host;
    this.solves = AWS_TASKS.filter((task) => task !== 'logo' || config.customLabels?.task === 'logo');
  }

  /** @throws VD_CLOUD_NOT_CONFIGURED, VD_CONFIG_SECRET_* */
  static async connect(config: AwsConfig, secrets: KnownSecrets, outbound: Outbound): Promise<AwsProvider> {
    const region = required(config.region, 'cloud-aws', 'region', 'eu-central-1');
    const accessKeyId = secrets.read(required(config.accessKeyId, 'cloud-aws', 'accessKeyId', '{ file: secrets/aws-key-id }'));
    const secretAccessKey = secrets.read(required(config.secretAccessKey, 'cloud-aws', 'secretAccessKey', '{ file: secrets/aws-key }'));
    const sessionToken = config.sessionToken === undefined ? undefined : secrets.read(config.sessionToken);
    const sdk = await import('@aws-sdk/client-rekognition');
    const endpoint = config.endpoint ?? awsEndpoint(region);
    // Said in full, so that neither the environment nor files in a home folder have a say.
    const client = new sdk.RekognitionClient({
      region,
      endpoint,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      maxAttempts: 1,
      retryMode: 'standard',
      defaultsMode: 'standard',
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      userAgentAppId: () => Promise.resolve(undefined),
      requestHandler: new FetchHandler(outbound) as never,
    });
    return new AwsProvider(config, sdk, client, secrets, endpoint);
  }

  requests(wants: readonly Want[], pictures: readonly SampledPicture[]): CloudRequest[] {
    const groups = [...this.byInterface(wants)];
    return pictures.flatMap((picture) =>
      groups.map(([name, some]) => ({ wants: some, pictures: [picture], price: this.config.prices[name] })),
    );
  }

  price(wants: readonly Want[], pictureCount: number): number {
    return [...this.byInterface(wants).keys()].reduce((sum, name) => sum + this.config.prices[name] * pictureCount, 0);
  }

  async ask({ wants, pictures, price }: CloudRequest, signal: AbortSignal): Promise<Reply> {
    const findings = await this.find(this.interfaceOf(wants[0]!), pictures[0]!, signal);
    return { pictures: [{ findings }], cost: price };
  }

  explain(error: unknown, answer: AnswerFacts): CodedError {
    const { name = '', message = String(error) } = error instanceof Error ? error : {};
    const words = this.secrets.quote(message);
    const code = Object.hasOwn(EXCEPTIONS, name) ? EXCEPTIONS[name] : undefined;
    return code === undefined ? explainStatus(this.host, answer, words) : cloudError(code, `${this.host} answered ${name}: ${words}`);
  }

  close(): void {
    this.client.destroy();
  }

  private interfaceOf({ task }: Want): Interface {
    if (task === this.config.customLabels?.task) return 'detectCustomLabels';
    return task === 'text' ? 'detectText' : 'detectLabels';
  }

  /** Objects and labels come from one request. */
  private byInterface(wants: readonly Want[]): Map<Interface, Want[]> {
    const groups = new Map<Interface, Want[]>();
    for (const want of wants) groups.set(this.interfaceOf(want), [...(groups.get(this.interfaceOf(want)) ?? []), want]);
    return groups;
  }

  private async find(name: Interface, { jpeg }: SampledPicture, abortSignal: AbortSignal): Promise<Finding[]> {
    const { sdk, client } = this;
    const { minScore, maxLabels, customLabels } = this.config;
    const Image = { Bytes: jpeg };
    const MinConfidence = minScore * MAX_PERCENT;
    if (name === 'detectText') return readTexts(await client.send(new sdk.DetectTextCommand({ Image }), { abortSignal }));
    if (name === 'detectLabels')
      return readLabels(await client.send(new sdk.DetectLabelsCommand({ Image, MaxLabels: maxLabels, MinConfidence }), { abortSignal }));
    const { projectVersionArn: ProjectVersionArn, task } = customLabels!;
    return readCustomLabels(
      await client.send(new sdk.DetectCustomLabelsCommand({ Image, ProjectVersionArn, MinConfidence, MaxResults: maxLabels }), {
        abortSignal,
      }),
      task,
    );
  }
}

/** The region's own address, for the list of hosts; China has a domain of its own. */
export const awsEndpoint = (region: string): string =>
  `https://rekognition.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
