import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { SharedLoads } from '../../brands/shared-loads.js';
import { forkModule } from '../../children/child-process.js';
import { pathEnvironment } from '../../config/child-environment.js';
import { HostProcess } from './host-process.js';

vi.mock('../../children/child-process.js', () => ({ forkModule: vi.fn() }));

/** What `fork` gives when the system has no room for a process: it has no id, and only an error comes of it. */
function notStarted(): ChildProcess {
  const child = Object.assign(new EventEmitter(), { pid: undefined, kill: () => false });
  process.nextTick(() => child.emit('error', Object.assign(new Error('spawn node EAGAIN'), { code: 'EAGAIN' })));
  return child as unknown as ChildProcess;
}

/** A child that says it is ready. */
function started(): ChildProcess {
  const child = Object.assign(new EventEmitter(), { pid: 1, connected: false, kill: () => child.emit('exit', 0, null) });
  process.nextTick(() => child.emit('message', { type: 'host.ready' }));
  return child as unknown as ChildProcess;
}

describe(HostProcess, () => {
  afterEach(() => vi.mocked(forkModule).mockReset());

  it('is started again where the machine had no room for a process, and names the limit', async () => {
    const logger = new SilentLogger();
    const limits = { jobsPerHost: 1, jobTimeoutMs: 1000, memoryLimitBytes: 2 ** 30 };
    const host = new HostProcess(
      'host-1',
      { entry: 'x', args: [], environment: pathEnvironment({}), execArgv: [], ...limits },
      { references: new SharedLoads(undefined), logger },
    );
    vi.mocked(forkModule).mockImplementationOnce(notStarted).mockImplementationOnce(started);
    host.start();
    await once(host, 'down');
    expect(host).toMatchObject({ isUp: false, failedStarts: 1 });
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { usedUp: expect.stringContaining('ulimit -u') as unknown } });
    await once(host, 'free');
    expect(host).toMatchObject({ isUp: true, failedStarts: 0 });
    await host.stop();
  });
});
