import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `look` gives something other than null, undefined or false.
 * @param what named in the error when it does not come before the deadline
 */
export async function until<T>(what: string, look: () => T | Promise<T>, deadlineMs = 15_000): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as NonNullable<T>;
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain for ${what}`);
    await delay(20);
  }
}
