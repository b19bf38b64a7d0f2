import { bytesOf, type RetentionConfig } from '../config/retention-config.js';
import type { DiskSpace } from '../media/store/free-space.js';
import { LEDGER_KEEPER } from '../persistence/retention/keepers.js';
import type { OldRows } from '../persistence/retention/old-rows.js';
import type { ResultDay, ResultDays } from '../persistence/retention/result-days.js';
import type { StreamRetentions } from '../persistence/retention/stream-retention.js';
import { DAY_MS, type Logger } from '../plugin-api/index.js';
import { planDays } from './day-plan.js';
import { roomLimits, shortOf } from './disk-room.js';
import { limitsOf, longer } from './stream-limits.js';

export interface LedgerKeeperServices {
  readonly days: ResultDays;
  readonly rows: OldRows;
  readonly retentions: Pick<StreamRetentions, 'all'>;
  readonly logger: Logger;
  readonly now: () => number;
  /** The disk of the database, where this machine has it. */
  readonly space: () => Promise<DiskSpace>;
}

export interface LedgerRound {
  readonly databaseBytes: number;
  readonly maxBytes: number | null;
  readonly space: DiskSpace;
  readonly floorBytes: number;
  /** Days of results that there are, and the oldest of them. */
  readonly days: number;
  readonly oldestDay: string | null;
  readonly droppedDays: readonly string[];
  readonly droppedRows: number;
  /** What is too much and could not go. */
  readonly overBytes: number;
}

const BATCH = 2_000;
const MOST_ROWS_A_ROUND = 50_000;
/** How long it is on record what went, and how full disks were. */
const RECORDS_MS = 400 * DAY_MS;

/** Keeps the rows within their limits. By one process at a time. */
export class LedgerKeeper {
  private stopped = false;

  constructor(
    private readonly retention: RetentionConfig,
    private readonly services: LedgerKeeperServices,
  ) {}

  stop(): void {
    this.stopped = true;
  }

  async round(): Promise<LedgerRound> {
    const { days, retentions, rows, now } = this.services;
    const nowMs = now();
    const own = await retentions.all();
    const limits = (await rows.streamIds()).map((id) => ({ id, ...limitsOf(this.retention, own.get(id)) }));
    const space = await this.services.space();
    const before = await days.databaseBytes();
    const found = await days.list();
    const maxBytes = bytesOf(this.retention.results.maxSize, space.totalBytes);
    const { floorBytes } = roomLimits(this.retention, space.totalBytes);
    const planned = planDays({
      nowMs,
      days: found,
      // A day is everybody's: it stays for whom keeps it longest.
      maxAgeMs: longer(limitsOf(this.retention).resultsMaxAgeMs, ...limits.map(({ resultsMaxAgeMs }) => resultsMaxAgeMs)),
      databaseBytes: before,
      maxBytes,
      shortBytes: shortOf(space, { floorBytes, reserveBytes: 0 }),
    });
    const dropped: string[] = [];
    for (const { day, why } of planned) {
      if (this.stopped) break;
      if (await days.drop(LEDGER_KEEPER, why, day)) dropped.push(day.day);
      else this.services.logger.warn('A day of results is in use and will be deleted later', { day: day.day });
    }
    const databaseBytes = dropped.length === 0 ? before : await days.databaseBytes();
    const after = dropped.length === 0 ? space : await this.services.space();
    const overBytes = Math.max(0, maxBytes === null ? 0 : databaseBytes - maxBytes, shortOf(after, { floorBytes, reserveBytes: 0 }));
    const left = found.filter(({ day }) => !dropped.includes(day));
    const droppedRows = await this.dropRows(limits, nowMs, overBytes > 0 ? left : []);
    return {
      ...{ databaseBytes, maxBytes, space: after, floorBytes, droppedDays: dropped, droppedRows, overBytes },
      days: left.length,
      oldestDay: left[0]?.day ?? null,
    };
  }

  /** @param pressing days of results that are left although there is too much: rows older than all of these are of no use either */
  private async dropRows(
    limits: readonly { id: string; resultsMaxAgeMs: number | null; eventMaxAgeMs: number | null }[],
    nowMs: number,
    pressing: readonly ResultDay[],
  ): Promise<number> {
    const { rows } = this.services;
    const pressingMs = pressing.length === 0 ? -Infinity : pressing[0]!.endMs - DAY_MS;
    let dropped = 0;
    for (const { id: streamId, resultsMaxAgeMs, eventMaxAgeMs } of limits) {
      const limit = {
        streamId,
        segmentsBeforeMs: Math.max(pressingMs, before(nowMs, resultsMaxAgeMs)),
        eventsBeforeMs: Math.max(pressingMs, before(nowMs, longer(resultsMaxAgeMs, eventMaxAgeMs))),
      };
      for (const what of ['dropSegments', 'dropEvents', 'dropEpochs'] as const) {
        if (Math.max(limit.segmentsBeforeMs, limit.eventsBeforeMs) <= 0) continue;
        for (let last = BATCH; last === BATCH && dropped < MOST_ROWS_A_ROUND && !this.stopped; dropped += last)
          last = await rows[what](LEDGER_KEEPER, limit, BATCH);
      }
    }
    const oldestMs = Math.max(pressingMs, before(nowMs, longer(...limits.map(({ resultsMaxAgeMs }) => resultsMaxAgeMs))));
    await rows.dropRecords(Math.max(0, oldestMs), nowMs - RECORDS_MS);
    return dropped;
  }
}

/** Before all times, where something is kept for ever. */
const before = (nowMs: number, ageMs: number | null): number => (ageMs === null ? 0 : Math.max(0, nowMs - ageMs));
