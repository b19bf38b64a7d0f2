import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  json<T = any>(): T;
}

/** What is done with a request; what is given back is sent as JSON. */
export type Script = (request: Arrived, response: ServerResponse) => unknown;

/** A provider on this machine that does as it is told, request by request; the last script stays. */
export class ScriptedServer {
  readonly arrived: Arrived[] = [];
  private scripts: Script[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(...scripts: Script[]): Promise<ScriptedServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const scripted = new ScriptedServer(server);
    scripted.play(...scripts);
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  play(...scripts: Script[]): void {
    this.scripts = scripts;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    const arrived: Arrived = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      text,
      json: () => JSON.parse(text) as never,
    };
    this.arrived.push(arrived);
    const script = this.scripts.length > 1 ? this.scripts.shift() : this.scripts[0];
    const answer = await script?.(arrived, response);
    if (answer !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}

/** Answers with a status. */
export const status =
  (code: number, body: unknown = {}, headers: Record<string, string> = {}): Script =>
  (_request, response) => {
    response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** Takes the request and never answers. */
export const silence: Script = () => undefined;

/** Takes the request and cuts the connection, before the answer or in the middle of it. */
export const cut =
  (begun = false): Script =>
  (_request, response) => {
    if (begun) response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"results":[');
    setImmediate(() => response.destroy());
  };

/** Answers with more than anybody should read. */
export const flood =
  (bytes: number): Script =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"results":["');
    response.end(`${'x'.repeat(bytes)}"]}`);
  };
