import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { reservePort } from './reserve-port.js';

const OTHER_PROCESS = `
  const { reservePort } = await import(${JSON.stringify(new URL('reserve-port.ts', import.meta.url).href)});
  process.send(await reservePort());
  process.once('disconnect', () => process.exit());`;

describe(reservePort.name, () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.disconnect();
  });

  it('gives no port twice, and none that somebody listens on', async () => {
    const first = await reservePort();
    const holder = createServer().listen(first + 1, '127.0.0.1');
    await once(holder, 'listening');
    try {
      const ports = await Promise.all(Array.from({ length: 120 }, () => reservePort()));
      expect(new Set([first, first + 1, ...ports]).size).toBe(122);
      expect(Math.max(...ports)).toBeLessThan(32_768);
    } finally {
      holder.close();
    }
  });

  it('gives none of a block that another process has, while that one lives', async () => {
    const ports = [await reservePort()];
    for (let n = 0; n < 2; n++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', OTHER_PROCESS], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      children.push(child);
      const [port] = (await once(child, 'message')) as [number];
      ports.push(port);
    }
    expect(new Set(ports.map((port) => Math.floor(port / 50))).size).toBe(3);
  });
});
