import { AsyncLocalStorage } from 'node:async_hooks';
import type { Egress } from 'vedette/plugin';
import { CodedError } from 'vedette/plugin';
import { cloudError } from './errors.js';
import type { AnswerFacts } from './provider.js';
import { retryAfterMs } from './retry-after.js';

/** What of a refusal is kept to be explained. */
const KEPT_BODY_BYTES = 16_384;
/** What says for certain that nothing was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** One request to a provider while it is under way. */
interface Exchange {
  readonly signal: AbortSignal;
  readonly timeout: AbortSignal;
  status?: number;
  body: string;
  retryAfterMs?: number;
  /** Found out below the provider's SDK, which wraps what it does not know. */
  failure?: CodedError;
  /** The request left, and nothing says that it was not worked on. */
  isWorkedOn: boolean;
}

/** Why an exchange came to nothing. */
export class ExchangeFailed extends Error {
  override readonly name = 'ExchangeFailed';
  constructor(
    readonly error: CodedError,
    /** How long the provider asks to be left alone. */
    readonly retryAfterMs: number | undefined,
    /** The provider may bill it: it was sent, and not turned away. */
    readonly isBilled: boolean,
  ) {
    super(error.message);
  }
}

export interface OutboundLimits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/**
 * The one way out: a `fetch` for all providers' SDKs that asks the list of hosts each time, follows no redirect, reads no more of an
 * answer than is reasonable, and remembers what SDKs forget (status, Retry-After, who was to blame).
 */
export class Outbound {
  private readonly current = new AsyncLocalStorage<Exchange>();

  constructor(
    private readonly egress: Egress,
    private readonly limits: OutboundLimits,
  ) {}

  /**
   * Runs one request, by way of an SDK or not, that goes out through {@link fetch}.
   * @param explain puts what the SDK throws, or the provider answered, into one of the plugin's errors
   * @throws ExchangeFailed; CodedError VD_CLOUD_ABORTED when called off
   */
  async exchange<T>(
    signal: AbortSignal,
    request: () => Promise<T>,
    explain: (error: unknown, answer: AnswerFacts) => CodedError,
  ): Promise<T> {
    if (signal.aborted) throw aborted();
    const timeout = AbortSignal.timeout(Math.ceil(this.limits.timeoutMs));
    const exchange: Exchange = { signal: AbortSignal.any([signal, timeout]), timeout, body: '', isWorkedOn: false };
    try {
      return await this.current.run(exchange, () => untilAborted(request(), exchange.signal));
    } catch (error) {
      const failure = signal.aborted
        ? aborted()
        : (this.late(exchange) ?? exchange.failure ?? (error instanceof CodedError ? error : explain(error, exchange)));
      throw new ExchangeFailed(failure, exchange.retryAfterMs, exchange.isWorkedOn);
    }
  }

  /** As the platform's `fetch`, with the answer read to its end. */
  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const exchange = this.current.getStore();
    if (exchange === undefined) throw new Error('a request outside of an exchange');
    const url = input instanceof Request ? input.url : input;
    try {
      this.egress.check(url);
      exchange.isWorkedOn = true;
      const signals = [exchange.signal, ...(init.signal ? [init.signal] : [])];
      const { method, headers, body } = init;
      const response = await fetch(url, { ...plain({ method, headers, body }), redirect: 'manual', signal: AbortSignal.any(signals) });
      return await this.read(response, exchange);
    } catch (error) {
      exchange.failure ??= this.named(error, exchange, String(url));
      throw exchange.failure;
    }
  };

  private async read(response: Response, exchange: Exchange): Promise<Response> {
    exchange.status = response.status;
    const wait = retryAfterMs(response.headers, Date.now());
    if (wait !== undefined) exchange.retryAfterMs = wait;
    // Turned away before it was worked on. Of a 5xx nobody knows.
    if (response.status >= 300 && response.status < 500) exchange.isWorkedOn = false;
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw cloudError(
        'VD_CLOUD_REDIRECTED',
        `${new URL(response.url).host} answered ${response.status}, ` +
          `a redirect to ${hostOf(response.headers.get('location'), response.url)}`,
      );
    }
    const bytes = await this.body(response);
    if (!response.ok) exchange.body = bytes.subarray(0, KEPT_BODY_BYTES).toString('utf8');
    const headers = new Headers(response.headers);
    // The platform has undone it.
    headers.delete('content-encoding');
    headers.delete('content-length');
    const hasNoBody = response.status === 204 || response.status === 205;
    return new Response(hasNoBody ? null : new Uint8Array(bytes), { status: response.status, statusText: response.statusText, headers });
  }

  private async body(response: Response): Promise<Buffer> {
    const { maxAnswerBytes } = this.limits;
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.length;
      // Leaving the loop ends the connection.
      if (size > maxAnswerBytes)
        throw cloudError('VD_CLOUD_UNREADABLE', `${new URL(response.url).host} answered more than ${maxAnswerBytes} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  private late({ timeout }: Exchange): CodedError | undefined {
    return timeout.aborted ? cloudError('VD_CLOUD_TIMEOUT', `no answer within ${this.limits.timeoutMs} ms`) : undefined;
  }

  private named(error: unknown, exchange: Exchange, url: string): CodedError {
    if (error instanceof CodedError) {
      if (exchange.status === undefined) exchange.isWorkedOn = false;
      return error;
    }
    const code = causeCode(error);
    if (NEVER_SENT.has(code)) exchange.isWorkedOn = false;
    return cloudError('VD_CLOUD_UNREACHABLE', `${new URL(url).host}: ${code === '' ? 'the connection was cut' : code}`);
  }
}

const aborted = (): CodedError => cloudError('VD_CLOUD_ABORTED', 'the job was called off');

/** An SDK that does not listen to its signal is not waited for. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(aborted());
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Without what is undefined, which `fetch` takes for something. */
function plain(init: { method?: string | undefined; headers?: RequestInit['headers']; body?: RequestInit['body'] }): RequestInit {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}

function hostOf(location: string | null, base: string): string {
  return location === null ? 'nowhere' : (URL.parse(location, base)?.host ?? 'somewhere');
}

/** `fetch failed` says nothing; its cause does. */
function causeCode(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && code !== '') return code;
  }
  return '';
}
