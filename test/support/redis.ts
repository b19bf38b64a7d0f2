import { spawn, type ChildProcess } from 'node:child_process';
import { Redis } from 'ioredis';
import { reservePort } from './reserve-port.js';
import { until } from './until.js';

export interface TestRedis {
  readonly url: string;
  readonly pid: number;
  /** Runs one command, e.g. `command('FLUSHALL')`. */
  command(name: string, ...args: string[]): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * A real Redis, on loopback or another address of this machine. Needs `redis-server` on PATH.
 * @param appendDir where it writes down every change and brings it to disk once a second; without it, it keeps nothing
 */
export async function startRedis(address = '127.0.0.1', appendDir?: string): Promise<TestRedis> {
  const port = await reservePort();
  const listen = ['--port', String(port), '--bind', address, '--protected-mode', 'no'];
  const keeping =
    appendDir === undefined ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', 'everysec', '--dir', appendDir];
  const server = spawn('redis-server', [...listen, '--save', '', ...keeping], { stdio: 'ignore' });
  let failed: Error | undefined;
  server.once(
    'error',
    (error) => (failed = new Error(`redis-server cannot be started: ${error.message}. Install it: apt-get install redis-server`)),
  );
  const client = new Redis({ host: address, port, lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  try {
    await until('Redis to answer', async () => {
      if (failed !== undefined) throw failed;
      return client.status === 'wait'
        ? client.connect().then(
            () => true,
            () => false,
          )
        : (await client.ping()) === 'PONG';
    });
  } catch (error) {
    client.disconnect();
    server.kill('SIGKILL');
    throw error;
  }
  return {
    url: `redis://${address}:${port}`,
    pid: server.pid ?? 0,
    command: (name, ...args) => client.call(name, ...args),
    stop: async () => {
      client.disconnect();
      await ended(server);
    },
  };
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((done) => {
    server.once('exit', () => done());
    server.kill('SIGKILL');
  });
}
