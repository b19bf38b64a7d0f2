import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { AuditLog, type AuditEntry } from '../../persistence/access/audit-log.js';

const EVERY_MS = 15_000;
/** Entries per interval: whoever asks from ever new addresses shares the last of them. */
const MAX_GROUPS = 100;

/** Not being signed in is no attempt at anything: every page asks once to find out. */
const NO_ATTEMPT = new Set(['VD_AUTH_REQUIRED']);
const REFUSED = new Set([401, 403, 429]);

/** Somebody whom the API refused. */
export interface Refusal {
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Of what was asked for, without the query. */
  readonly path: string;
  readonly by: Actor;
}

interface Group {
  readonly first: Refusal;
  readonly firstAt: Date;
  last: Refusal;
  lastAt: Date;
  count: number;
}

/**
 * Puts failed sign-ins and other refusals on record, added up: one entry for what is alike within an interval, so that guessing does
 * not fill the table that tells of it.
 */
@Injectable()
export class RefusalRecord implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RefusalRecord.name);
  private groups = new Map<string, Group>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly audit: AuditLog) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Counts an answer among the refusals if it is one. */
  add(refusal: Refusal, at = new Date()): void {
    if (!REFUSED.has(refusal.status) || NO_ATTEMPT.has(refusal.code)) return;
    const key = JSON.stringify([refusal.code, refusal.by.address, refusal.by.tokenId]);
    const known = this.groups.get(key) ?? (this.groups.size >= MAX_GROUPS ? this.groups.get(OTHERS) : undefined);
    if (known !== undefined) {
      known.count++;
      known.last = refusal;
      known.lastAt = at;
      return;
    }
    const isFull = this.groups.size >= MAX_GROUPS;
    const first = isFull ? { ...refusal, by: SEVERAL } : refusal;
    this.groups.set(isFull ? OTHERS : key, { first, firstAt: at, last: refusal, lastAt: at, count: 1 });
  }

  /** Writes what was added up. What cannot be written is lost, and said to be. */
  async flush(): Promise<void> {
    const groups = [...this.groups.values()];
    this.groups = new Map();
    try {
      for (const group of groups) await this.audit.record(entryOf(group));
    } catch (error) {
      this.logger.warn(`Up to ${groups.length} entries on refusals could not be put on record: ${(error as Error).message}`);
    }
  }
}

const OTHERS = 'others';
const SEVERAL: Actor = { name: 'several addresses', userId: null, tokenId: null, address: null, requestId: null };

function entryOf({ first, firstAt, last, lastAt, count }: Group): AuditEntry {
  return {
    by: first.by,
    action: 'auth.refused',
    detail: {
      code: first.code,
      count,
      path: last.path,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    },
  };
}
