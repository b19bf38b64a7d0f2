import type { Outbound } from '../outbound.js';

/** What the SDK hands down, as far as it is used here. */
export interface SignedRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface PlainResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The SDK's way out, by our `fetch`. What it signed is sent as it is. */
export class FetchHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };

  constructor(private readonly outbound: Outbound) {}

  async handle(request: SignedRequest, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}): Promise<{ response: PlainResponse }> {
    const { protocol, hostname, port, path } = request;
    const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;
    // Set by `fetch` itself, which refuses to be told.
    const headers = Object.entries(request.headers).filter(([name]) => !['host', 'content-length'].includes(name.toLowerCase()));
    const answer = await this.outbound.fetch(url, {
      method: request.method,
      headers,
      body: request.body as RequestInit['body'] & {},
      signal: abortSignal ?? null,
    });
    return {
      response: {
        statusCode: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: new Uint8Array(await answer.arrayBuffer()),
      },
    };
  }

  updateHttpClientConfig(): void {
    // Nothing of it is configured from without.
  }

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  destroy(): void {
    // Connections are the platform's.
  }
}
