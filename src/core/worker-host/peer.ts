import { constants, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Logger } from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';
import { HANDSHAKE_TIMEOUT_MS, MAX_HANDSHAKE_BYTES, PROTOCOL_VERSION } from './protocol/limits.js';
import { hello, workerProof, type HostFacts } from './protocol/messages.js';
import { exporterOf, isProof, newNonce, proofOf, type Channel, type Nonces } from './protocol/proof.js';
import { refuse, type JobDesk, type Tally } from './job-table.js';
import { readJson } from './request-body.js';

/** Requests that may be under way at once on a connection, once it has proved itself. */
const STREAMS_WHEN_PROVED = 4_096;
const WINDOW_BYTES = 4 * 1024 * 1024;

export interface PeerOptions {
  readonly token: string;
  readonly fingerprint: string;
  readonly facts: () => HostFacts;
  readonly desk: JobDesk;
  readonly logger: Logger;
  /** It has proved that it has the token. @returns whether there is a place for it */
  readonly onProved: () => boolean;
  /** It tried, and has not; who fails too often is not answered. */
  readonly onFailed: () => void;
}

const wrongToken = (why: string): Error => workerHostError('VD_REMOTE_TOKEN_WRONG', why);

/**
 * One connection. Until the other end has proved that it has the token, on this very connection, it gets nothing but a nonce, and that
 * for a few seconds: nothing that is made of the token, on which guesses could be tried elsewhere.
 */
export class Peer {
  private nonces: Nonces | undefined;
  private hasProved = false;
  private readonly tally: Tally = { jobs: 0 };
  private readonly channel: Channel;
  private readonly late: NodeJS.Timeout;

  constructor(
    private readonly session: ServerHttp2Session,
    private readonly options: PeerOptions,
  ) {
    this.channel = { fingerprint: options.fingerprint, exporter: exporterOf(session.socket as TLSSocket) };
    this.late = setTimeout(() => session.destroy(), HANDSHAKE_TIMEOUT_MS);
    session.on('error', () => session.destroy());
    session.once('close', () => clearTimeout(this.late));
    session.on('stream', (stream, headers) => this.serve(stream, headers));
  }

  get isProved(): boolean {
    return this.hasProved;
  }

  private serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => undefined);
    void this.route(stream, `${String(headers[':method'])} ${String(headers[':path'])}`).catch((error: unknown) => refuse(stream, error));
  }

  private async route(stream: ServerHttp2Stream, request: string): Promise<void> {
    const { desk } = this.options;
    if (request === 'POST /v1/hello') return this.greet(stream);
    if (request === 'POST /v1/proof') return this.prove(stream);
    if (!this.hasProved) return refuse(stream, workerHostError('VD_REMOTE_TOKEN_WRONG', 'prove that you have the token first'), 401);
    if (request === 'GET /v1/status') return desk.tell(stream, this.tally, () => this.session.destroy());
    if (request === 'POST /v1/jobs') return desk.takeJob(stream, this.tally);
    if (request === 'POST /v1/references') return desk.takeReferences(stream);
    if (request === 'POST /v1/discard') return desk.discard(stream);
    refuse(stream, workerHostError('VD_REMOTE_REFUSED', 'there is no such request'), 404);
  }

  private async greet(stream: ServerHttp2Stream): Promise<void> {
    if (this.nonces !== undefined) return this.hangUp(stream, wrongToken('a second greeting'));
    const said = hello.safeParse(await readJson(stream, MAX_HANDSHAKE_BYTES, HANDSHAKE_TIMEOUT_MS));
    if (!said.success) return this.hangUp(stream, wrongToken('not a greeting'));
    if (said.data.protocol !== PROTOCOL_VERSION) {
      return refuse(
        stream,
        workerHostError('VD_REMOTE_PROTOCOL', `this host speaks protocol ${PROTOCOL_VERSION}, the worker ${said.data.protocol}`),
        426,
      );
    }
    this.nonces = { worker: said.data.nonce, host: newNonce() };
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end(JSON.stringify({ protocol: PROTOCOL_VERSION, nonce: this.nonces.host }));
  }

  private async prove(stream: ServerHttp2Stream): Promise<void> {
    const { options } = this;
    const said = workerProof.safeParse(await readJson(stream, MAX_HANDSHAKE_BYTES, HANDSHAKE_TIMEOUT_MS));
    const nonces = this.nonces;
    if (!said.success || nonces === undefined || this.hasProved) return this.hangUp(stream, wrongToken('not a proof'));
    if (!isProof(said.data.proof, proofOf('worker', options.token, nonces, this.channel))) {
      options.onFailed();
      return this.hangUp(stream, wrongToken('the token is another'));
    }
    if (!options.onProved()) return this.hangUp(stream, workerHostError('VD_REMOTE_BUSY', 'too many workers are connected'), 503);
    this.hasProved = true;
    clearTimeout(this.late);
    this.session.setLocalWindowSize(WINDOW_BYTES);
    this.session.settings({ maxConcurrentStreams: STREAMS_WHEN_PROVED, initialWindowSize: WINDOW_BYTES / 4 });
    options.logger.info('A worker is connected', { worker: said.data.name, address: this.session.socket.remoteAddress });
    this.session.once('close', () => options.logger.info('A worker is gone', { worker: said.data.name }));
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end(JSON.stringify({ ...options.facts(), proof: proofOf('host', options.token, nonces, this.channel) }));
  }

  /** One attempt per connection. */
  private hangUp(stream: ServerHttp2Stream, error: Error, status = 401): void {
    if (this.session.destroyed) return;
    stream.once('close', () => this.session.close());
    refuse(stream, error, status);
    setTimeout(() => this.session.destroy(undefined, constants.NGHTTP2_NO_ERROR), 1_000).unref();
  }
}
