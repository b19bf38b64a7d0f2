import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_BYTES = 20_000_000;

/** A log file that keeps one predecessor (`.1`), so that it never takes more than twice its limit. Never throws. */
export class LogFile {
  private sizeBytes: number;

  constructor(
    private readonly path: string,
    private readonly maxBytes = MAX_BYTES,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    this.sizeBytes = sizeOf(path);
  }

  write(line: string): void {
    try {
      if (this.sizeBytes > this.maxBytes) {
        renameSync(this.path, `${this.path}.1`);
        this.sizeBytes = 0;
      }
      appendFileSync(this.path, line);
      this.sizeBytes += Buffer.byteLength(line);
    } catch {
      // A full disk must not take the program down; the same lines are on the terminal.
    }
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
