import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { ingestErrors } from '../errors/ingest.errors.js';
import { loggerOf } from '../observability/component-logger.js';
import { PublishRefusals, type RefusalGroup } from '../persistence/access/publish-refusals.js';
import { RefusalRecord } from '../persistence/access/refusal-record.js';
import { plainAddress, type Logger } from '../plugin-api/index.js';

/** From a refusal to its row; refusals of this time are written together. */
const FLUSH_MS = 250;
/** Rows per writing: whoever comes from ever new addresses shares the last of them. */
const MAX_GROUPS = 100;
/** Application names as encoders are given them. What is longer, or begins as our keys do, may be a key in the wrong field. */
const SHOWN_APP = /^(?!vd_)[A-Za-z0-9_-]{1,24}$/;
/** Of keys at least this long two characters tell next to nothing. */
const HINTED_LENGTH = 16;

/** A publisher that was not let in. */
export interface RefusedPublisher {
  readonly remote: string;
  readonly code: string;
  /** The stream that the key is or was for. */
  readonly streamId?: string | undefined;
  /** Never kept: only how it looks. */
  readonly key?: string | undefined;
  readonly app?: string | undefined;
  /** In place of what core's error table says of the code. */
  readonly reason?: string | undefined;
  readonly fix?: string | undefined;
}

/** Tells the operator of publishers that were refused, within a second: added up, so that a flood of them is a few rows. */
@Injectable()
export class RefusedPublishers implements BeforeApplicationShutdown {
  private groups = new Map<string, RefusalGroup>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private failing = false;

  constructor(
    private readonly rows: PublishRefusals,
    private readonly record: RefusalRecord,
    @Inject(loggerOf('publish-gate')) private readonly logger: Logger,
  ) {}

  add(refused: RefusedPublisher, nowMs = Date.now()): void {
    const { code, streamId, key } = refused;
    const address = plainAddress(refused.remote);
    const by = { name: 'publisher', userId: null, tokenId: null, address, requestId: null };
    this.record.add({ action: 'publish.refused', code, target: streamId, by }, new Date(nowMs));

    const app = refused.app !== undefined && SHOWN_APP.test(refused.app) ? refused.app : null;
    const known = (ingestErrors as Record<string, { title: string; fix: string } | undefined>)[code];
    const reason = refused.reason ?? known?.title ?? code;
    const fix = refused.fix ?? known?.fix ?? null;
    const counted = { count: 1, firstAtMs: nowMs, lastAtMs: nowMs };
    const one: RefusalGroup = { address, code, reason, fix, streamId: streamId ?? null, app, keyHint: keyHint(key), ...counted };
    this.merge(one);
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Before the database is let go. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
    clearTimeout(this.timer);
  }

  /** Writes what was refused since the last time. What cannot be written is added to what comes. */
  flush(): Promise<void> {
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async write(): Promise<void> {
    const groups = [...this.groups.values()];
    this.groups = new Map();
    try {
      await this.rows.add(groups);
      this.failing = false;
    } catch (error) {
      for (const group of groups) this.merge(group);
      if (!this.failing) this.logger.warn('Refused publishers cannot be written down now; they are added up', { error });
      this.failing = true;
    } finally {
      clearTimeout(this.timer);
      this.timer = this.groups.size === 0 ? undefined : setTimeout(() => void this.flush(), this.failing ? 4 * FLUSH_MS : FLUSH_MS).unref();
    }
  }

  private merge(refused: RefusalGroup): void {
    const isFull = this.groups.size >= MAX_GROUPS && !this.groups.has(keyOf(refused));
    const single = isFull ? { ...refused, address: null, streamId: null, app: null, keyHint: null } : refused;
    const known = this.groups.get(keyOf(single));
    const count = refused.count + (known?.count ?? 0);
    const firstAtMs = Math.min(refused.firstAtMs, known?.firstAtMs ?? refused.firstAtMs);
    const lastAtMs = Math.max(refused.lastAtMs, known?.lastAtMs ?? 0);
    this.groups.set(keyOf(single), { ...single, count, firstAtMs, lastAtMs });
  }
}

const keyOf = ({ address, code, streamId, app }: RefusalGroup): string => JSON.stringify([address, code, streamId, app]);

/** How a key looked that was refused: whether it is one of ours cut short, or something else altogether. Never enough to guess by. */
export function keyHint(key: string | undefined): string | null {
  if (key === undefined) return null;
  const length = `${key.length} characters`;
  if (key.startsWith('vd_')) return `vd_…, ${length}`;
  return key.length >= HINTED_LENGTH && /^[A-Za-z0-9_-]{2}/.test(key) ? `${key.slice(0, 2)}…, ${length}` : length;
}
