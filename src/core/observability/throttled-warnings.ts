import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { queueError } from '../errors/queue.errors.js';
import { CodedError, errorText, type Logger } from '../plugin-api/index.js';
import { loggerOf } from './component-logger.js';

const EVERY_MS = 10_000;
const MAX_SOURCES = 1_000;

/** Tells of a source's trouble at once and then at most every ten seconds: a database that is away breaks many things many times. */
@Injectable()
export class ThrottledWarnings {
  private readonly warned = new LRUCache<string, true>({
    max: MAX_SOURCES,
    ttl: EVERY_MS,
    ttlResolution: 0,
    perf: { now: () => performance.now() },
  });

  constructor(@Inject(loggerOf('queue')) private readonly logger: Logger) {}

  warn(source: string, cause: unknown): void {
    if (this.warned.has(source)) return;
    this.warned.set(source, true);
    const detail = `${source}: ${errorText(cause)}`;
    this.logger.warn(detail, { error: cause instanceof CodedError ? cause : queueError('VD_QUEUE_UNAVAILABLE', detail, { cause }) });
  }
}
