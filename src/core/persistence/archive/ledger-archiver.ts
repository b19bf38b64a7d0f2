import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Database, type Query, queryOf } from '../database.js';
import { dayOf, PartitionKeeper } from '../partition-keeper.js';
import { ARCHIVE_OPTIONS, type ArchiveOptions } from './archive-options.js';
import { columnsOf } from './block-editor.js';
import type { BlockKind, ResultKind } from './block-kinds.js';
import { EmptyPartitions } from './empty-partitions.js';
import { FIRST_RUN, firstResult, IS_FRESH, RUNS_OF_WINDOW, STORE_BLOCK, takeOut } from './move-statements.js';
import type { PackedRow } from './packed-block.js';
import { WINDOW_MS, windowOf } from './windows.js';

export const RESULT_KINDS = ['detections', 'metrics', 'observations'] as const satisfies readonly ResultKind[];

/** Only one process packs at a time. The letters VDAR. */
const ARCHIVE_LOCK = 0x56444152;

export interface Packing {
  rows: number;
  blocks: number;
}

type TakenRow = PackedRow & { readonly epoch_id: string; readonly analyzer_id: string };

/**
 * Packs what is over: rows leave their table and stand in a block in one transaction, so that whatever comes between, each is in one
 * place. Nobody who writes waits for it, nor is anything it does needed by them.
 */
@Injectable()
export class LedgerArchiver {
  constructor(
    private readonly database: Database,
    private readonly partitions: PartitionKeeper,
    private readonly empty: EmptyPartitions,
    @Inject(ARCHIVE_OPTIONS) private readonly options: ArchiveOptions,
  ) {}

  /**
   * All that is due, of all streams; half of the time is left to others.
   * @param signal ends it between two transactions
   */
  async pack(signal?: AbortSignal): Promise<Packing> {
    const packing: Packing = { rows: 0, blocks: 0 };
    const streams = await this.database.query<{ id: string }>('SELECT id FROM streams ORDER BY id');
    for (const { id } of streams) {
      for (const kind of RESULT_KINDS) if (!(await this.packResults(kind, id, packing, signal))) return packing;
      if (!(await this.packRuns(id, packing, signal))) return packing;
    }
    await this.empty.shrink();
    return packing;
  }

  /** @returns false where it is to end: another process packs, or this one was told to stop */
  private async packResults(kind: ResultKind, streamId: string, packing: Packing, signal?: AbortSignal): Promise<boolean> {
    const { resultsStayMs } = this.options;
    for (let from = '-infinity'; ;) {
      const [first] = await this.database.rows<{ at_ms: number }>(firstResult(kind), [streamId, from, resultsStayMs]);
      if (first === undefined) return true;
      const windowMs = windowOf(first.at_ms);
      const [begin, end] = [isoOf(windowMs), isoOf(windowMs + WINDOW_MS)];
      from = end;
      const [look] = await this.database.rows<{ is_fresh: boolean }>(IS_FRESH, [streamId, begin, end, resultsStayMs]);
      if (look?.is_fresh === true) continue;
      if (!(await this.move(kind, streamId, windowMs, packing, signal))) return false;
    }
  }

  private async packRuns(streamId: string, packing: Packing, signal?: AbortSignal): Promise<boolean> {
    const { runsStayMs } = this.options;
    for (let after = '0'; ;) {
      const [first] = await this.database.rows<{ id: string; at_ms: number }>(FIRST_RUN, [streamId, after, runsStayMs]);
      if (first === undefined) return true;
      const windowMs = windowOf(first.at_ms);
      const range = [isoOf(windowMs), isoOf(windowMs + WINDOW_MS)];
      const [window] = await this.database.rows<{ is_over: boolean; last_id: string }>(RUNS_OF_WINDOW, [streamId, ...range, runsStayMs]);
      after = window?.last_id ?? first.id;
      if (window?.is_over === true && !(await this.move('runs', streamId, windowMs, packing, signal))) return false;
    }
  }

  /** All of a kind that is in a window, in as many transactions as it takes. */
  private async move(kind: BlockKind, streamId: string, windowMs: number, packing: Packing, signal?: AbortSignal): Promise<boolean> {
    await this.partitions.ensure([dayOf(windowMs * 1000)]);
    for (;;) {
      if (signal?.aborted === true) return false;
      const beganMs = performance.now();
      const moved = await this.moveSome(kind, streamId, windowMs).catch((error: unknown) => {
        // Retention may have dropped the partition that was there a while ago.
        this.partitions.forget();
        throw error;
      });
      if (moved === null) return false;
      if (moved.rows === 0) return true;
      packing.rows += moved.rows;
      packing.blocks += moved.blocks;
      await delay(performance.now() - beganMs, undefined, { signal }).catch(() => undefined); // stopping is no error
    }
  }

  /** @returns null where another process packs */
  private moveSome(kind: BlockKind, streamId: string, windowMs: number): Promise<Packing | null> {
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      const [lock] = await query<{ is_mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS is_mine', [ARCHIVE_LOCK]);
      if (lock?.is_mine !== true) return null;
      // Whatever a server that dies forgets of this has not happened: the rows are where they were.
      await query('SET LOCAL synchronous_commit = off');
      // What an hour adds up to is the same before and after.
      await query(`SET LOCAL vedette.moves = 'on'`);
      const stayMs = kind === 'runs' ? this.options.runsStayMs : this.options.resultsStayMs;
      const taken = await query<TakenRow>(takeOut(kind), [streamId, isoOf(windowMs), isoOf(windowMs + WINDOW_MS), stayMs]);
      const groups = Map.groupBy(taken, (row) => `${row.epoch_id} ${row.analyzer_id}`);
      for (const rows of groups.values()) await store(query, kind, streamId, windowMs, rows);
      return { rows: taken.length, blocks: groups.size };
    });
  }
}

async function store(query: Query, kind: BlockKind, streamId: string, windowMs: number, rows: readonly TakenRow[]): Promise<void> {
  const { epoch_id, analyzer_id } = rows[0]!;
  await query(STORE_BLOCK, [windowMs, kind, streamId, epoch_id, analyzer_id, ...columnsOf(kind, rows)]);
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
