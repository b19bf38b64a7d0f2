import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InstanceLock } from './instance-lock.js';
import { identityOf, isSameProcess } from './process-identity.js';

let dataDir: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'vedette-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** A process in a group of its own that starts another one and would run for a minute. */
async function family(): Promise<{ leader: ChildProcess; childPid: number }> {
  const script = `const c = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    console.log(c.pid); process.on('SIGTERM', () => {}); setTimeout(() => {}, 60000);`;
  const leader = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(leader);
  const [chunk] = (await once(leader.stdout!, 'data')) as [Buffer];
  return { leader, childPid: Number(String(chunk).trim()) };
}

async function gone(pid: number): Promise<void> {
  for (const deadline = performance.now() + 5_000; performance.now() < deadline;) {
    if (identityOf(pid) === null) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Process ${pid} is still there`);
}

const runFile = (name: string): string => join(dataDir, 'run', name);

describe(InstanceLock.name, () => {
  it('lets one holder in and refuses the next by the pid of the first', async () => {
    const lock = await InstanceLock.acquire(dataDir);
    await expect(InstanceLock.acquire(dataDir)).rejects.toMatchObject({
      code: 'VD_BOOT_ALREADY_RUNNING',
      message: expect.stringContaining(String(process.pid)) as string,
    });
    lock.release();
    await expect(InstanceLock.acquire(dataDir)).resolves.toBeInstanceOf(InstanceLock);
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 - 7, startedAt: 'never' })],
    ['of an earlier process with our pid', JSON.stringify({ pid: process.pid, startedAt: 'another boot/1' })],
    ['that was cut short', '{"pid":'],
    ['that names no process', '{"pid":1,"startedAt":""}'],
  ])('takes over a lock %s', async (_, text) => {
    mkdirSync(join(dataDir, 'run'));
    writeFileSync(runFile('up.json'), text);
    await InstanceLock.acquire(dataDir);
    expect(JSON.parse(readFileSync(runFile('up.json'), 'utf8'))).toEqual(identityOf(process.pid));
  });

  it('waits for a killed holder that the system has not yet taken apart', async () => {
    const { leader } = await family();
    mkdirSync(join(dataDir, 'run'));
    writeFileSync(runFile('up.json'), JSON.stringify(identityOf(leader.pid!)));
    const acquired = InstanceLock.acquire(dataDir);
    leader.kill('SIGKILL');
    await expect(acquired).resolves.toBeInstanceOf(InstanceLock);
  });

  it('takes over although another process died while it did the same', async () => {
    mkdirSync(join(dataDir, 'run'));
    const dead = JSON.stringify({ pid: 2 ** 22 - 7, startedAt: 'never' });
    for (const name of ['up.json', 'up.json.takeover']) writeFileSync(runFile(name), dead);
    await InstanceLock.acquire(dataDir);
    expect(JSON.parse(readFileSync(runFile('up.json'), 'utf8'))).toEqual(identityOf(process.pid));
    expect(existsSync(runFile('up.json.takeover'))).toBe(false);
  });

  it('lets exactly one of several in that find the same stale lock', async () => {
    mkdirSync(join(dataDir, 'run'));
    writeFileSync(runFile('up.json'), '{"pid":1}');
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => InstanceLock.acquire(dataDir)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('ends the children a killed holder left, with what they started', async () => {
    const { leader, childPid } = await family();
    const first = await InstanceLock.acquire(dataDir);
    await first.record('worker', leader.pid!);
    first.release(); // the holder is gone, its record of the child is not
    const exited = once(leader, 'exit');
    await InstanceLock.acquire(dataDir);
    await exited;
    await gone(childPid);
    expect(existsSync(runFile('worker.json'))).toBe(false);
  });

  it('ends what is left of a group whose leader died before', async () => {
    const { leader, childPid } = await family();
    const first = await InstanceLock.acquire(dataDir);
    await first.record('ingest', leader.pid!);
    first.release();
    leader.kill('SIGKILL');
    await once(leader, 'exit');
    expect(identityOf(childPid)).not.toBeNull();
    await InstanceLock.acquire(dataDir);
    await gone(childPid);
  });

  it('leaves a process alone that only has the pid of a former child', async () => {
    const { leader } = await family();
    mkdirSync(join(dataDir, 'run'));
    writeFileSync(runFile('api.json'), JSON.stringify({ pid: leader.pid, startedAt: 'another boot/1' }));
    await InstanceLock.acquire(dataDir);
    expect(isSameProcess(identityOf(leader.pid!)!)).toBe(true);
  });
});
