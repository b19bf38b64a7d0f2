import { readFileSync } from 'node:fs';
import { runProgramSync } from '../../core/children/child-process.js';
import { programEnvironment } from '../../core/config/child-environment.js';

/** Tells one process from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process began, in whatever form the system tells it; empty where it does not. */
  readonly startedAt: string;
}

/** The identity of a running process, or null when there is none (a zombie counts as none). */
export function identityOf(pid: number): ProcessIdentity | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  if (process.platform === 'linux') return linuxIdentity(pid);
  if (process.platform === 'win32') return { pid, startedAt: '' };
  try {
    return { pid, startedAt: runProgramSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env: programEnvironment() }).trim() };
  } catch {
    return null;
  }
}

function linuxIdentity(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // After the command in brackets, which may hold anything: state is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return fields[0] === 'Z' ? null : { pid, startedAt: `${boot}/${fields[19] ?? ''}` };
  } catch {
    return null;
  }
}

/** True while exactly this process runs. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}
