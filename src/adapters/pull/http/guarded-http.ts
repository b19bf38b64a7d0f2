import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { CodedError } from 'vedette/plugin';
import { pullError } from '../errors.js';
import type { AddressGuard } from './address-guard.js';
import { connectionError } from './connection-error.js';
import { authorizationFor, type Login } from './login.js';

const MAX_REDIRECTS = 5;
const MAX_TEXT_BYTES = 2 * 1024 ** 2;
const USER_AGENT = 'Vedette';

export interface GuardedHttpOptions {
  readonly guard: AddressGuard;
  /** For the origin of this address alone. */
  readonly configured: URL;
  readonly login: Login | undefined;
  /** Longest time without a byte. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  /** Where it came from, after redirects. */
  readonly url: URL;
  readonly body: IncomingMessage;
}

/** A stretch of a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** GET, to where the guard lets it, with each redirect asked anew. */
export class GuardedHttp {
  private challenge: string | undefined;

  constructor(private readonly options: GuardedHttpOptions) {}

  /** @throws VD_PULL_*; answers other than 2xx too */
  async get(url: URL, range?: ByteRange): Promise<HttpAnswer> {
    let at = url;
    let hasAnswered = false;
    for (let redirects = 0; ;) {
      const body = await this.once(at, range);
      const { statusCode: status = 0, headers } = body;
      if (status >= 200 && status < 300) return { url: at, body };
      body.destroy();
      if (status === 401 && !hasAnswered && this.maySend(at) && headers['www-authenticate'] !== undefined) {
        this.challenge = headers['www-authenticate'];
        hasAnswered = true;
      } else if (status >= 300 && status < 400 && headers.location !== undefined && redirects++ < MAX_REDIRECTS) {
        at = redirected(at, headers.location);
      } else throw statusError(status, at);
    }
  }

  /** @throws VD_PULL_* */
  async text(url: URL): Promise<{ readonly url: URL; readonly text: string }> {
    const answer = await this.get(url);
    return { url: answer.url, text: (await this.whole(answer, MAX_TEXT_BYTES)).toString('utf8') };
  }

  /** @throws VD_PULL_* */
  async bytes(url: URL, maxBytes: number, range?: ByteRange): Promise<Buffer> {
    return this.whole(await this.get(url, range), maxBytes);
  }

  /** @throws VD_PULL_* when it breaks off */
  async *chunks({ url, body }: HttpAnswer): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) yield chunk as Buffer;
    } catch (cause) {
      throw cause instanceof CodedError ? cause : connectionError(cause, url.host);
    }
  }

  private async whole(answer: HttpAnswer, maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.chunks(answer)) {
      length += chunk.length;
      if (length > maxBytes)
        throw pullError('VD_PULL_NOT_MEDIA', `${answer.url.host} gives more than ${maxBytes} bytes for what is none of that size`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  private maySend({ origin }: URL): boolean {
    return this.options.login !== undefined && origin === this.options.configured.origin;
  }

  private async once(url: URL, range: ByteRange | undefined): Promise<IncomingMessage> {
    const { guard, timeoutMs, signal, login } = this.options;
    signal.throwIfAborted();
    const [address] = await guard.addressesOf(url.hostname);
    const path = `${url.pathname}${url.search}`;
    const authorization =
      this.challenge === undefined || login === undefined || !this.maySend(url)
        ? undefined
        : authorizationFor(this.challenge, login, 'GET', path);
    const options: RequestOptions = {
      ...{ method: 'GET', path, port: url.port, signal, timeout: timeoutMs, agent: false },
      // What was checked is what is connected to.
      host: address!.address,
      servername: /^[\d.]+$|:/.test(url.hostname) ? '' : url.hostname,
      headers: {
        host: url.host,
        'user-agent': USER_AGENT,
        accept: '*/*',
        ...(authorization === undefined ? {} : { authorization }),
        ...(range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
      },
    } as RequestOptions;
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(options, (body) => {
        request.removeAllListeners('timeout').once('timeout', () => body.destroy(late()));
        resolve(body);
      });
      const late = (): CodedError => pullError('VD_PULL_TIMEOUT', `${url.host} sent nothing for ${timeoutMs} ms`);
      request.once('timeout', () => request.destroy(late()));
      request.on('error', (cause) => reject(signal.aborted || cause instanceof CodedError ? cause : connectionError(cause, url.host)));
      request.end();
    });
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  if (to !== null && (to.protocol === 'http:' || to.protocol === 'https:')) return withoutLogin(to);
  throw pullError('VD_PULL_ADDRESS_REFUSED', `${from.host} leads to what is no address of the web`);
}

/** Nobody who writes playlists or redirects sends credentials of others, or of their own choice. */
export function withoutLogin(url: URL): URL {
  url.username = url.password = '';
  return url;
}

function statusError(status: number, { host }: URL): CodedError {
  if (status === 401) return pullError('VD_PULL_UNAUTHORISED', `${host} does not accept this user and password (401)`);
  if (status === 403) return pullError('VD_PULL_UNAUTHORISED', `${host} does not let this user see it (403)`);
  if (status === 404 || status === 410) return pullError('VD_PULL_NOT_FOUND', `${host} has nothing at this path (${status})`);
  return pullError('VD_PULL_REJECTED', `${host} answered with ${status}`);
}
