import { hostname } from 'node:os';
import {
  definePlugin,
  defineStrategy,
  LOGGER,
  REFERENCES,
  SECRETS,
  SEGMENT_URLS,
  type Logger,
  type References,
  type Secrets,
  type SegmentUrls,
} from 'vedette/plugin';
import { MIN_TOKEN_CHARS, workerHostError } from 'vedette/worker-host';
import { HostDirectory } from './client/host-directory.js';
import { RemoteLanStrategy } from './client/remote-lan-strategy.js';
import { remoteLanConfig, type RemoteLanConfig } from './config.js';

/** Runs analyzers on other machines of the operator, each of which runs `vedette worker-host`. */
export default definePlugin({
  id: 'strategy-remote-lan',
  version: '1.0.0',
  api: '^1.0.0',
  strategies: [
    defineStrategy({
      id: 'remote-lan',
      version: '1.0.0',
      title: 'On worker hosts of the local network',
      reach: 'lan',
      state: 'stream',
      config: remoteLanConfig,
      inject: [SEGMENT_URLS, SECRETS, REFERENCES, LOGGER],
      create: async (config: RemoteLanConfig, urls: SegmentUrls, secrets: Secrets, references: References, logger: Logger) => {
        const token = secrets.read(config.token);
        if (token.length < MIN_TOKEN_CHARS)
          throw workerHostError(
            'VD_REMOTE_TOKEN_SHORT',
            `strategies.remote-lan.token has ${token.length} characters, ${MIN_TOKEN_CHARS} are needed`,
          );
        const { hosts, discover, interface: networkInterface } = config;
        const workerName = `${hostname()} ${process.pid}`;
        const directory = await HostDirectory.open({ hosts, discover, networkInterface }, { token, workerName, references, logger });
        return new RemoteLanStrategy(directory, urls);
      },
    }),
  ],
});
