import { Injectable } from '@nestjs/common';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import { ExposureGroups, type ExposureGroup, type Grouping } from '../../exposure/exposure-groups.js';
import { FORMULA } from '../../exposure/formula.js';
import { FairSlots, type Asker } from '../http/fair-slots.js';
import { ExposureReads, type SightingFilter } from '../../persistence/read/exposure-reads.js';
import { StreamReads } from '../../persistence/read/stream-reads.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { KnownNames } from './known-names.js';
import type { ExposureReportQuery } from '../../wire/exposure.wire.js';

const MAX_SPAN_MS = 31 * DAY_MS;
const DEFAULT_SCORE = 0.5;
const DEFAULT_GAP_MS = 1_000;
/** About this many points make a chart. */
const BUCKETS = 240;
/** Of these one is taken, so that buckets begin at round times. */
const BUCKET_MS = [1_000, 2_000, 5_000, 10_000, 30_000, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];
/** Adding up a month keeps the event loop busy in pieces; this many at once are enough. */
const SLOTS = { atOnce: 2, perToken: 1, waitingPerToken: 1 };
/** What is kept of them, by group: an analyzer may name a brand anew in each frame, a gap of nothing makes each frame an appearance. */
const MAX_BRANDS = 5_000;
const MAX_APPEARANCES = 100_000;
const PATIENCE_MS = MINUTE_MS;

export interface ExposureScope {
  readonly streamId: string;
  readonly epochId: string | null;
  readonly from: string;
  readonly to: string;
  readonly minScore: number;
  readonly analyzerIds: string[];
  readonly analysedSeconds: number;
  readonly formulaVersion: number;
}

export interface MeasuredExposure {
  readonly scope: ExposureScope;
  readonly bucketMs: number;
  readonly groups: readonly ExposureGroup[];
  /** What was added up. */
  readonly filter: SightingFilter;
}

/** From a query to figures. */
@Injectable()
export class Exposure {
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Exposure reports: ${detail}`));

  constructor(
    private readonly streams: StreamReads,
    private readonly reads: ExposureReads,
    private readonly registry: PluginRegistry,
    private readonly names: KnownNames,
  ) {}

  /** @throws VD_API_INVALID, VD_API_NOT_FOUND, VD_API_NAME_UNKNOWN, VD_API_RANGE_TOO_WIDE, VD_API_BUSY */
  async measure(
    asker: Asker,
    streamId: string,
    query: ExposureReportQuery,
    grouping: Grouping,
    timeZone?: string,
  ): Promise<MeasuredExposure> {
    const filter = await this.filter(streamId, query);
    const bucketMs = BUCKET_MS.find((width) => (filter.toMs - filter.fromMs) / width <= BUCKETS) ?? DAY_MS;
    const groups = groupsOf(grouping, { maxGapMs: query.maxGapMs ?? DEFAULT_GAP_MS, bucketMs, toMs: filter.toMs }, timeZone);
    return this.slots.run(asker, async () => {
      const deadlineMs = performance.now() + PATIENCE_MS;
      await this.reads.eachSighting(filter, (sightings) => {
        for (const sighting of sightings) groups.add(sighting);
        holdWithin(groups, deadlineMs);
      });
      const measured = groups.finish();
      const seen = new Set(measured.flatMap(({ brands }) => brands.map(({ label }) => label)));
      await this.names.brandsMustExist(query.brand ?? [], seen);
      const scope: ExposureScope = {
        streamId,
        epochId: filter.epochId ?? null,
        from: new Date(filter.fromMs).toISOString(),
        to: new Date(filter.toMs).toISOString(),
        minScore: filter.minScore,
        analyzerIds: [...filter.analyzerIds],
        analysedSeconds: await this.reads.analysedSeconds(filter),
        formulaVersion: FORMULA.version,
      };
      return { scope, bucketMs, groups: measured, filter };
    });
  }

  private async filter(streamId: string, query: ExposureReportQuery): Promise<SightingFilter> {
    const epoch = query.epochId === undefined ? null : await this.streams.epoch(streamId, query.epochId);
    if (query.epochId !== undefined && epoch === null)
      throw apiError('VD_API_NOT_FOUND', `Stream ${streamId} has no epoch ${query.epochId}.`);
    const epochEndMs = epoch?.endedAt ? Date.parse(epoch.endedAt) + DAY_MS : undefined;
    const toMs = query.to === undefined ? Math.min(Date.now() + MINUTE_MS, epochEndMs ?? Infinity) : Date.parse(query.to);
    const fromMs =
      query.from === undefined ? (epoch === null ? toMs - DAY_MS : Date.parse(epoch.startedAt) - MINUTE_MS) : Date.parse(query.from);
    if (fromMs >= toMs) throw apiError('VD_API_INVALID', 'from: does not lie before `to`');
    if (toMs - fromMs > MAX_SPAN_MS) {
      throw apiError(
        'VD_API_RANGE_TOO_WIDE',
        `The range is ${Math.ceil((toMs - fromMs) / DAY_MS)} days; at most ${MAX_SPAN_MS / DAY_MS} are added up at once.`,
      );
    }
    return {
      streamId,
      fromMs,
      toMs,
      minScore: query.minScore ?? DEFAULT_SCORE,
      // What looks for reference images sees brands.
      analyzerIds: this.registry.analyzers
        .filter(({ definition }) => definition.references !== undefined)
        .map(({ definition }) => definition.id),
      epochId: query.epochId,
      labels: query.brand,
    };
  }
}

function holdWithin(groups: ExposureGroups, deadlineMs: number): void {
  const tooMuch = (what: string): never => {
    throw apiError('VD_API_RANGE_TOO_WIDE', `The range holds ${what}; ask for a shorter one, or for fewer brands.`);
  };
  const { brands, appearances } = groups.size;
  if (brands > MAX_BRANDS) tooMuch(`more than ${MAX_BRANDS} brands, counted by session or day`);
  if (appearances > MAX_APPEARANCES) tooMuch(`more than ${MAX_APPEARANCES} appearances`);
  if (performance.now() > deadlineMs) tooMuch(`more than can be added up within ${PATIENCE_MS / 1_000} s`);
}

function groupsOf(grouping: Grouping, options: { maxGapMs: number; bucketMs: number; toMs: number }, timeZone?: string): ExposureGroups {
  try {
    return new ExposureGroups(grouping, options, timeZone);
  } catch (error) {
    if (error instanceof RangeError)
      throw apiError('VD_API_INVALID', `timeZone: ${JSON.stringify(timeZone)} is no time zone; use an IANA name such as Europe/Berlin`);
    throw error;
  }
}
