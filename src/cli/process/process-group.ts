import { setTimeout as delay } from 'node:timers/promises';
import { isSameProcess, identityOf, type ProcessIdentity } from './process-identity.js';

/** Signals a process and all it started (its group). @returns whether anything was there to signal */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals): boolean {
  try {
    // Windows has no groups; there a role's children end with their pipes.
    process.kill(process.platform === 'win32' ? leaderPid : -leaderPid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends what a killed `vedette up` left behind of one role: the role itself, which is leaving already since its parent is gone,
 * and then whatever of its group (ffmpeg, analysis hosts) is still there.
 */
export async function reapGroup(leader: ProcessIdentity, graceMs: number): Promise<void> {
  const now = identityOf(leader.pid);
  // The pid belongs to another process by now. Its group id cannot, so our group is gone entirely.
  if (now !== null && now.startedAt !== leader.startedAt) return;
  if (now !== null) {
    signalGroup(leader.pid, 'SIGTERM');
    for (const deadline = performance.now() + graceMs; performance.now() < deadline && isSameProcess(leader);) await delay(50);
  }
  signalGroup(leader.pid, 'SIGKILL');
}
