import { EventEmitter } from 'node:events';
import { connect, constants, type ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { errorText, CodedError, type AnalysisJob, type AnalysisOutcome, type JobProgress, type ReferenceSet } from 'vedette/plugin';
import {
  BEAT_MS,
  encodeReferences,
  exporterOf,
  fingerprintOf,
  HANDSHAKE_TIMEOUT_MS,
  helloAnswer,
  type HostFacts,
  type HostStatus,
  hostStatus,
  isProof,
  NdjsonLines,
  newNonce,
  proofOf,
  PROTOCOL_VERSION,
  provedAnswer,
  workerHostError,
} from 'vedette/worker-host';
import { remoteError } from '../errors.js';
import { exchange, refusedBy, type Answer } from './exchange.js';
import { requestJob } from './job-request.js';
import { SilenceWatch } from './silence-watch.js';

const WINDOW_BYTES = 4 * 1024 * 1024;
const OVERDUE_MS = 500;
const UPLOAD_TIMEOUT_MS = 30_000;
const DISCARD_TIMEOUT_MS = 5_000;

export interface ConnectionOptions {
  readonly url: string;
  readonly token: string;
  /** Plain hex; absent: whatever certificate, since the proof is bound to it. */
  readonly fingerprint?: string | undefined;
  /** This worker, for the host's log. */
  readonly workerName: string;
}

/** A connection to a worker host on which both ends have proved that they have the token. Emits `closed` once. */
export class HostConnection extends EventEmitter<{ status: [HostStatus]; closed: [CodedError] }> {
  private closedFor: CodedError | undefined;
  private readonly silence: SilenceWatch;

  private constructor(
    private readonly session: ClientHttp2Session,
    readonly facts: HostFacts,
    readonly fingerprint: string,
  ) {
    super();
    this.silence = new SilenceWatch(() => this.close(remoteError('VD_REMOTE_HUNG', `${facts.name} has sent nothing for 3 s`)));
    session.once('close', () => this.close(workerHostError('VD_REMOTE_LOST', `the connection to ${facts.name} ended`)));
    session.once('goaway', () => this.close(workerHostError('VD_REMOTE_LOST', `${facts.name} ends the connection`)));
    this.readStatus();
  }

  /**
   * @param signal gives up while it connects
   * @throws VD_REMOTE_UNREACHABLE, VD_REMOTE_PIN_WRONG, VD_REMOTE_TOKEN_WRONG, VD_REMOTE_PROTOCOL, VD_REMOTE_LIED
   */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<HostConnection> {
    const { url } = options;
    const session = connect(url, {
      // Certificates of worker hosts are their own: the pin and the proof, which is bound to the certificate, take the place of an
      // authority.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      maxHeaderListPairs: 32,
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES / 4 },
    });
    session.on('error', () => undefined);
    const giveUp = (): void => session.destroy();
    signal.addEventListener('abort', giveUp, { once: true });
    const late = setTimeout(() => session.destroy(new Error(`no handshake within ${HANDSHAKE_TIMEOUT_MS} ms`)), HANDSHAKE_TIMEOUT_MS);
    try {
      const socket = await connected(session, url);
      session.setLocalWindowSize(WINDOW_BYTES);
      const fingerprint = fingerprintOf(socket.getPeerCertificate().raw);
      if (options.fingerprint !== undefined && fingerprint !== options.fingerprint) {
        throw remoteError(
          'VD_REMOTE_PIN_WRONG',
          `${url} shows a certificate with fingerprint ${fingerprint}, the config says ${options.fingerprint}`,
        );
      }
      const facts = await shakeHands(session, { fingerprint, exporter: exporterOf(socket) }, options);
      return new HostConnection(session, facts, fingerprint);
    } catch (error) {
      session.destroy();
      throw error instanceof CodedError && error.code !== 'VD_REMOTE_LOST'
        ? error
        : remoteError('VD_REMOTE_UNREACHABLE', `${url}: ${errorText(error)}`, { cause: error });
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** It has ended, or is about to: a beat is overdue. */
  get isFailing(): boolean {
    return this.closedFor !== undefined || this.session.destroyed || this.silence.quietMs > BEAT_MS + OVERDUE_MS;
  }

  /**
   * Does one job over there.
   * @param deliver brings reference images that the host lacks
   */
  execute(
    job: AnalysisJob,
    signal: AbortSignal,
    deliver: (kind: string, revision: number) => Promise<void>,
    progress?: JobProgress,
  ): Promise<AnalysisOutcome> {
    if (this.closedFor !== undefined) return Promise.reject(this.closedFor);
    return requestJob(this.session, job, { hostName: this.facts.name, signal, deliver, progress, closedFor: () => this.closedFor });
  }

  /** @throws what the host says, VD_REMOTE_LOST */
  async upload(set: ReferenceSet): Promise<void> {
    const answer = await exchange(this.session, '/v1/references', encodeReferences(set), UPLOAD_TIMEOUT_MS);
    if (answer.status !== 204) throw refusedBy(this.facts.name, answer);
  }

  /** Nobody waits for it: where it does not arrive, the checkpoint of the next job tells the host the same. */
  discard(job: AnalysisJob): void {
    if (this.closedFor !== undefined) return;
    exchange(this.session, '/v1/discard', [JSON.stringify(job)], DISCARD_TIMEOUT_MS).catch(() => undefined);
  }

  close(why: CodedError): void {
    if (this.closedFor !== undefined) return;
    this.closedFor = why;
    this.silence.stop();
    this.session.destroy(undefined, constants.NGHTTP2_CANCEL);
    this.emit('closed', why);
  }

  private readStatus(): void {
    const stream = this.session.request({ ':method': 'GET', ':path': '/v1/status' });
    const lines = new NdjsonLines(4_096);
    const lied = (what: string): void => this.close(remoteError('VD_REMOTE_LIED', `the status of ${this.facts.name}: ${what}`));
    stream.on('error', () => undefined);
    stream.once('close', () => this.close(workerHostError('VD_REMOTE_LOST', `the connection to ${this.facts.name} ended`)));
    stream.once('response', (headers) => headers[':status'] === 200 || lied(`it answered ${String(headers[':status'])}`));
    stream.on('data', (chunk: Buffer) => {
      this.silence.heard();
      try {
        for (const said of lines.read(chunk)) this.emit('status', hostStatus.parse(said));
      } catch (error) {
        lied(errorText(error).slice(0, 200));
      }
    });
  }
}

function connected(session: ClientHttp2Session, url: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: Error): void =>
      reject(
        remoteError(
          'VD_REMOTE_UNREACHABLE',
          `${url}: ${cause?.message || (cause as NodeJS.ErrnoException)?.code || 'the connection ended'}`,
          cause,
        ),
      );
    session.once('error', fail).once('close', () => fail());
    session.once('connect', (_session, socket) => resolve(socket as TLSSocket));
  });
}

async function shakeHands(
  session: ClientHttp2Session,
  channel: Parameters<typeof proofOf>[3],
  options: ConnectionOptions,
): Promise<HostFacts> {
  const { url, token, workerName } = options;
  const worker = newNonce();
  const greeted = await exchange(
    session,
    '/v1/hello',
    [JSON.stringify({ protocol: PROTOCOL_VERSION, nonce: worker })],
    HANDSHAKE_TIMEOUT_MS,
  );
  const answer = read(helloAnswer, greeted, url);
  if (answer.protocol !== PROTOCOL_VERSION)
    throw workerHostError('VD_REMOTE_PROTOCOL', `${url} speaks protocol ${answer.protocol}, this worker ${PROTOCOL_VERSION}`);
  const nonces = { worker, host: answer.nonce };
  const proof = proofOf('worker', token, nonces, channel);
  const proved = await exchange(session, '/v1/proof', [JSON.stringify({ proof, name: workerName })], HANDSHAKE_TIMEOUT_MS);
  const { proof: given, ...facts } = read(provedAnswer, proved, url);
  if (!isProof(given, proofOf('host', token, nonces, channel))) {
    throw workerHostError(
      'VD_REMOTE_TOKEN_WRONG',
      `${url} did not prove that it has the token on this connection: its token is another, or somebody stands in between`,
    );
  }
  return facts;
}

/** @throws what the host says, VD_REMOTE_LIED */
function read<T>(schema: { safeParse(value: unknown): { success: boolean; data?: T } }, answer: Answer, url: string): T {
  if (answer.status !== 200) throw refusedBy(url, answer);
  const parsed = schema.safeParse(answer.body);
  if (!parsed.success) throw remoteError('VD_REMOTE_LIED', `${url}: its handshake is not what it should be`);
  return parsed.data as T;
}
