import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { randomInt } from 'node:crypto';
import { freePort } from './free-port.js';

vi.mock('node:crypto', { spy: true });

describe(freePort.name, () => {
  afterEach(() => vi.resetAllMocks());

  it('gives a port that no outgoing connection is lent', async () => {
    const port = await freePort();
    expect(port).toBeGreaterThanOrEqual(15_000);
    expect(port).toBeLessThan(32_768);
  });

  it('gives none that is taken, and none twice', async () => {
    const [taken, given, other] = [await freePort(), await freePort(), await freePort()];
    const holder = createServer().listen(taken, '127.0.0.1');
    await once(holder, 'listening');
    const next = other + (other === 32_767 ? -1 : 1);
    for (const choice of [taken, given, next]) vi.mocked(randomInt).mockImplementationOnce(() => choice);
    expect(await freePort()).toBe(next);
    holder.close();
  });
});
