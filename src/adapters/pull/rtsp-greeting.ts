import { connect as plainConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { CodedError } from 'vedette/plugin';
import { pullError } from './errors.js';
import type { AddressGuard } from './http/address-guard.js';
import { connectionError } from './http/connection-error.js';

const MAX_ANSWER_BYTES = 4096;
const PORTS: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 };

export interface GreetingOptions {
  readonly url: URL;
  readonly guard: AddressGuard;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a camera what it has, without credentials, before the reader does: libav follows redirects by itself, to wherever they lead. What a
 * camera says to anything but a redirect is left to the reader.
 * @throws VD_PULL_ADDRESS_REFUSED when it leads elsewhere, VD_PULL_* when it cannot be reached
 */
export async function greetCamera({ url, guard, timeoutMs, signal }: GreetingOptions): Promise<void> {
  const [address] = await guard.configured();
  const at = { host: address!.address, port: Number(url.port || PORTS[url.protocol]) };
  const socket = url.protocol === 'rtsps:' ? tlsConnect({ ...at, rejectUnauthorized: false }) : plainConnect(at);
  const abort = (): void => void socket.destroy(new Error('called off'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    const status = await statusOf(
      socket,
      `DESCRIBE ${url.href} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n`,
      url.host,
      timeoutMs,
    );
    if (status >= 300 && status < 400) throw pullError('VD_PULL_ADDRESS_REFUSED', `${url.host} leads to another address (${status})`);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/** @returns the status of the answer; 0 for what is none */
function statusOf(socket: Socket, request: string, where: string, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    socket.setTimeout(timeoutMs, () => socket.destroy(pullError('VD_PULL_TIMEOUT', `${where} does not answer`)));
    socket.on('error', (error) => reject(error instanceof CodedError ? error : connectionError(error, where)));
    socket.once('end', () => resolve(0));
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
      const line = /^RTSP\/\d\.\d (\d{3})\b[^\n]*\n/.exec(answer);
      if (line !== null) resolve(Number(line[1]));
      else if (answer.length > MAX_ANSWER_BYTES) resolve(0);
    });
    socket.write(request);
  });
}
