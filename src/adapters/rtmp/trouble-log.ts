import type { Logger } from 'vedette/plugin';

/**
 * Counts trouble of the hot path and says so at most once a second per kind: a flood of bad connections is one line a
 * second, not a full disk.
 */
export class TroubleLog {
  private readonly kinds = new Map<string, { total: number; unsaid: number; saidAtMs: number }>();

  constructor(
    private readonly logger: Logger,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** `kind` is one of a fixed set; `message` holds nothing that a peer sent. */
  report(kind: string, message: string, fields: Record<string, unknown> = {}): void {
    const nowMs = this.nowMs();
    let entry = this.kinds.get(kind);
    if (entry === undefined) {
      entry = { total: 0, unsaid: 0, saidAtMs: Number.NEGATIVE_INFINITY };
      this.kinds.set(kind, entry);
    }
    entry.total += 1;
    entry.unsaid += 1;
    if (nowMs - entry.saidAtMs < 1000) return;
    this.logger.warn(message, { ...fields, kind, times: entry.unsaid });
    entry.unsaid = 0;
    entry.saidAtMs = nowMs;
  }

  /** How often each kind happened since the start. */
  totals(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.kinds].map(([kind, entry]) => [kind, entry.total]));
  }
}
