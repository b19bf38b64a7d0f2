import { setTimeout as delay } from 'node:timers/promises';
import { type CodedError } from 'vedette/plugin';
import { cloudError } from './errors.js';
import { ExchangeFailed } from './outbound.js';

export interface RetryPolicy {
  /** Tries after the first. */
  readonly retries: number;
  readonly random: () => number;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;

/** Until when a job may go on. */
export interface JobTime {
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly endMs: number;
}

/** What all tries together came to. */
export type Tried<T> = { readonly value: T; readonly lostTries: number } | { readonly failure: ExchangeFailed; readonly lostTries: number };

/**
 * Tries again what may go better the next time, after a wait that is drawn from zero to twice the one before ("full jitter"), and
 * never before the provider wants it. What would not be done within the job's time is not begun.
 * @returns with `lostTries`: how many failed tries the provider may bill all the same
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { retries, random }: RetryPolicy,
  { signal, endMs }: JobTime,
): Promise<Tried<T>> {
  let lostTries = 0;
  for (let tries = 0; ; tries++) {
    try {
      return { value: await attempt(), lostTries };
    } catch (failure) {
      if (!(failure instanceof ExchangeFailed)) throw failure;
      if (failure.isBilled) lostTries++;
      const { error } = failure;
      const mayPass = error.retryable && error.code !== 'VD_CLOUD_ABORTED';
      const drawnMs = random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tries);
      const waitMs = failure.retryAfterMs === undefined ? drawnMs : failure.retryAfterMs + random() * FIRST_DELAY_MS;
      if (!mayPass || tries >= retries || performance.now() + waitMs >= endMs) return { failure, lostTries };
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return { failure: new ExchangeFailed(calledOff(), undefined, false), lostTries };
    }
  }
}

const calledOff = (): CodedError => cloudError('VD_CLOUD_ABORTED', 'the job was called off');
