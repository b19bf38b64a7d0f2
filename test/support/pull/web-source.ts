import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server whose paths answer as they are told, and which remembers what was asked. */
export class WebSource {
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[] = [];
  readonly paths = new Map<string, Answer>();

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const path = request.url ?? '';
      this.asked.push({ path, authorization: request.headers.authorization });
      const answer = this.paths.get(path.split('?')[0]!);
      if (answer !== undefined) return answer(request, response);
      response.writeHead(404).end();
    });
  }

  static async start(host = '127.0.0.1'): Promise<WebSource> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return new WebSource(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Gives a text or a file's bytes. */
  give(path: string, body: string | Buffer): void {
    this.paths.set(path, (_request, response) => void response.end(body));
  }

  /** Sends who asks somewhere else. */
  redirect(path: string, to: string): void {
    this.paths.set(path, (_request, response) => void response.writeHead(302, { location: to }).end());
  }

  count(path: string): number {
    return this.asked.filter((request) => request.path === path).length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
