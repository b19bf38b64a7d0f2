import { CodedError, type StrategyHealth } from 'vedette/plugin';

/** Errors that come again until somebody mends something. */
const SETUP = new Set([
  'VD_CLOUD_CREDENTIALS',
  'VD_CLOUD_REDIRECTED',
  'VD_EGRESS_REFUSED',
  'VD_CONFIG_SECRET_FILE',
  'VD_CONFIG_SECRET_MISSING',
  'VD_CLOUD_NOT_CONFIGURED',
]);
/** Errors that say nothing of the provider. */
const NOT_ITS_FAULT = new Set(['VD_CLOUD_ABORTED', 'VD_CLOUD_PICTURE_REFUSED', 'VD_CLOUD_PRIVATE', 'VD_CLOUD_TASK']);
/** So many jobs in a row. */
const TOO_MANY_FAILURES = 5;
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 120_000;

/**
 * How a provider stands with us: down while its credentials are known to be bad, while it asks to be left alone, and after it failed
 * too often in a row. After a pause, which doubles, one is let in to try.
 */
export class Standing {
  private failures = 0;
  private pauses = 0;
  private last: CodedError | undefined;
  private pausedUntilMs = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  succeeded(): void {
    this.failures = 0;
    this.pauses = 0;
    this.last = undefined;
    this.pausedUntilMs = 0;
  }

  /** @param retryAfterMs what the provider asks for */
  failed(error: CodedError, retryAfterMs?: number): void {
    if (NOT_ITS_FAULT.has(error.code)) return;
    this.failures++;
    this.last = error;
    const isToPause = SETUP.has(error.code) || this.failures >= TOO_MANY_FAILURES;
    const pauseMs = isToPause ? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.pauses++) : 0;
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.nowMs() + Math.max(pauseMs, retryAfterMs ?? 0));
  }

  /** Fails what would only fail again, before anything is decoded or sent. */
  check(): void {
    if (this.last === undefined || !this.isPaused) return;
    const inS = Math.ceil((this.pausedUntilMs - this.nowMs()) / 1000);
    const { code, message, fix, retryable } = this.last;
    throw new CodedError(code, `not asked again for ${inS} s, since: ${message}`, fix, { retryable });
  }

  health(): StrategyHealth {
    if (this.last === undefined) return { status: 'up' };
    const detail = `${this.last.code}: ${this.last.message}`;
    return { status: this.isPaused ? 'down' : 'degraded', detail };
  }

  private get isPaused(): boolean {
    return this.nowMs() < this.pausedUntilMs;
  }
}
