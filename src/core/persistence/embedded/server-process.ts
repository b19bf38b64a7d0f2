import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isProcessAlive } from '../../runtime/process-alive.js';
import { runProgram } from '../../children/child-process.js';
import { programEnvironment } from '../../config/child-environment.js';
import { writeWholeFile } from '../../plugin-api/whole-file.js';

const REAPING_PATIENCE_MS = 2_000;
/** Beyond what systems hand out. */
const NOBODY = 4_194_303;

/** True while the process exists, whoever owns it. A zombie counts as gone. */
export function isRunning(pid: number): boolean {
  // Where nobody reaps orphans (a container's first process often does not), an ended one keeps its pid as a zombie.
  return isProcessAlive(pid) && (!existsSync('/proc/self/stat') || stateOf(pid) !== 'Z');
}

function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return 'Z';
  }
}

/** Signals a server that may be gone already. */
export function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @returns whether it ended in time */
export async function waitForExit(pid: number, patienceMs: number): Promise<boolean> {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await delay(20)) {
    if (!isRunning(pid)) return true;
  }
  return !isRunning(pid);
}

/**
 * Ends the server a killed parent left behind, found by the cluster's pid file. When the pid belongs to something else by now
 * (pids are handed out again, quickly so in containers), or the file was emptied by a power cut, only the file goes, which would
 * otherwise keep PostgreSQL from starting.
 */
export async function reapStaleServer(clusterDir: string): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const [pidLine = '', folderLine] = text.split('\n');
  // The line of the folder shows that the line of the pid is whole. A file without it says nothing; the processes do.
  const pid = folderLine === undefined || folderLine === '' ? await serverOn(clusterDir) : Number.parseInt(pidLine, 10);
  if (pid === null || !Number.isInteger(pid) || pid <= 1) return rm(pidFile, { force: true });
  if (!isRunning(pid)) return forgetZombie(pidFile, pid);
  if (!(await commandOf(pid)).includes(clusterDir)) {
    await rm(pidFile, { force: true });
    return;
  }
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    signalServer(pid, signal);
    if (await waitForExit(pid, patienceMs)) return forgetZombie(pidFile, pid);
  }
}

/**
 * PostgreSQL takes a zombie for a server that runs. Usually someone reaps it in a moment; where nobody does, its pid is struck from
 * the file. The rest of the file stays: by its shared memory key PostgreSQL finds backends that have not noticed yet.
 */
async function forgetZombie(pidFile: string, pid: number): Promise<void> {
  for (const deadline = performance.now() + REAPING_PATIENCE_MS; isProcessAlive(pid); await delay(20)) {
    if (performance.now() < deadline) continue;
    const [, ...rest] = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
    if (rest.length > 0) await writeWholeFile(pidFile, [NOBODY, ...rest].join('\n'));
    return;
  }
}

/** The process that was started on these files, where the pid file cannot tell. Processes tell it on Linux only. */
async function serverOn(clusterDir: string): Promise<number | null> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    // Its children have titles instead of arguments.
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (args.indexOf('-D') > 0 && args[args.indexOf('-D') + 1] === clusterDir) return pid;
  }
  return null;
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch {
    return runProgram('ps', ['-o', 'command=', '-p', String(pid)], { env: programEnvironment() }).then(
      (out) => out.stdout,
      () => '',
    );
  }
}
