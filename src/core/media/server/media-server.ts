import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../../config/listen-address.js';
import { apiErrors } from '../../errors/api.errors.js';
import { VedetteError } from '../../errors/errors.js';
import { mediaError } from '../../errors/media.errors.js';
import { describeProblem, PROBLEM_TYPE } from '../../errors/problem.js';
import { errorText, ListenerAdmission, type Logger } from '../../plugin-api/index.js';
import { openSegment } from '../store/open-segment.js';
import { CACHING, sendSegment } from '../store/send-segment.js';
import type { SegmentSigner } from '../store/segment-signer.js';

/** The known are workers and APIs of an installation: who has brought a valid address. */
const LIMITS = { strangersPerNetwork: 64, strangers: 256, known: 512 };
const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A reader that takes nothing for so long is gone. */
const IDLE_TIMEOUT_MS = 30_000;
const CLOSE_GRACE_MS = 2_000;

export interface MediaServerOptions {
  readonly mediaDir: string;
  readonly listen: ListenAddress;
  readonly signer: Pick<SegmentSigner, 'verify'>;
  readonly logger: Logger;
}

/** Serves segments of this machine's media folder to whoever brings a signed address, and nothing else to anyone. */
export class MediaServer {
  private readonly server: Server;
  private readonly admission = new ListenerAdmission(LIMITS);

  constructor(private readonly options: MediaServerOptions) {
    this.server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: IDLE_TIMEOUT_MS,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => void this.answer(request, response),
    );
    this.server.on('connection', (socket) => void this.admission.accept(socket, () => socket.destroy()));
    this.server.setTimeout(IDLE_TIMEOUT_MS);
  }

  /** @returns the port, which is another than asked for where that was 0. @throws VD_MEDIA_LISTEN_FAILED */
  async start(): Promise<number> {
    const { listen, logger } = this.options;
    try {
      this.server.listen(listen.port, listen.host);
      await once(this.server, 'listening');
    } catch (error) {
      throw mediaError('VD_MEDIA_LISTEN_FAILED', `media.listen ${listen.host}:${listen.port}: ${errorText(error)}`, {
        cause: error,
      });
    }
    this.server.on('error', (error) => logger.error('The media server has a problem', { error }));
    const { port } = this.server.address() as AddressInfo;
    logger.info('Segments are served to other machines by signed address', { host: listen.host, port });
    return port;
  }

  /** Lets answers under way come to their end, for a moment. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeIdleConnections();
    const timer = setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS);
    await closed;
    clearTimeout(timer);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    try {
      const visit = this.admission.of(request.socket);
      const verified = this.options.signer.verify(request.method ?? '', request.url ?? '');
      const path = await (visit?.examine(verified) ?? verified);
      visit?.known();
      const [streamId = '', epochId = '', file = ''] = path.split('/');
      const segment = await openSegment(this.options.mediaDir, streamId, epochId, file);
      if (segment === null) throw mediaError('VD_MEDIA_SEGMENT_GONE', `${path} is not in the media folder of this node`);
      await sendSegment(request, response, segment, { name: file, caching: CACHING.never });
    } catch (error) {
      this.refuse(request, response, error);
    }
  }

  private refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const instance = (request.url ?? '').split('?', 1)[0] ?? '';
    const told =
      error instanceof VedetteError ? { code: error.code, spec: { ...error, fix: error.fix ?? '' }, detail: error.message } : UNFORESEEN;
    this.options.logger[told === UNFORESEEN ? 'error' : 'debug']('A request for a segment was refused', { instance, error });
    if (response.headersSent) {
      response.destroy(); // a body cut short must not look complete
      return;
    }
    const problem = describeProblem(told.code, told.spec, told.detail, instance);
    response.statusCode = problem.status;
    response.setHeader('Content-Type', PROBLEM_TYPE).setHeader('Cache-Control', 'no-store');
    response.end(JSON.stringify(problem));
  }
}

/** Mostly the database, which is asked for the key before the first request. */
const UNFORESEEN = {
  code: 'VD_API_UNAVAILABLE',
  spec: apiErrors.VD_API_UNAVAILABLE,
  detail: 'The cause is in the log of the ingest role.',
};
