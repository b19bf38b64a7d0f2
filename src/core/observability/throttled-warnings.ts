import { Inject, Injectable } from '@nestjs/common';
import { queueError } from '../errors/queue.errors.js';
import { CodedError, type Logger } from '../plugin-api/index.js';
import { loggerOf } from './component-logger.js';

const EVERY_MS = 10_000;

/** Tells of a source's trouble at once and then at most every ten seconds: a database that is away breaks many things many times. */
@Injectable()
export class ThrottledWarnings {
  private readonly last = new Map<string, number>();

  constructor(@Inject(loggerOf('queue')) private readonly logger: Logger) {}

  warn(source: string, cause: unknown): void {
    const now = performance.now();
    const last = this.last.get(source);
    if (last !== undefined && now - last < EVERY_MS) return;
    this.last.set(source, now);
    const detail = `${source}: ${cause instanceof Error ? cause.message : String(cause)}`;
    this.logger.warn(detail, { error: cause instanceof CodedError ? cause : queueError('VD_QUEUE_UNAVAILABLE', detail, { cause }) });
  }
}
