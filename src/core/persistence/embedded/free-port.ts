import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that systems lend to outgoing connections (Linux from 32768, others from 49152): a server that is started again must find
 * its port free, and whoever asks for it meanwhile may be lent that very port, and so be connected with himself.
 */
const FIRST_PORT = 15_000;
const END_PORT = 32_768;
const MAX_TRIES = 200;

/** Handed out by this process: what is free twice in a row would otherwise be given twice. */
const given = new Set<number>();

/** A TCP port that was free a moment ago on loopback; never the same one twice in a process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, END_PORT);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`No port from ${FIRST_PORT} to ${END_PORT - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
