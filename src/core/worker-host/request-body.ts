import type { ServerHttp2Stream } from 'node:http2';
import { workerHostError } from './protocol/errors.js';

/** A body must be there within this time. */
const BODY_TIMEOUT_MS = 30_000;

/**
 * The whole body of a request.
 * @throws VD_REMOTE_REFUSED for one that is larger or takes longer, VD_REMOTE_LOST for one that is broken off
 */
export function readBody(stream: ServerHttp2Stream, maxBytes: number, timeoutMs = BODY_TIMEOUT_MS): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    const end = (settle: () => void): void => {
      clearTimeout(late);
      stream.off('data', onData).off('end', onEnd).off('close', onClose);
      settle();
    };
    const fail = (error: Error): void =>
      end(() => {
        stream.pause();
        reject(error);
      });
    const onData = (part: Buffer): void => {
      sizeBytes += part.length;
      if (sizeBytes > maxBytes) fail(workerHostError('VD_REMOTE_REFUSED', `a body of more than ${maxBytes} bytes`));
      else parts.push(part);
    };
    const onEnd = (): void => end(() => resolve(Buffer.concat(parts)));
    const onClose = (): void => fail(workerHostError('VD_REMOTE_LOST', 'the request was broken off'));
    const late = setTimeout(() => fail(workerHostError('VD_REMOTE_REFUSED', `a body that took more than ${timeoutMs} ms`)), timeoutMs);
    stream.on('data', onData).once('end', onEnd).once('close', onClose);
  });
}

/** @throws as {@link readBody}, and VD_REMOTE_REFUSED for what is no JSON */
export async function readJson(stream: ServerHttp2Stream, maxBytes: number, timeoutMs?: number): Promise<unknown> {
  const body = await readBody(stream, maxBytes, timeoutMs);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw workerHostError('VD_REMOTE_REFUSED', 'a body that is not JSON');
  }
}
