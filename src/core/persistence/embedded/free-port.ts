import { createServer, type AddressInfo } from 'node:net';

/** Handed out by this process: what is free twice in a row would otherwise be given twice. */
const given = new Set<number>();

/** A TCP port that was free a moment ago on loopback; never the same one twice in a process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}
