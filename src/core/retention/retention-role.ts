import { randomUUID } from 'node:crypto';
import { roomLimits } from './disk-room.js';
import type { RetentionConfig } from '../config/retention-config.js';
import { LEDGER_KEEPER, mediaKeeper, type Keepers } from '../persistence/retention/keepers.js';
import type { Logger } from '../plugin-api/index.js';
import { within } from '../runtime/within.js';
import type { DiskGuard } from './disk-guard.js';
import type { LedgerKeeper } from './ledger-keeper.js';
import type { MediaKeeper } from './media-keeper.js';
import type { LedgerReport, MediaReport } from './reports.js';
import type { SegmentScan } from './segment-scan.js';

export interface RetentionParts {
  readonly node: { readonly id: string; readonly name: string };
  readonly retention: RetentionConfig;
  readonly guard: DiskGuard;
  readonly media: MediaKeeper;
  readonly ledger: LedgerKeeper;
  readonly scan: SegmentScan;
  readonly keepers: Keepers;
  readonly logger: Logger;
}

/** The disk is looked at this often, and files are compared at this pace. */
const LOOK_MS = 1_000;
/** The first rounds let a start finish first. */
const FIRST_MS = 5_000;
/** The rows' keeper that died is followed after so many rounds. */
const LEASE_ROUNDS = 3;
const LEAST_LEASE_MS = 60_000;
const STOP_TIMEOUT_MS = 2_000;

/** Keeps house in an ingest role: its own media folder, and the rows of all while no other process does. */
export class RetentionRole {
  private readonly holder = randomUUID();
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly busy = new Set<string>();

  constructor(private readonly parts: RetentionParts) {}

  /** @param firstMs when the first rounds are */
  async start(firstMs = FIRST_MS): Promise<void> {
    const { guard, retention } = this.parts;
    await guard.look();
    this.every(LOOK_MS, 'looking at the disk', () => guard.look());
    this.every(LOOK_MS, 'comparing files with the ledger', () => this.parts.scan.step());
    for (const [what, work] of [
      ['deleting old media', () => this.keepMedia()],
      ['deleting old rows', () => this.keepLedger()],
    ] as const) {
      this.timers.push(setTimeout(() => this.do(what, work), firstMs));
      this.every(retention.interval, what, work);
    }
  }

  /** There is too little room: now, not at the next round. */
  hurry(): void {
    if (this.timers.length > 0) this.do('deleting old media', () => this.keepMedia());
  }

  async stop(): Promise<void> {
    const { media, ledger, keepers, scan, logger } = this.parts;
    this.stopping.abort();
    for (const timer of this.timers) clearTimeout(timer);
    media.stop();
    ledger.stop();
    const leave = async (): Promise<void> => {
      await Promise.all(this.underWay);
      await scan.keepPlace();
      await keepers.release(LEDGER_KEEPER, this.holder);
    };
    await within(STOP_TIMEOUT_MS, leave(), () => new Error('the database does not answer')).catch((error: unknown) =>
      logger.debug('Retention was not waited for', { error }),
    );
  }

  private async keepMedia(): Promise<void> {
    const { node, retention, guard, media, scan, keepers } = this.parts;
    const round = await media.round();
    const { level, space } = guard.state;
    const standing = scan.standing;
    const report: MediaReport = {
      ...{ nodeId: node.id, nodeName: node.name, level, ...space, ...roomLimits(retention, space.totalBytes) },
      ...{ keptBytes: round.keptBytes, maxBytes: round.maxBytes, overBytes: round.overBytes, isForeign: round.isForeign },
      undeletedFiles: round.undeletedFiles,
      lostSegments: Math.max(standing?.presence.lastLost ?? 0, standing?.contents.lastLost ?? 0, standing?.contents.lost ?? 0),
      scan: standing,
    };
    await keepers.report(mediaKeeper(node.id), report, { usedBytes: round.keptBytes, ...space });
  }

  private async keepLedger(): Promise<void> {
    const { retention, ledger, keepers, logger } = this.parts;
    if (!(await keepers.claim(LEDGER_KEEPER, this.holder, Math.max(LEAST_LEASE_MS, LEASE_ROUNDS * retention.interval)))) return;
    const { space, droppedDays, droppedRows, maxBytes, ...round } = await ledger.round();
    if (droppedDays.length > 0) logger.info('Results of old days were deleted', { days: droppedDays });
    if (droppedRows > 0) logger.debug('Old rows were deleted', { rows: droppedRows });
    const report: LedgerReport = { ...round, maxBytes, ...space };
    await keepers.report(LEDGER_KEEPER, report, { usedBytes: round.databaseBytes, ...space });
  }

  private every(ms: number, what: string, work: () => Promise<void>): void {
    const timer = setInterval(() => this.do(what, work), ms);
    timer.unref();
    this.timers.push(timer);
  }

  /** One of a kind at a time; one that fails is done again next time. */
  private do(what: string, work: () => Promise<void>): void {
    if (this.busy.has(what) || this.stopping.signal.aborted) return;
    this.busy.add(what);
    const done: Promise<void> = work()
      .catch((error: unknown) => this.parts.logger.warn(`Retention, ${what}, failed and will be tried again`, { error }))
      .finally(() => {
        this.busy.delete(what);
        this.underWay.delete(done);
      });
    this.underWay.add(done);
  }
}
