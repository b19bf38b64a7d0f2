import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
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
 * Ends what a killed parent left behind: the server, and processes of a server that was killed itself. One of those that is busy does
 * not notice for a while, and until it does no other server starts on the same files.
 */
export async function reapStaleServer(clusterDir: string): Promise<void> {
  await reapServer(clusterDir);
  const orphans = await processesIn(clusterDir);
  for (const pid of orphans) signalServer(pid, 'SIGKILL');
  for (const pid of orphans) await waitForExit(pid, REAPING_PATIENCE_MS);
}

/**
 * Ends the server a killed parent left behind, found by the cluster's pid file. When the pid belongs to something else by now
 * (pids are handed out again, quickly so in containers), only the pid goes from the file; when a power cut emptied it, the file goes.
 * Either would otherwise keep PostgreSQL from starting.
 */
async function reapServer(clusterDir: string): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const [pidLine = '', folderLine] = text.split('\n');
  // The line of the folder shows that the line of the pid is whole. A file without it says nothing; the processes do.
  const pid = folderLine === undefined || folderLine === '' ? await serverOn(clusterDir) : Number.parseInt(pidLine, 10);
  if (pid === null || !Number.isInteger(pid) || pid <= 1) return rm(pidFile, { force: true });
  if (!isRunning(pid)) return forgetZombie(pidFile, pid);
  if (!(await commandOf(pid)).includes(clusterDir)) return strikePid(pidFile);
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
 * the file.
 */
async function forgetZombie(pidFile: string, pid: number): Promise<void> {
  for (const deadline = performance.now() + REAPING_PATIENCE_MS; isProcessAlive(pid); await delay(20)) {
    if (performance.now() >= deadline) return strikePid(pidFile);
  }
}

/** The rest of the file stays: by its shared memory key PostgreSQL finds processes of the old server that we do not. */
async function strikePid(pidFile: string): Promise<void> {
  const [, ...rest] = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  if (rest.length > 0) await writeWholeFile(pidFile, [NOBODY, ...rest].join('\n'));
}

/** PostgreSQL's processes that work in the cluster's folder: all of a server do. Told on Linux only. */
async function processesIn(clusterDir: string): Promise<number[]> {
  const folder = await realpath(clusterDir).catch(() => clusterDir);
  const found: number[] = [];
  for (const pid of await allPids()) {
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => '')) !== folder) continue;
    if ((await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === 'postgres') found.push(pid);
  }
  return found;
}

const allPids = async (): Promise<number[]> => (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);

/** The process that was started on these files, where the pid file cannot tell. Processes tell it on Linux only. */
async function serverOn(clusterDir: string): Promise<number | null> {
  for (const pid of await allPids()) {
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
