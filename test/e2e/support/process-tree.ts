import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly state: string;
  readonly command: string;
}

/** Every process of this machine, from /proc. */
export function allProcesses(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push({ pid: Number(name), ppid: Number(fields[1]), state: fields[0] ?? '?', command });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** A process and everything below it, the process first. */
export function processTree(rootPid: number): ProcessInfo[] {
  const all = allProcesses();
  const tree = all.filter((p) => p.pid === rootPid);
  for (let i = 0; i < tree.length; i += 1) tree.push(...all.filter((p) => p.ppid === tree[i]!.pid));
  return tree;
}

/** Running processes (zombies excepted) whose command line contains `text`. */
export function processesWith(text: string): ProcessInfo[] {
  return allProcesses().filter((p) => p.state !== 'Z' && p.pid !== process.pid && p.command.includes(text));
}

/** Sends a signal to a process and everything below it, the process first so that it cannot react to its children's end. */
export function signalTree(rootPid: number, signal: NodeJS.Signals): void {
  for (const { pid } of processTree(rootPid)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it went by itself
    }
  }
}

/** `kill -9` of a process and everything below it. */
export const killTree = (rootPid: number): void => signalTree(rootPid, 'SIGKILL');
