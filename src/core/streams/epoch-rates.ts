import { ingestError } from '../errors/ingest.errors.js';

const MINUTE_MS = 60_000;
/** Who reconnects every second, or sets its clock anew with every picture, sends nothing that could be watched or analysed. */
const MOST_PER_MINUTE = 60;

/** Bounds how often a stream begins an epoch: each costs a folder, rows and a cold start of its analyzers. */
export class EpochRates {
  private readonly opened = new Map<string, number[]>();

  constructor(
    private readonly mostPerMinute = MOST_PER_MINUTE,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @throws VD_INGEST_EPOCHS_TOO_MANY */
  opens(streamId: string): void {
    const nowMs = this.nowMs();
    this.forgetOld(nowMs);
    const recent = this.opened.get(streamId) ?? [];
    if (recent.length >= this.mostPerMinute) {
      throw ingestError('VD_INGEST_EPOCHS_TOO_MANY', `stream ${streamId} began ${recent.length} epochs within a minute`);
    }
    this.opened.set(streamId, [...recent, nowMs]);
  }

  private forgetOld(nowMs: number): void {
    for (const [streamId, times] of this.opened) {
      const recent = times.filter((time) => nowMs - time < MINUTE_MS);
      if (recent.length === 0) this.opened.delete(streamId);
      else if (recent.length < times.length) this.opened.set(streamId, recent);
    }
  }
}
