import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bootError } from '../../core/errors/boot.errors.js';
import { writeWholeFile } from '../../core/plugin-api/whole-file.js';
import { reapGroup } from './process-group.js';
import { identityOf, isSameProcess, type ProcessIdentity } from './process-identity.js';

const LOCK = 'up.json';
const REAP_GRACE_MS = 3_000;
const TAKEOVER_POLL_MS = 10;
/** A killed process has its pid until the system has taken it apart, which takes a moment on a busy machine. */
const DYING_MS = 500;

/**
 * One `vedette up` per data folder. `<dataDir>/run/up.json` names the holder, `<dataDir>/run/<role>.json` its children, so that
 * whoever comes after a killed holder can end what it left.
 */
export class InstanceLock {
  private lastChange: Promise<void> = Promise.resolve();

  private constructor(private readonly folder: string) {}

  /**
   * Takes the lock; a lock whose holder is gone is taken over and the children it left are ended.
   * @throws VD_BOOT_ALREADY_RUNNING
   */
  static async acquire(dataDir: string): Promise<InstanceLock> {
    const folder = join(dataDir, 'run');
    mkdirSync(folder, { recursive: true });
    const lock = join(folder, LOCK);
    const self = identityOf(process.pid) ?? { pid: process.pid, startedAt: '' };
    const text = `${JSON.stringify(self)}\n`;
    for (;;) {
      if (await made(lock, text)) break;
      const holder = readIdentity(lock);
      if (holder !== null && (await staysFor(holder, DYING_MS))) {
        throw bootError('VD_BOOT_ALREADY_RUNNING', `Process ${holder.pid} runs on ${dataDir}`);
      }
      if (await tookOver(lock, text)) break;
    }
    const instance = new InstanceLock(folder);
    await instance.reap();
    return instance;
  }

  /** Remembers a child that must not outlive this program. */
  record(name: string, pid: number): Promise<void> {
    const identity = identityOf(pid) ?? { pid, startedAt: '' };
    return this.change(() => writeWholeFile(this.fileOf(name), `${JSON.stringify(identity)}\n`));
  }

  forget(name: string): Promise<void> {
    return this.change(() => rm(this.fileOf(name), { force: true }));
  }

  /** At once: it is the last thing that a process does. */
  release(): void {
    rmSync(join(this.folder, LOCK), { force: true });
  }

  private fileOf(name: string): string {
    return join(this.folder, `${name}.json`);
  }

  /** In the order they are asked for: a child may end while it is being recorded. */
  private change(work: () => Promise<void>): Promise<void> {
    this.lastChange = this.lastChange.catch(() => undefined).then(work);
    return this.lastChange;
  }

  private async reap(): Promise<void> {
    const left = readdirSync(this.folder).filter((name) => name.endsWith('.json') && name !== LOCK);
    await Promise.all(
      left.map(async (name) => {
        const child = readIdentity(join(this.folder, name));
        if (child !== null) await reapGroup(child, REAP_GRACE_MS);
        rmSync(join(this.folder, name), { force: true });
      }),
    );
  }
}

/** Whether a process is still there after so long. */
async function staysFor(process: ProcessIdentity, durationMs: number): Promise<boolean> {
  for (const deadline = performance.now() + durationMs; isSameProcess(process); await delay(TAKEOVER_POLL_MS)) {
    if (performance.now() >= deadline) return true;
  }
  return false;
}

/** False where the file is there already. */
async function made(file: string, text: string): Promise<boolean> {
  try {
    await writeWholeFile(file, text, { isNew: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Puts ours in the place of a lock whose holder is gone. Of several that find the same one, one at a time may look again and replace it:
 * else the last would replace the lock of the first.
 */
async function tookOver(lock: string, text: string): Promise<boolean> {
  const right = `${lock}.takeover`;
  if (!(await made(right, text))) {
    const other = readIdentity(right);
    if (other === null || !isSameProcess(other)) rmSync(right, { force: true });
    await delay(TAKEOVER_POLL_MS);
    return false;
  }
  try {
    const holder = readIdentity(lock);
    if (!existsSync(lock) || (holder !== null && isSameProcess(holder))) return false;
    await writeWholeFile(lock, text);
    return true;
  } finally {
    rmSync(right, { force: true });
  }
}

/** Null for a file that was cut short by a crash: it says nothing about anyone. */
function readIdentity(file: string): ProcessIdentity | null {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessIdentity>;
    return typeof pid === 'number' && pid > 1 && typeof startedAt === 'string' ? { pid, startedAt } : null;
  } catch {
    return null;
  }
}
