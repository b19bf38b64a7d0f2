import {
  definePlugin,
  defineStrategy,
  EGRESS,
  LOGGER,
  PICTURE_SAMPLER,
  SECRETS,
  type Egress,
  type Logger,
  type PictureSampler,
  type Secrets,
} from 'vedette/plugin';
import { AWS_TASKS, AwsProvider, awsEndpoint } from './aws/aws-provider.js';
import { awsConfig, type AwsConfig } from './aws/config.js';
import { CloudStrategy } from './cloud-strategy.js';
import { googleConfig, type GoogleConfig } from './google/config.js';
import { GOOGLE_TASKS, GoogleProvider } from './google/google-provider.js';
import { HTTP_TASKS, httpConfig, type HttpConfig } from './http/config.js';
import { HttpProvider } from './http/http-provider.js';
import { KnownSecrets } from './known-secrets.js';
import { OPENAI_TASKS, openaiConfig, type OpenaiConfig } from './openai/config.js';
import { OpenaiProvider } from './openai/openai-provider.js';
import { Outbound } from './outbound.js';
import type { Provider } from './provider.js';
import type { CommonSettings } from './settings.js';

/** Far beyond what any of the providers answers for as many pictures as a request may hold. */
const MAX_ANSWER_BYTES = 8_000_000;
const INJECT = [PICTURE_SAMPLER, SECRETS, EGRESS, LOGGER];
type Injected = [PictureSampler, Secrets, Egress, Logger];
type Connect = (secrets: KnownSecrets, outbound: Outbound) => Provider | Promise<Provider>;

/** What a provider of any kind stands on. `endpoint` is held against the list of hosts at once, not with the first picture. */
function open(
  id: string,
  settings: CommonSettings,
  endpoint: string | undefined,
  connect: Connect,
  [sampler, secrets, egress, logger]: Injected,
): Promise<CloudStrategy> {
  if (endpoint !== undefined) egress.check(endpoint);
  const outbound = new Outbound(egress, { timeoutMs: settings.timeout, maxAnswerBytes: MAX_ANSWER_BYTES });
  const connectAnew = async (): Promise<Provider> => connect(new KnownSecrets(secrets), outbound);
  return CloudStrategy.open({ id, settings, connect: connectAnew, outbound, sampler, logger });
}

const manifest = { version: '1.0.0', reach: 'cloud', state: 'none', inject: INJECT } as const;

/** Sends a few pictures of a segment to a service that solves an analyzer's task in its place. */
export default definePlugin({
  id: 'strategy-cloud',
  version: '1.0.0',
  api: '^1.0.0',
  strategies: [
    defineStrategy<GoogleConfig>({
      ...manifest,
      id: 'cloud-google',
      title: 'Google Cloud Vision',
      solves: GOOGLE_TASKS,
      config: googleConfig,
      create: (config, ...injected: Injected) =>
        open('cloud-google', config, config.endpoint, (secrets, outbound) => GoogleProvider.connect(config, secrets, outbound), injected),
    }),
    defineStrategy<AwsConfig>({
      ...manifest,
      id: 'cloud-aws',
      title: 'AWS Rekognition',
      solves: AWS_TASKS,
      config: awsConfig,
      create: (config, ...injected: Injected) =>
        open(
          'cloud-aws',
          config,
          config.endpoint ?? (config.region && awsEndpoint(config.region)),
          (secrets, outbound) => AwsProvider.connect(config, secrets, outbound),
          injected,
        ),
    }),
    defineStrategy<OpenaiConfig>({
      ...manifest,
      id: 'cloud-openai',
      title: 'Vision model with OpenAI’s interface',
      solves: OPENAI_TASKS,
      config: openaiConfig,
      create: (config, ...injected: Injected) =>
        open('cloud-openai', config, config.endpoint, (secrets, outbound) => OpenaiProvider.connect(config, secrets, outbound), injected),
    }),
    defineStrategy<HttpConfig>({
      ...manifest,
      id: 'cloud-http',
      title: 'Vision service of your own',
      solves: HTTP_TASKS,
      config: httpConfig,
      create: (config, ...injected: Injected) =>
        open('cloud-http', config, config.endpoint, (secrets, outbound) => HttpProvider.connect(config, secrets, outbound), injected),
    }),
  ],
});
