import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { until } from '../until.js';

export interface FileRequest {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** How a server treats one request; false leaves it to the honest way. */
export type Misconduct = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A real HTTP server with one file on it, whose answers a test can spoil one by one. */
export class FileServer {
  readonly requests: FileRequest[] = [];
  /** For the first request the first of these, and so on; past the end the server is honest. */
  misconduct: Misconduct[] = [];
  etag = '"one"';
  honoursRanges = true;

  private constructor(
    private readonly server: Server,
    public content: Buffer,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.answer(request, response));
  }

  static async start(content: Buffer): Promise<FileServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FileServer(server, content);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}/model.onnx`;
  }
  get sha256(): string {
    return createHash('sha256').update(this.content).digest('hex');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { range, 'if-range': ifRange } = request.headers;
    this.requests.push({ range, ifRange: typeof ifRange === 'string' ? ifRange : undefined });
    if (this.misconduct.shift()?.(request, response) === true) return;
    const first = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const { length } = this.content;
    if (first > 0 && this.honoursRanges && (ifRange === undefined || ifRange === this.etag)) {
      response.writeHead(206, {
        'content-range': `bytes ${first}-${length - 1}/${length}`,
        'content-length': length - first,
        etag: this.etag,
      });
      response.end(this.content.subarray(first));
      return;
    }
    response.writeHead(200, { 'content-length': length, etag: this.etag }).end(this.content);
  }
}

/** Sends these bytes as the beginning of the file, and breaks the connection once they are in the client's part. */
export const cutAfter =
  (server: FileServer, first: Buffer, part: string): Misconduct =>
  (_, response) => {
    response.writeHead(200, { 'content-length': server.content.length, etag: server.etag }).write(first);
    const arrived = async (): Promise<boolean> => (await stat(part).catch(() => null))?.size === first.length;
    void until(`${first.length} bytes in ${part}`, arrived).finally(() => response.destroy());
    return true;
  };

export const answers =
  (status: number, headers: Record<string, string> = {}, body = ''): Misconduct =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
