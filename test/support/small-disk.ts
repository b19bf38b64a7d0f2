import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own that a test can fill up, or make read-only. Needs the right to mount. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Null where this machine does not let this process mount: in most containers, and for ordinary users. */
  static mount(sizeBytes: number): SmallDisk | null {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'vedette-test', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      rmSync(folder, { recursive: true });
      return null;
    }
  }

  /** Takes what is left. */
  fill(): void {
    const block = Buffer.alloc(4_096, 1);
    try {
      for (let size = 4_096; ; size *= 2) writeFileSync(join(this.folder, `filler-${size}`), Buffer.alloc(Math.min(size, 2 ** 24), 1));
    } catch {
      // The last one took all but a part of itself.
    }
    try {
      for (let i = 0; ; i++) writeFileSync(join(this.folder, `filler-block-${i}`), block);
    } catch {
      // Full.
    }
  }

  makeRoom(): void {
    execFileSync('sh', ['-c', 'rm -f "$0"/filler-*', this.folder]);
  }

  makeReadOnly(isReadOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, this.folder]);
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
