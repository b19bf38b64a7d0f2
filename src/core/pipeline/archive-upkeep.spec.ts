import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ThrottledWarnings } from '../observability/throttled-warnings.js';
import type { LedgerArchiver, Packing } from '../persistence/archive/ledger-archiver.js';
import type { TimelineHours } from '../persistence/timeline/timeline-hours.js';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { ArchiveUpkeep } from './archive-upkeep.js';

const LONGER_THAN_A_WAIT_MS = 140_000;

describe(ArchiveUpkeep.name, () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const upkeep = (pack: (signal?: AbortSignal) => Promise<Packing>, refresh = (): Promise<number> => Promise.resolve(0)) => {
    const warned: unknown[] = [];
    const warnings = { warn: (_: string, error: unknown) => warned.push(error) } as unknown as ThrottledWarnings;
    const hours = { refresh } as unknown as TimelineHours;
    return { warned, keeper: new ArchiveUpkeep({ pack } as unknown as LedgerArchiver, hours, warnings, new SilentLogger()) };
  };

  it('packs again and again, one pass after the other, whatever fails', async () => {
    let passes = 0;
    const { warned, keeper } = upkeep(() => {
      passes += 1;
      return passes === 1 ? Promise.reject(new Error('no database')) : Promise.resolve({ rows: 1, blocks: 1 });
    });
    keeper.start();
    expect(passes).toBe(0);
    await vi.advanceTimersByTimeAsync(LONGER_THAN_A_WAIT_MS);
    expect([passes, warned]).toEqual([1, [new Error('no database')]]);
    await vi.advanceTimersByTimeAsync(LONGER_THAN_A_WAIT_MS);
    expect(passes).toBe(2);
    await keeper.stop();
    await vi.advanceTimersByTimeAsync(10 * LONGER_THAN_A_WAIT_MS);
    expect(passes).toBe(2);
  });

  it('adds hours up whether or not packing fails, and packs whether or not that does', async () => {
    const passes = { packed: 0, added: 0 };
    const { warned, keeper } = upkeep(
      () => (++passes.packed === 1 ? Promise.reject(new Error('no packing')) : Promise.resolve({ rows: 0, blocks: 0 })),
      () => (++passes.added === 2 ? Promise.reject(new Error('no adding')) : Promise.resolve(1)),
    );
    keeper.start();
    for (let pass = 0; pass < 3; pass++) await vi.advanceTimersByTimeAsync(LONGER_THAN_A_WAIT_MS);
    expect([passes, warned]).toEqual([{ packed: 3, added: 3 }, [new Error('no packing'), new Error('no adding')]]);
    await keeper.stop();
  });

  it('calls off a pass under way when it is stopped, and waits for its end', async () => {
    let hasEnded = false;
    const { keeper } = upkeep(
      (signal) =>
        new Promise((resolve) =>
          signal!.addEventListener('abort', () => {
            hasEnded = true;
            resolve({ rows: 0, blocks: 0 });
          }),
        ),
    );
    keeper.start();
    await vi.advanceTimersByTimeAsync(LONGER_THAN_A_WAIT_MS);
    await keeper.stop();
    expect(hasEnded).toBe(true);
  });
});
