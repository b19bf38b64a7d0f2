import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Deadline } from './socket-deadline.js';

/** Keeps this process from anything else, as a starved machine does. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe(Deadline, () => {
  it('reads what has come before it calls the time over, though the process did not get to run', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    const deadline = new Deadline();
    let expired = 0;
    socket.on('data', () => deadline.touch());
    const done = Promise.withResolvers<void>();
    deadline.arm(100, () => {
      expired += 1;
      done.resolve();
    });
    client.write('media');
    // It is on its way; nobody reads it until the time is over.
    await new Promise((resolve) => setImmediate(resolve));
    client.write('media');
    block(200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(expired).toBe(0);
    await done.promise;
    expect(expired).toBe(1);
    deadline.clear();
    client.destroy();
    socket.destroy();
    server.close();
  });

  it('is over once, and not at all where it was cleared meanwhile', async () => {
    const deadline = new Deadline();
    let expired = 0;
    deadline.arm(10, () => (expired += 1));
    block(20);
    deadline.clear();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(expired).toBe(0);
  });
});
