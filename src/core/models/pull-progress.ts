/** How far a download is. */
export interface PullProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
  /** Over the last seconds; null until there is something to tell. */
  readonly bytesPerSecond: number | null;
  readonly remainingMs: number | null;
}

const WINDOW_MS = 5_000;
const LEAST_STEP_MS = 100;

/** Reckons speed and remaining time from what came within the last seconds. */
export class ProgressMeter {
  private readonly samples: { readonly atMs: number; readonly bytes: number }[] = [];
  private bytes = 0;

  constructor(
    private readonly totalBytes: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @param bytes in all; fewer than before means that it began anew */
  at(bytes: number): void {
    const atMs = this.nowMs();
    if (bytes < this.bytes) this.samples.length = 0;
    this.bytes = bytes;
    const last = this.samples.at(-1);
    if (last !== undefined && atMs - last.atMs < LEAST_STEP_MS) return;
    this.samples.push({ atMs, bytes });
    while (this.samples.length > 2 && atMs - (this.samples[0]?.atMs ?? atMs) > WINDOW_MS) this.samples.shift();
  }

  get progress(): PullProgress {
    const first = this.samples[0];
    const elapsedMs = first === undefined ? 0 : this.nowMs() - first.atMs;
    const bytesPerSecond = first === undefined || elapsedMs < LEAST_STEP_MS ? null : ((this.bytes - first.bytes) / elapsedMs) * 1000;
    const remaining = this.totalBytes - this.bytes;
    return {
      receivedBytes: this.bytes,
      totalBytes: this.totalBytes,
      bytesPerSecond: bytesPerSecond === null ? null : Math.round(bytesPerSecond),
      remainingMs: bytesPerSecond === null || bytesPerSecond <= 0 ? null : Math.round((remaining / bytesPerSecond) * 1000),
    };
  }
}
