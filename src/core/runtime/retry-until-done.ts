import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../plugin-api/index.js';

export interface RetryOptions {
  readonly what: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Errors that no further try can mend. */
  readonly hopeless?: (error: unknown) => boolean;
}

/**
 * Does `attempt` until it succeeds, with exponential back-off between the tries: for what must not be lost because the
 * database is away. Repeated failures are logged with the back-off, so at most every `maxDelayMs`.
 * @throws the signal's reason when aborted, and what is `hopeless`
 */
export async function retryUntilDone<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const maxDelayMs = options.maxDelayMs ?? 5000;
  let delayMs = options.firstDelayMs ?? 100;
  for (let tries = 1; ; tries++) {
    options.signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      options.signal.throwIfAborted();
      if (options.hopeless?.(error)) throw error;
      options.logger.warn(`${options.what} failed; trying again`, { tries, retryInMs: delayMs, error });
      // Cut short by the signal only, whose reason is thrown above.
      await delay(delayMs, undefined, { signal: options.signal }).catch(() => undefined);
      delayMs = Math.min(2 * delayMs, maxDelayMs);
    }
  }
}
