import { createServer } from 'node:net';
import { Logger as NestLogger } from '@nestjs/common';
import { defineSource, PUBLISH_GATE, type Logger, type PublishGate, type SourceAdapter, type SourceContext } from 'vedette/plugin';
import { rtmpConfigSchema, type RtmpConfig } from './config.js';
import { readCertificate } from './rtmps-certificate.js';
import { listen, portsOf, RtmpListener } from './rtmp-listener.js';

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

/** RTMP and RTMPS in: one listener for all streams, each named by its publisher's stream key. */
export class RtmpSource implements SourceAdapter<RtmpConfig> {
  constructor(
    private readonly gate: PublishGate,
    private readonly logger: Logger,
  ) {}

  /** @throws CodedError when the port is taken or the certificate unreadable */
  async probe(config: RtmpConfig): Promise<void> {
    if (config.tls !== undefined) await readCertificate(config.tls);
    for (const port of portsOf(config)) {
      const server = createServer();
      await listen(server, { host: config.host, port });
      await new Promise((resolve) => server.close(resolve));
    }
  }

  open(config: RtmpConfig, _context: SourceContext | undefined, signal: AbortSignal): Promise<RtmpListener> {
    return RtmpListener.open(config, this.gate, this.logger, signal);
  }
}

/** @example publishUrls(config, 'studio.lan') // ['rtmp://studio.lan:1935/live', 'rtmps://studio.lan:1936/live'] */
export function publishUrls({ host, port, apps, tls }: RtmpConfig, hostName: string): string[] {
  const name = host === '0.0.0.0' || host === '::' ? hostName : host;
  const url = (scheme: string, at: number): string => `${scheme}://${name.includes(':') ? `[${name}]` : name}:${at}/${apps[0] ?? 'live'}`;
  if (tls === undefined) return [url('rtmp', port)];
  return tls.port === undefined ? [url('rtmps', port)] : [url('rtmp', port), url('rtmps', tls.port)];
}

export const rtmpSource = defineSource<RtmpConfig>({
  id: 'rtmp',
  version: '1.0.0',
  title: 'RTMP from OBS and other encoders',
  kind: 'listener',
  config: rtmpConfigSchema,
  publishUrl: publishUrls,
  inject: [PUBLISH_GATE],
  create: (gate: PublishGate) => new RtmpSource(gate, nestLogger('Rtmp')),
});
