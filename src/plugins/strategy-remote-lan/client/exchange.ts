import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { pipeline, Readable } from 'node:stream';
import { CodedError } from 'vedette/plugin';
import { refusal, workerHostError } from 'vedette/worker-host';
import { remoteError } from '../errors.js';

const MAX_ANSWER_BYTES = 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * One request with a short answer.
 * @param parts of the body, sent no faster than the host takes them
 * @throws VD_REMOTE_LOST, VD_REMOTE_LIED for an answer that is too long or no JSON
 */
export function exchange(
  session: ClientHttp2Session,
  path: string,
  parts: readonly (string | Uint8Array)[],
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({ ':method': 'POST', ':path': path });
    } catch (cause) {
      reject(lost(path, cause));
      return;
    }
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let status = 0;
    const late = setTimeout(() => stream.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_ANSWER_BYTES) stream.destroy(new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    stream.once('end', () => {
      clearTimeout(late);
      // A connection that breaks ends its streams too.
      if (status === 0 || session.destroyed || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return reject(lost(path, undefined));
      try {
        resolve({ status, body: sizeBytes === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      } catch (cause) {
        reject(remoteError('VD_REMOTE_LIED', `${path}: an answer that is not JSON`, { cause }));
      }
    });
    stream.once('error', (cause) => reject(lost(path, cause)));
    stream.once('close', () => {
      clearTimeout(late);
      reject(lost(path, undefined));
    });
    pipeline(Readable.from(parts, { objectMode: true }), stream, () => undefined);
  });
}

const lost = (path: string, cause: unknown): CodedError =>
  workerHostError('VD_REMOTE_LOST', `${path}: ${cause instanceof Error ? cause.message : 'the connection ended before the answer'}`, {
    cause,
  });

/** What a host says when it does not do what was asked. */
export function refusedBy(hostName: string, { status, body }: Answer): CodedError {
  const said = refusal.safeParse(body);
  if (!said.success) return remoteError('VD_REMOTE_LIED', `${hostName} answered ${status} without a reason`);
  const { code, message, retryable } = said.data;
  return new CodedError(code, `${hostName}: ${message}`, undefined, { retryable });
}
