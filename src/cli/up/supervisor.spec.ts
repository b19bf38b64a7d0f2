import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeEnvironment } from '../../core/config/child-environment.js';
import { createLogger } from '../../core/observability/logger.js';
import { InstanceLock } from '../process/instance-lock.js';
import { LogFile } from '../process/log-file.js';
import { Supervisor } from './supervisor.js';

let home: string;
let supervisor: Supervisor;
let lock: InstanceLock;
let output: string;
let log: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'vedette-supervisor-'));
  lock = await InstanceLock.acquire(home);
  output = '';
  log = '';
});
afterEach(() => {
  supervisor.kill();
  rmSync(home, { recursive: true, force: true });
});

/** A program whose roles do what their name in `behaviour` says. */
function supervise(behaviour: Record<string, string>, readyDeadlineMs = 10_000): Supervisor {
  const entry = join(home, 'entry.mjs');
  writeFileSync(
    entry,
    `const role = process.argv[2]; const ready = () => process.send({ type: 'ready', role, pid: process.pid, detail: {} });
    process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);
    switch (role) { ${Object.entries(behaviour)
      .map(([role, code]) => `case '${role}': ${code}; break;`)
      .join('\n')} }`,
  );
  const logger = createLogger({ role: 'up', level: 'info', format: 'json', destination: { write: (line) => (log += line) } });
  supervisor = new Supervisor({
    entry,
    environment: nodeEnvironment(),
    logsDir: join(home, 'logs'),
    lock,
    logger,
    output: { write: (text) => (output += text) },
    readyDeadlineMs,
  });
  return supervisor;
}

describe(Supervisor.name, () => {
  it('is ready when every role is, shows and keeps their lines, and stops them all', async () => {
    const roles = supervise({
      api: "console.log('native noise'); ready()",
      ingest: "console.log('12:00:00.000 INFO  [ingest] hello'); ready()",
    });
    expect([...(await roles.start([['api'], ['ingest']])).keys()]).toEqual(['api', 'ingest']);
    await expect.poll(() => output).toContain('[api] native noise\n');
    await expect.poll(() => output).toContain('12:00:00.000 INFO  [ingest] hello\n');
    expect(output).not.toContain('[ingest] 12:00');
    expect(readFileSync(join(home, 'logs/api.log'), 'utf8')).toBe('native noise\n');
    await expect.poll(() => existsSync(join(home, 'run/api.json'))).toBe(true);
    await roles.stop();
    expect(existsSync(join(home, 'run/api.json'))).toBe(false);
  });

  it('fails to start with the error of the role that cannot', async () => {
    const failed = "process.send({ type: 'failed', role, error: { code: 'VD_X', message: 'no port' } }, () => process.exit(1))";
    await expect(supervise({ api: 'ready()', ingest: failed }).start([['api'], ['ingest']])).rejects.toMatchObject({ code: 'VD_X' });
  });

  it('fails to start when a role is not ready in time', async () => {
    await expect(supervise({ api: '' }, 200).start([['api']])).rejects.toMatchObject({ code: 'VD_BOOT_ROLE_NOT_READY' });
  });

  it('brings a role back that ended after it was ready, and says so', async () => {
    await supervise({ api: 'ready(); setTimeout(() => process.kill(process.pid, "SIGKILL"), 50)' }).start([['api']]);
    await expect.poll(() => log, { timeout: 10_000 }).toContain('api is back');
    expect(log).toContain('VD_RUNTIME_ROLE_ENDED');
  });
});

describe(LogFile.name, () => {
  it('keeps one predecessor and goes on when it cannot write', () => {
    supervise({});
    const path = join(home, 'x/role.log');
    const file = new LogFile(path, 10);
    for (const line of ['0123456789a\n', 'second\n', 'third, long\n', 'fourth\n']) file.write(line);
    expect(readFileSync(path, 'utf8')).toBe('fourth\n');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('second\nthird, long\n');
    rmSync(join(home, 'x'), { recursive: true });
    expect(() => file.write('lost\n')).not.toThrow();
  });
});
