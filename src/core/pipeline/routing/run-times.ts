import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { MONOTONIC_CLOCK, type MonotonicClock } from '../../runtime/clocks.js';

/** Weight of the newest measurement. */
const NEWEST = 0.3;
/** What was measured longer ago says little: the strategy is tried again as if nothing were known. */
const STALE_AFTER_MS = 60_000;
/** Pairs of strategy and analyzer that are kept. */
const KEPT = 4_096;

interface Measured {
  readonly msPerMediaS: number;
  readonly count: number;
  readonly atMs: number;
}

/**
 * What a strategy takes for an analyzer, measured here: an exponentially weighted mean of milliseconds per second of media. The first
 * measurement is not gone by: code and models are loaded in it.
 */
@Injectable()
export class RunTimes {
  private readonly measured = new LRUCache<string, Measured>({ max: KEPT });

  constructor(@Inject(MONOTONIC_CLOCK) private readonly nowMs: MonotonicClock) {}

  /** @param runMs how long the job ran, its wait left out */
  record(strategyId: string, analyzerId: string, runMs: number, mediaMs: number): void {
    if (!(mediaMs > 0) || !(runMs >= 0)) return;
    const key = `${strategyId} ${analyzerId}`;
    const newest = (runMs / mediaMs) * 1_000;
    const before = this.fresh(key);
    this.measured.set(key, { msPerMediaS: mean(before, newest), count: (before?.count ?? 0) + 1, atMs: this.nowMs() });
  }

  /** @returns undefined where too little was measured lately */
  expectMs(strategyId: string, analyzerId: string, mediaMs: number): number | undefined {
    const measured = this.fresh(`${strategyId} ${analyzerId}`);
    return measured === undefined || measured.count < 2 ? undefined : (measured.msPerMediaS * mediaMs) / 1_000;
  }

  /** By analyzer, for a person. */
  of(strategyId: string): Readonly<Record<string, number>> {
    const own = [...this.measured.entries()].filter(([key]) => key.startsWith(`${strategyId} `));
    return Object.fromEntries(own.map(([key, { msPerMediaS }]) => [key.slice(strategyId.length + 1), Math.round(msPerMediaS * 10) / 10]));
  }

  private fresh(key: string): Measured | undefined {
    const found = this.measured.peek(key);
    return found === undefined || this.nowMs() - found.atMs > STALE_AFTER_MS ? undefined : found;
  }
}

function mean(before: Measured | undefined, newest: number): number {
  if (before === undefined) return newest;
  return before.count === 1 ? Math.min(before.msPerMediaS, newest) : before.msPerMediaS * (1 - NEWEST) + newest * NEWEST;
}
