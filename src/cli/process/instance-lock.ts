import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootError } from '../../core/errors/boot.errors.js';
import { reapGroup } from './process-group.js';
import { identityOf, isSameProcess, type ProcessIdentity } from './process-identity.js';

const LOCK = 'up.json';
const REAP_GRACE_MS = 3_000;

/**
 * One `vedette up` per data folder. `<dataDir>/run/up.json` names the holder, `<dataDir>/run/<role>.json` its children, so that
 * whoever comes after a killed holder can end what it left.
 */
export class InstanceLock {
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
    for (;;) {
      try {
        writeFileSync(lock, `${JSON.stringify(self)}\n`, { flag: 'wx' });
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readIdentity(lock);
      if (holder !== null && isSameProcess(holder)) {
        throw bootError('VD_BOOT_ALREADY_RUNNING', `Process ${holder.pid} runs on ${dataDir}`);
      }
      // Renaming succeeds for one of several that find the same stale lock; the others see the winner's new one.
      moveAway(lock, `${lock}.stale-${process.pid}`);
    }
    const instance = new InstanceLock(folder);
    await instance.reap();
    return instance;
  }

  /** Remembers a child that must not outlive this program. */
  record(name: string, pid: number): void {
    writeFileSync(join(this.folder, `${name}.json`), `${JSON.stringify(identityOf(pid) ?? { pid, startedAt: '' })}\n`);
  }

  forget(name: string): void {
    rmSync(join(this.folder, `${name}.json`), { force: true });
  }

  release(): void {
    this.forget('up');
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

function moveAway(from: string, to: string): void {
  try {
    renameSync(from, to);
    rmSync(to, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
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
