import { X509Certificate } from 'node:crypto';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { AnalysisJob } from '../../../src/core/plugin-api/index.js';
import { hostCertificate, type HostCertificate } from '../../../src/core/worker-host/certificate.js';
import { PROTOCOL_VERSION } from '../../../src/core/worker-host/protocol/limits.js';
import { exporterOf, fingerprintOf, newNonce, proofOf } from '../../../src/core/worker-host/protocol/proof.js';
import { TOKEN } from './worker-hosts.js';

export const newCertificate = async (): Promise<HostCertificate> =>
  hostCertificate(await mkdtemp(join(tmpdir(), 'vedette-certificate-')), {});

export interface Script {
  readonly analyzers: readonly { readonly id: string; readonly version: string }[];
  /** What it answers to a job; the stream's headers are sent already. */
  readonly onJob: (stream: ServerHttp2Stream, job: AnalysisJob) => void;
  readonly protocol?: number;
  readonly name?: string;
  /** Another one than the workers have: it says that it has it, and cannot prove it. */
  readonly token?: string;
}

/** A worker host that shares the token and keeps to the handshake, and from there on does what a test says. */
export class ScriptedHost {
  jobs = 0;
  greetings = 0;
  private readonly sessions = new Set<ServerHttp2Session>();

  private constructor(
    readonly server: Http2SecureServer,
    readonly fingerprint: string,
  ) {}

  static async start(script: Script): Promise<ScriptedHost> {
    const certificate = await newCertificate();
    const server = createSecureServer({ ...certificate, minVersion: 'TLSv1.3' });
    const host = new ScriptedHost(server, fingerprintOf(new X509Certificate(certificate.cert).raw));
    server.on('session', (session: ServerHttp2Session) => {
      host.sessions.add(session);
      session.on('error', () => undefined);
    });
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => undefined);
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      const body = (): any => JSON.parse(Buffer.concat(parts).toString() || 'null');
      const json = (value: object, status = 200): void => {
        stream.respond({ ':status': status });
        stream.end(JSON.stringify(value));
      };
      const session = stream.session as ServerHttp2Session & { nonces?: { worker: string; host: string } };
      if (headers[':path'] === '/v1/status') {
        stream.respond({ ':status': 200 });
        const beat = (): unknown =>
          stream.write(`${JSON.stringify({ running: 0, waiting: 0, yours: 0, capacity: 1, rssBytes: 1, loadAverage: 0 })}\n`);
        const timer = setInterval(beat, 1_000);
        stream.once('close', () => clearInterval(timer));
        beat();
        return;
      }
      stream.once('end', () => {
        if (headers[':path'] === '/v1/hello') {
          host.greetings++;
          if (script.protocol !== undefined)
            return json({ code: 'VD_REMOTE_PROTOCOL', message: `this host speaks protocol ${script.protocol}`, retryable: false }, 426);
          const nonces = { worker: body().nonce as string, host: newNonce() };
          session.nonces = nonces;
          return json({
            protocol: PROTOCOL_VERSION,
            nonce: nonces.host,
          });
        }
        if (headers[':path'] === '/v1/proof')
          return json({
            name: script.name ?? 'scripted',
            vedette: '0.0.0',
            analyzers: script.analyzers,
            capacity: 1,
            os: 'linux',
            arch: 'x64',
            proof: proofOf('host', script.token ?? TOKEN, session.nonces!, {
              fingerprint: host.fingerprint,
              exporter: exporterOf(session.socket as TLSSocket),
            }),
          });
        if (headers[':path'] !== '/v1/jobs') return stream.respond({ ':status': 204 }, { endStream: true });
        host.jobs++;
        stream.respond({ ':status': 200 });
        script.onJob(stream, body() as AnalysisJob);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const session of this.sessions) session.destroy();
    await closed;
  }
}

/** Lines of JSON, then the end. */
export function say(stream: ServerHttp2Stream, ...messages: readonly (object | string)[]): void {
  for (const message of messages) stream.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  stream.end();
}
