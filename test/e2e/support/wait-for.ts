/** Thrown by a probe when what is waited for cannot come any more: the wait ends with it at once. */
export class HopelessWait extends Error {}

/**
 * Polls until `probe` gives a value that is neither undefined, null nor false.
 * @param reason what is being waited for; it is the error when the deadline passes
 */
export async function waitFor<T>(
  reason: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  deadlineMs = 30_000,
  intervalMs = 100,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value;
      last = undefined;
    } catch (error) {
      if (error instanceof HopelessWait) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`Waited ${deadlineMs} ms for: ${reason}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
