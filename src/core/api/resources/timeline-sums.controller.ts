import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../plugin-api/index.js';
import { TimelineSums } from '../../persistence/read/timeline-sums.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import * as inputs from '../../wire/inputs.js';
import { timelineSumQuery, type TimelineSumQuery, timelineWire, type TimelineWire } from '../../wire/timeline.wire.js';
import { KnownNames } from './known-names.js';
import { StreamAccess } from './stream-access.js';
import { clockRange } from './timeline-range.js';

const MAX_SPAN_MS = 366 * DAY_MS;
/** About this many points make a chart. */
const BUCKETS = 240;
/** Of these one is taken, so that buckets begin at round times. What is packed was added up by the minute and by ten. */
const BUCKET_MS = [MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS];

/** How what was found is spread over a long time. */
@Controller('api/streams/:id/timeline')
export class TimelineSumsController {
  constructor(
    private readonly access: StreamAccess,
    private readonly sums: TimelineSums,
    private readonly names: KnownNames,
  ) {}

  @Get()
  @Operation({
    id: 'readTimeline',
    tag: 'timeline',
    summary: 'Detections and metrics by name over up to a year, in at most 240 buckets or days',
    response: timelineWire,
  })
  async read(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: timelineSumQuery }) query: TimelineSumQuery,
    @Req() request: Request,
  ): Promise<TimelineWire> {
    await this.access.one(params.id, principalOf(request));
    const { analyzerId, name: names } = query;
    const [fromMs, toMs] = range(query);
    const bucketMs = BUCKET_MS.find((width) => (toMs - fromMs) / width <= BUCKETS) ?? DAY_MS;
    const [from, to] = [Math.floor(fromMs / bucketMs) * bucketMs, Math.ceil(toMs / bucketMs) * bucketMs];
    const filter = { streamId: params.id, fromUs: from * 1000, toUs: to * 1000, bucketUs: bucketMs * 1000, analyzerId, names };
    const reading = this.sums.series(filter).then((items) => ({ items }));
    const { items } = await this.names.explain({ analyzerId }, reading);
    return {
      ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString(), bucketMs },
      series: items.map(({ buckets, ...series }) => ({
        ...series,
        buckets: [...buckets]
          .sort(([a], [b]) => a - b)
          .map(([index, { count, sum, low, high }]) => ({ index, count, mean: sum / count, lowest: low, highest: high })),
      })),
    };
  }
}

/** @throws VD_API_INVALID, VD_API_RANGE_TOO_WIDE */
function range({ from, to }: TimelineSumQuery): [fromMs: number, toMs: number] {
  const toMs = to === undefined ? Date.now() : Date.parse(to);
  const asked = { from: from ?? new Date(toMs - DAY_MS).toISOString(), to: new Date(toMs).toISOString() };
  const { fromUs = 0 } = clockRange(asked, MAX_SPAN_MS);
  return [fromUs / 1000, toMs];
}
