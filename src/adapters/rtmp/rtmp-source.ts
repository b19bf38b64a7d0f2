import { createServer } from 'node:net';
import { Logger as NestLogger } from '@nestjs/common';
import { defineSource, PUBLISH_GATE, type Logger, type PublishGate, type SourceAdapter, type SourceContext } from 'vedette/plugin';
import { rtmpConfigSchema, type RtmpConfig } from './config.js';
import { listen, openTls, RtmpListener } from './rtmp-listener.js';

/** The adapter's logger: Nest's, so that core's levels, format and redaction hold for it. */
function nestLogger(name: string): Logger {
  const nest = new NestLogger(name);
  const line = (message: string, fields?: Record<string, unknown>) =>
    fields === undefined ? message : `${message} ${JSON.stringify(fields)}`;
  return {
    debug: (message, fields) => nest.debug(line(message, fields)),
    info: (message, fields) => nest.log(line(message, fields)),
    warn: (message, fields) => nest.warn(line(message, fields)),
    error: (message, fields) => nest.error(line(message, fields)),
  };
}

/** RTMP (or RTMPS) in: one listener for all streams, each named by its publisher's stream key. */
export class RtmpSource implements SourceAdapter<RtmpConfig> {
  constructor(
    private readonly gate: PublishGate,
    private readonly logger: Logger,
  ) {}

  /** @throws CodedError when the port is taken or the certificate unreadable */
  async probe(config: RtmpConfig): Promise<void> {
    if (config.tls !== undefined) await openTls(config.tls, config.handshakeTimeout);
    const server = createServer();
    await listen(server, config);
    await new Promise((resolve) => server.close(resolve));
  }

  open(config: RtmpConfig, _context: SourceContext | undefined, signal: AbortSignal): Promise<RtmpListener> {
    return RtmpListener.open(config, this.gate, this.logger, signal);
  }
}

/** @example publishUrl(config, 'studio.lan') // 'rtmp://studio.lan:1935/live' */
export function publishUrl({ host, port, apps, tls }: RtmpConfig, hostName: string): string {
  const name = host === '0.0.0.0' || host === '::' ? hostName : host;
  return `${tls === undefined ? 'rtmp' : 'rtmps'}://${name.includes(':') ? `[${name}]` : name}:${port}/${apps[0] ?? 'live'}`;
}

export const rtmpSource = defineSource<RtmpConfig>({
  id: 'rtmp',
  version: '1.0.0',
  title: 'RTMP from OBS and other encoders',
  kind: 'listener',
  config: rtmpConfigSchema,
  publishUrl,
  inject: [PUBLISH_GATE],
  create: (gate: PublishGate) => new RtmpSource(gate, nestLogger('Rtmp')),
});
