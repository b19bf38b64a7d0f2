import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that systems hand out by themselves, to listeners on port 0 and to outgoing connections alike. */
const FIRST_PORT = 10_000;
const BLOCK_PORTS = 50;
const BLOCKS = 440;

/**
 * A TCP port on loopback of this process alone, for a program that is told its port before it listens. Test files run side by side, and
 * a port that was free a moment ago may be another file's by now: each process holds the first port of a block for as long as it lives,
 * and hands out the others of that block.
 */
export async function reservePort(): Promise<number> {
  return (await ports.next()).value;
}

const ports = portsOfOwnBlocks();

async function* portsOfOwnBlocks(): AsyncGenerator<number, never> {
  for (let block = 0; block < BLOCKS; block++) {
    const first = FIRST_PORT + ((process.pid + block) % BLOCKS) * BLOCK_PORTS;
    const lock = await listen(first);
    lock?.unref();
    for (let port = first + 1; lock !== null && port < first + BLOCK_PORTS; port++) {
      const server = await listen(port);
      if (server === null) continue;
      await new Promise((closed) => server.close(closed));
      yield port;
    }
  }
  throw new Error(`No port is free from ${FIRST_PORT} to ${FIRST_PORT + BLOCKS * BLOCK_PORTS}`);
}

/** @returns null where the port is taken */
async function listen(port: number): Promise<Server | null> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}
