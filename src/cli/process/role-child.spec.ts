import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodeEnvironment } from '../../core/config/child-environment.js';
import type { CodedError } from '../../core/plugin-api/index.js';
import { identityOf } from './process-identity.js';
import { RoleChild } from './role-child.js';

let folder: string;
const started: RoleChild[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-role-'));
});
afterEach(() => started.splice(0).forEach((child) => child.kill()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function role(script: string): { child: RoleChild; lines: string[] } {
  const entry = join(folder, `role-${started.length}-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(entry, script);
  const lines: string[] = [];
  const child = new RoleChild({
    name: 'worker',
    entry,
    args: ['worker'],
    environment: nodeEnvironment(),
    onLine: (line) => lines.push(line),
  });
  started.push(child);
  return { child, lines };
}
const READY = `process.send({ type: 'ready', role: 'worker', pid: process.pid, detail: { url: 'u' } });`;
const crash = (child: RoleChild) =>
  new Promise<{ error: CodedError; restartInMs: number; looping: boolean }>((resolve) =>
    child.once('crashed', (error, restartInMs, looping) => resolve({ error, restartInMs, looping })),
  );
const ready = (child: RoleChild) => new Promise<void>((resolve) => child.once('ready', () => resolve()));

describe(RoleChild.name, () => {
  it('tells when the role is ready, hands its lines on, and ends it when asked', async () => {
    const { child, lines } = role(
      `console.log('hello ' + process.argv[2]); ${READY} process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);`,
    );
    child.start();
    await ready(child);
    const pid = child.pid!;
    expect(await child.stop(5_000)).toBe(true);
    expect(identityOf(pid)).toBeNull();
    expect(lines).toEqual(['hello worker']);
  });

  it('ends a role by force that does not end by itself', async () => {
    const { child } = role(`process.on('SIGTERM', () => {}); ${READY} setInterval(() => {}, 1000);`);
    child.start();
    await ready(child);
    expect(await child.stop(200)).toBe(false);
  });

  it('starts a role again that ended unasked, with the reason it gave', async () => {
    const { child } = role(
      `process.send({ type: 'failed', role: 'worker', error: { code: 'VD_X', message: 'no port', fix: 'mend' } }, () => process.exit(1));`,
    );
    const crashed = crash(child);
    child.start();
    expect((await crashed).error).toMatchObject({ code: 'VD_X', message: 'no port', fix: 'mend' });
    const again = await crash(child);
    expect(again.restartInMs).toBeGreaterThan((await crashed).restartInMs);
  });

  it('says how a role ended that gave no reason, and when it keeps ending', async () => {
    const { child } = role('process.exit(7);');
    const seen: { error: CodedError; looping: boolean }[] = [];
    child.on('crashed', (error, _, looping) => seen.push({ error, looping }));
    child.start();
    for (const deadline = performance.now() + 12_000; seen.length < 5 && performance.now() < deadline;) await crash(child);
    expect(seen[0]?.error).toMatchObject({ code: 'VD_RUNTIME_ROLE_ENDED', message: 'worker ended with exit code 7' });
    expect(seen.map(({ looping }) => looping)).toEqual([false, false, false, false, true]);
  });

  it('ends with a role what it had started', async () => {
    const { child, lines } = role(`import { spawn } from 'node:child_process';
      const c = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']); console.log(c.pid);
       c.once('spawn', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100));`);
    const crashed = crash(child);
    child.start();
    expect((await crashed).error.message).toBe('worker was ended by SIGKILL');
    await expect.poll(() => identityOf(Number(lines[0])), { timeout: 5_000 }).toBeNull();
  });
});
