import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { errorText } from '../../plugin-api/index.js';
import { AuditLog, type AuditEntry } from './audit-log.js';

const EVERY_MS = 15_000;
/** Entries per interval: whoever asks from ever new addresses shares the last of them. */
const MAX_GROUPS = 100;

/** Somebody whom Vedette refused. */
export interface Refusal {
  /** `auth.refused` by the API, `publish.refused` by the ingest role. */
  readonly action: 'auth.refused' | 'publish.refused';
  readonly code: string;
  /** Of what was asked for, without the query. */
  readonly path?: string;
  /** Id of the stream that the publisher has a valid key of. */
  readonly target?: string;
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
 * Writes refusals into the audit trail, added up: one entry for all that are alike within an interval, so that guessing does not fill
 * the table that reports it.
 */
@Injectable()
export class RefusalRecord implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RefusalRecord.name);
  private groups = new Map<string, Group>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly audit: AuditLog) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), EVERY_MS).unref();
  }

  /** While the database is still connected. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  add(refusal: Refusal, at = new Date()): void {
    const key = JSON.stringify([refusal.code, refusal.by.address, refusal.by.tokenId, refusal.target]);
    const known = this.groups.get(key) ?? (this.groups.size >= MAX_GROUPS ? this.groups.get(OTHERS) : undefined);
    if (known !== undefined) {
      known.count++;
      known.last = refusal;
      known.lastAt = at;
      return;
    }
    const isFull = this.groups.size >= MAX_GROUPS;
    const first = isFull ? { ...refusal, target: undefined, by: SEVERAL } : refusal;
    this.groups.set(isFull ? OTHERS : key, { first, firstAt: at, last: refusal, lastAt: at, count: 1 });
  }

  /** Writes the groups and starts new ones. Groups that cannot be written are lost; the log says how many. */
  async flush(): Promise<void> {
    const groups = [...this.groups.values()];
    this.groups = new Map();
    try {
      for (const group of groups) await this.audit.record(entryOf(group));
    } catch (error) {
      this.logger.warn(`Up to ${groups.length} entries on refusals could not be written into the audit trail: ${errorText(error)}`);
    }
  }
}

const OTHERS = 'others';
const SEVERAL: Actor = { name: 'several addresses', userId: null, tokenId: null, address: null, requestId: null };

function entryOf({ first, firstAt, last, lastAt, count }: Group): AuditEntry {
  return {
    by: first.by,
    action: first.action,
    target: first.target,
    detail: {
      code: first.code,
      count,
      path: last.path,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    },
  };
}
