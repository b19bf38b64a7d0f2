/**
 * Waits for `work`, at most so long. The work itself goes on: what it does afterwards is ignored.
 * @returns whether it was done by then
 * @throws what `work` throws by then
 */
export async function doneWithin(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Settles like `work`, or rejects with `late()` after `timeoutMs`. The work itself goes on: what it does afterwards is ignored. */
export async function within<T>(timeoutMs: number, work: Promise<T>, late: () => Error): Promise<T> {
  if (await doneWithin(timeoutMs, work)) return work;
  throw late();
}
