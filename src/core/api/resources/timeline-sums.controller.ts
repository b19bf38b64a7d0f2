import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { DAY_MS, HOUR_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import { TimelineSums } from '../../persistence/timeline/timeline-sums.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import * as inputs from '../../wire/inputs.js';
import { timelineParts, timelineSumQuery, type TimelineSumQuery, timelineWire, type TimelineWire } from '../../wire/timeline.wire.js';
import { KnownNames } from './known-names.js';
import { StreamAccess } from './stream-access.js';
import { SUMS_FOR, TimelineAnswer } from './timeline-answer.js';
import { clockRange } from './timeline-range.js';
import { TimelineReasons } from './timeline-reasons.js';
import { timelineStepMs } from './timeline-step.js';

/** Of series and events: some 15 MB of JSON. */
const MOST_POINTS = 200_000;
const MAX_SPAN_MS = 366 * DAY_MS;

/** What there is of a stream over a long time: recorded, looked at, found, and why not. */
@Controller('api/streams/:id/timeline')
export class TimelineSumsController {
  constructor(
    private readonly access: StreamAccess,
    private readonly sums: TimelineSums,
    private readonly names: KnownNames,
    private readonly registry: PluginRegistry,
    private readonly reasons: TimelineReasons,
  ) {}

  @Get()
  @Operation({
    id: 'readTimeline',
    tag: 'timeline',
    summary: 'What was recorded, moved, was found and was looked at, in up to 2000 buckets of up to a year',
    response: timelineWire,
  })
  async read(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: timelineSumQuery }) query: TimelineSumQuery,
    @Req() request: Request,
  ): Promise<TimelineWire> {
    await this.access.one(params.id, principalOf(request));
    const { analyzerId } = query;
    const [fromMs, toMs] = range(query);
    const bucketMs = timelineStepMs(toMs - fromMs, query.step);
    const [from, to] = [Math.floor(fromMs / bucketMs) * bucketMs, Math.ceil(toMs / bucketMs) * bucketMs];
    const asked = query.parts ?? timelineParts;
    const { sums, pendingHours } = await this.sums.read({
      ...{ streamId: params.id, fromUs: from * 1000, toUs: to * 1000, bucketUs: bucketMs * 1000 },
      parts: new Set(asked.flatMap((part) => SUMS_FOR[part])),
    });
    const answer = new TimelineAnswer(sums, from * 1000);
    const has = (part: (typeof timelineParts)[number]): boolean => asked.includes(part);
    const told: Partial<TimelineWire> = {};
    if (has('recorded')) told.recorded = answer.recorded();
    if (has('motion')) told.motion = answer.motion(analyzerId);
    if (has('events')) told.events = answer.events(analyzerId);
    if (has('coverage')) Object.assign(told, await this.coverage(answer, analyzerId));
    if (has('series')) told.series = answer.series(analyzerId, query.name);
    const points = [...(told.series ?? []), ...(told.events ?? [])].reduce((sum, { buckets }) => sum + buckets.length, 0);
    if (points > MOST_POINTS)
      throw apiError(
        'VD_API_RANGE_TOO_WIDE',
        `The answer would have ${points} points; at most ${MOST_POINTS} are served: take a larger step, one analyzer, or some names.`,
      );
    const items = sums.all().filter((one) => one.analyzerId === analyzerId);
    await this.names.explain({ analyzerId }, Promise.resolve({ items }));
    return {
      ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString(), bucketMs },
      pending: pendingHours.map((us) => ({ from: new Date(us / 1000).toISOString(), to: new Date(us / 1000 + HOUR_MS).toISOString() })),
      ...told,
    };
  }

  private async coverage(answer: TimelineAnswer, analyzerId?: string): Promise<Pick<TimelineWire, 'coverage' | 'reasons'>> {
    const loaded = this.registry.analyzers.map(({ definition }) => definition.id);
    const coverage = answer.coverage(loaded, analyzerId);
    const codes = new Set(coverage.flatMap(({ buckets }) => buckets.flatMap(({ why }) => why.map(({ code }) => code))));
    return { coverage, reasons: await this.reasons.words(codes) };
  }
}

/** @throws VD_API_INVALID, VD_API_RANGE_TOO_WIDE */
function range({ from, to }: TimelineSumQuery): [fromMs: number, toMs: number] {
  const toMs = to === undefined ? Date.now() : Date.parse(to);
  const asked = { from: from ?? new Date(toMs - DAY_MS).toISOString(), to: new Date(toMs).toISOString() };
  const { fromUs = 0 } = clockRange(asked, MAX_SPAN_MS);
  return [fromUs / 1000, toMs];
}
