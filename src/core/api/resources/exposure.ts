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
import type { EpochWire } from '../../wire/wire.js';

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
/** Of several streams together, each with the whole range: ten of them for a month, or a hundred for three days. */
const MAX_STREAM_MS = 310 * DAY_MS;

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

export interface StreamMeasured {
  readonly scope: ExposureScope;
  readonly groups: readonly ExposureGroup[];
  /** What was added up. */
  readonly filter: SightingFilter;
}

export interface MeasuredExposure extends StreamMeasured {
  readonly bucketMs: number;
}

/** Several streams over one range, with a group each at most. */
export interface MeasuredStreams extends Pick<SightingFilter, 'fromMs' | 'toMs' | 'minScore' | 'analyzerIds'> {
  readonly bucketMs: number;
  readonly streams: readonly StreamMeasured[];
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
    const bucketMs = bucketWidth(filter.fromMs, filter.toMs);
    const groups = groupsOf(grouping, { maxGapMs: query.maxGapMs ?? DEFAULT_GAP_MS, bucketMs, toMs: filter.toMs }, timeZone);
    return this.slots.run(asker, async () => {
      const measured = await this.addUp(filter, groups, new Held());
      await this.mustKnow(query, [measured]);
      return { ...measured, bucketMs };
    });
  }

  /**
   * Several streams over one range, one after the other.
   * @throws VD_API_INVALID, VD_API_NOT_FOUND, VD_API_NAME_UNKNOWN, VD_API_RANGE_TOO_WIDE, VD_API_BUSY
   */
  async measureAll(asker: Asker, streamIds: readonly string[], query: ExposureReportQuery): Promise<MeasuredStreams> {
    if (query.epochId !== undefined && streamIds.length !== 1)
      throw apiError('VD_API_INVALID', 'epochId: is of one stream; name it, and no other, as `streamId`');
    // All of them end at one moment.
    const asked = this.asked(query, null);
    const filters =
      query.epochId === undefined ? streamIds.map((streamId) => ({ streamId, ...asked })) : [await this.filter(streamIds[0]!, query)];
    const { fromMs, toMs, minScore, analyzerIds } = filters[0] ?? asked;
    const streamMs = filters.length * (toMs - fromMs);
    if (streamMs > MAX_STREAM_MS) {
      throw apiError(
        'VD_API_RANGE_TOO_WIDE',
        `${filters.length} streams of ${Math.ceil((toMs - fromMs) / DAY_MS)} days each; at most ${MAX_STREAM_MS / DAY_MS} days are added ` +
          'up at once.',
      );
    }
    const bucketMs = bucketWidth(fromMs, toMs);
    return this.slots.run(asker, async () => {
      const held = new Held();
      const streams: StreamMeasured[] = [];
      for (const filter of filters)
        streams.push(
          await this.addUp(filter, new ExposureGroups('range', { maxGapMs: query.maxGapMs ?? DEFAULT_GAP_MS, bucketMs, toMs }), held),
        );
      await this.mustKnow(query, streams);
      return { fromMs, toMs, minScore, analyzerIds, bucketMs, streams };
    });
  }

  private async addUp(filter: SightingFilter, groups: ExposureGroups, held: Held): Promise<StreamMeasured> {
    await this.reads.eachSighting(filter, (sightings) => {
      for (const sighting of sightings) groups.add(sighting);
      held.check(groups);
    });
    held.keep(groups);
    const scope: ExposureScope = {
      streamId: filter.streamId,
      epochId: filter.epochId ?? null,
      from: new Date(filter.fromMs).toISOString(),
      to: new Date(filter.toMs).toISOString(),
      minScore: filter.minScore,
      analyzerIds: [...filter.analyzerIds],
      analysedSeconds: await this.reads.analysedSeconds(filter),
      formulaVersion: FORMULA.version,
    };
    return { scope, groups: groups.finish(), filter };
  }

  private async mustKnow({ brand = [] }: ExposureReportQuery, measured: readonly StreamMeasured[]): Promise<void> {
    const brands = measured.flatMap(({ groups }) => groups.flatMap((group) => group.brands));
    await this.names.brandsMustExist(brand, new Set(brands.map(({ label }) => label)));
  }

  private async filter(streamId: string, query: ExposureReportQuery): Promise<SightingFilter> {
    const epoch = query.epochId === undefined ? null : await this.streams.epoch(streamId, query.epochId);
    if (query.epochId !== undefined && epoch === null)
      throw apiError('VD_API_NOT_FOUND', `Stream ${streamId} has no epoch ${query.epochId}.`);
    return { streamId, ...this.asked(query, epoch) };
  }

  /** What is asked for, whichever stream it is of. */
  private asked(query: ExposureReportQuery, epoch: EpochWire | null): Omit<SightingFilter, 'streamId'> {
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

const bucketWidth = (fromMs: number, toMs: number): number => BUCKET_MS.find((width) => (toMs - fromMs) / width <= BUCKETS) ?? DAY_MS;

/** What one report may hold and take, of all its streams together. */
class Held {
  private readonly deadlineMs = performance.now() + PATIENCE_MS;
  private brands = 0;
  private appearances = 0;

  /** @throws VD_API_RANGE_TOO_WIDE */
  check({ size }: ExposureGroups): void {
    const tooMuch = (what: string): never => {
      throw apiError('VD_API_RANGE_TOO_WIDE', `The range holds ${what}; ask for a shorter one, or for fewer brands.`);
    };
    if (this.brands + size.brands > MAX_BRANDS) tooMuch(`more than ${MAX_BRANDS} brands, counted by session or day`);
    if (this.appearances + size.appearances > MAX_APPEARANCES) tooMuch(`more than ${MAX_APPEARANCES} appearances`);
    if (performance.now() > this.deadlineMs) tooMuch(`more than can be added up within ${PATIENCE_MS / 1_000} s`);
  }

  keep({ size }: ExposureGroups): void {
    this.brands += size.brands;
    this.appearances += size.appearances;
  }
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
