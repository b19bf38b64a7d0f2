import { afterEach, describe, expect, it } from 'vitest';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { announce } from '../../../src/core/worker-host/announcement.js';
import type { WorkerHost } from '../../../src/core/worker-host/worker-host.js';
import { FAKE_ANALYZER, fakeJob, FakeHostPool } from '../../support/fakes/fake-host-pool.js';
import { openStrategy, startWorkerHost, urlOf, type OpenStrategy } from '../../support/remote/worker-hosts.js';
import { until } from '../../support/until.js';

const LOOPBACK = '127.0.0.1';

describe('worker hosts that announce themselves', () => {
  const open: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  const announced = async (options: Parameters<typeof startWorkerHost>[1] = {}): Promise<WorkerHost> => {
    const host = await startWorkerHost(new FakeHostPool(), { analyzers: [FAKE_ANALYZER], name: 'found.here', ...options });
    open.push(() => host.close());
    open.push(
      await announce(
        { name: 'found.here', port: host.address.port, fingerprint: host.fingerprint, networkInterface: LOOPBACK },
        new SilentLogger(),
      ),
    );
    return host;
  };
  const looking = async (): Promise<OpenStrategy> => {
    const strategy = await openStrategy({ hosts: [], config: { discover: true, interface: LOOPBACK } });
    open.push(() => strategy.close?.());
    return strategy;
  };

  it('are found and used once they have proved that they have the token', async () => {
    const host = await announced();
    const strategy = await looking();
    await until('the host to be found', () => strategy.report().hosts[0]?.state === 'up', 10_000);
    expect(strategy.report().hosts).toMatchObject([{ url: urlOf(host), name: 'found.here', announced: true }]);
    expect((await strategy.execute(fakeJob(), new AbortController().signal)).executedBy).toBe('found.here: fake');
  });

  it('are not used with another token', async () => {
    await announced({ token: 'the token of somebody else, long enough' });
    const strategy = await looking();
    await until('the host to be found', () => strategy.report().hosts[0]?.state === 'refused', 10_000);
    expect(strategy.report().hosts[0].reason).toContain('VD_REMOTE_TOKEN_WRONG');
    expect(strategy.health()).toMatchObject({ status: 'down' });
  });

  it('are said not to be heard where there is no such network, and nothing ends by it', async () => {
    const logger = new SilentLogger();
    open.push(await announce({ name: 'x', port: 1, fingerprint: 'ab', networkInterface: '203.0.113.77' }, logger));
    await until('it to be told', () => logger.lines.length > 0, 5_000);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { error: { code: 'VD_REMOTE_DISCOVERY' } } }]);
  });
});
