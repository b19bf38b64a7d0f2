import { Inject, Injectable } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { Keepers, LEDGER_KEEPER } from '../persistence/retention/keepers.js';
import { RetentionReads } from '../persistence/retention/retention-reads.js';
import { StreamRetentions } from '../persistence/retention/stream-retention.js';
import { DAY_MS } from '../plugin-api/index.js';
import { forecast, growthPerDay, type Forecast } from './forecast.js';
import { limitsOf, longer } from './stream-limits.js';
import { readReports, type Reports } from './reports.js';

/** A media folder, or the database: how full it is, and how long it lasts. */
export interface StoragePlace extends Forecast {
  readonly kind: 'media' | 'database';
  /** The node whose folder it is; `database`. */
  readonly name: string;
  readonly usedBytes: number;
  readonly maxBytes: number | null;
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
  readonly floorBytes: number;
}

/** What comes in is measured over this time. */
const RATE_MS = DAY_MS;
/** Less says little of a day. */
const LEAST_RATE_MS = 10 * 60_000;
const GROWTH_MS = 7 * DAY_MS;

/** How long the disks last: of what the keepers report, and what came in lately. */
@Injectable()
export class StorageOutlook {
  constructor(
    private readonly keepers: Keepers,
    private readonly reads: RetentionReads,
    private readonly retentions: StreamRetentions,
    @Inject(VEDETTE_CONFIG) private readonly config: Pick<VedetteConfig, 'retention'>,
  ) {}

  async reports(nowMs = Date.now()): Promise<Reports> {
    return readReports(await this.keepers.reports(), nowMs);
  }

  async places(nowMs = Date.now()): Promise<StoragePlace[]> {
    const [{ media, ledger }, own] = await Promise.all([this.reports(nowMs), this.retentions.all()]);
    const limits = [limitsOf(this.config.retention), ...[...own.values()].map((one) => limitsOf(this.config.retention, one))];
    const rates = media.length === 0 ? [] : await this.reads.mediaRates(RATE_MS);
    const folders = media.map((node): StoragePlace => {
      const rate = rates.find(({ nodeId }) => nodeId === node.nodeId);
      const bytesPerDay = rate === undefined || rate.spanMs < LEAST_RATE_MS ? null : (rate.bytes / rate.spanMs) * DAY_MS;
      const facts = { usedBytes: node.keptBytes, maxBytes: node.maxBytes, freeBytes: node.freeBytes, floorBytes: node.floorBytes };
      const maxAgeMs = longer(...limits.map((one) => one.maxAgeMs));
      return {
        kind: 'media',
        name: node.nodeName,
        ...facts,
        totalBytes: node.totalBytes,
        ...forecast({ ...facts, bytesPerDay, maxAgeMs }),
      };
    });
    if (ledger === null) return folders;
    const samples = (await this.reads.samplesSince(nowMs - GROWTH_MS)).filter(({ keeper }) => keeper === LEDGER_KEEPER);
    const now = { atMs: nowMs, usedBytes: ledger.databaseBytes };
    const purged = await this.reads.purgedSince(samples[0]?.atMs ?? nowMs);
    const purgedBytes = purged.filter(({ what }) => what === 'results').reduce((sum, { bytes }) => sum + bytes, 0);
    const facts = {
      usedBytes: ledger.databaseBytes,
      maxBytes: ledger.maxBytes,
      freeBytes: ledger.freeBytes,
      floorBytes: ledger.floorBytes,
    };
    const maxAgeMs = longer(...limits.map((one) => one.resultsMaxAgeMs));
    const outlook = forecast({ ...facts, bytesPerDay: growthPerDay([...samples, now], purgedBytes), maxAgeMs });
    return [...folders, { kind: 'database', name: 'database', ...facts, totalBytes: ledger.totalBytes, ...outlook }];
  }
}
