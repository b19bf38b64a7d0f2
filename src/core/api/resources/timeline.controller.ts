import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { DAY_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import { StreamReads } from '../../persistence/read/stream-reads.js';
import type { TimelineRange } from '../../persistence/read/timeline-filter.js';
import { TimelineReads } from '../../persistence/read/timeline-reads.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import * as inputs from '../../wire/inputs.js';
import * as wire from '../../wire/wire.js';
import { KnownNames } from './known-names.js';
import { StreamAccess } from './stream-access.js';
import { timelineRange, type TimelineQuery } from './timeline-range.js';

/** Widest range by wall clock: dense results and sparse ones. */
const RESULT_SPAN_MS = 7 * DAY_MS;
const MEDIA_SPAN_MS = 31 * DAY_MS;

/** What happened on a stream, by time. A cursor belongs to the list and the order it came from. */
@Controller('api/streams/:id')
export class TimelineController {
  constructor(
    private readonly access: StreamAccess,
    private readonly streams: StreamReads,
    private readonly timeline: TimelineReads,
    private readonly names: KnownNames,
  ) {}

  @Get('epochs')
  @Operation({ id: 'listEpochs', tag: 'timeline', summary: 'Epochs: uninterrupted publishes', response: wire.pageOf(wire.epochWire) })
  async epochs(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: inputs.epochQuery }) query: inputs.EpochQuery,
    @Req() request: Request,
  ): Promise<wire.Page<wire.EpochWire>> {
    await this.access.one(params.id, principalOf(request));
    const range =
      query.from === undefined && query.to === undefined
        ? {
            streamId: params.id,
            limit: query.limit,
            descending: query.order === 'desc',
            after: query.after,
          }
        : timelineRange(params.id, query, null, MEDIA_SPAN_MS);
    return this.timeline.epochs(range);
  }

  @Get('segments')
  @Operation({ id: 'listSegments', tag: 'timeline', summary: 'Segments', response: wire.pageOf(wire.segmentWire) })
  async segments(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: inputs.segmentQuery }) query: inputs.SegmentQuery,
    @Req() request: Request,
  ): Promise<wire.Page<wire.SegmentWire>> {
    return this.timeline.segments({ ...(await this.range(params.id, query, request, MEDIA_SPAN_MS)), states: query.state });
  }

  @Get('runs')
  @Operation({
    id: 'listRuns',
    tag: 'timeline',
    summary: 'Runs: what became of each segment with each analyzer',
    response: wire.pageOf(wire.runWire),
  })
  async runs(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: inputs.runQuery }) query: inputs.RunQuery,
    @Req() request: Request,
  ): Promise<wire.Page<wire.RunWire>> {
    const range = await this.range(params.id, query, request, MEDIA_SPAN_MS);
    const { analyzerId, queue, state: states, segmentId } = query;
    return this.names.explain(query, this.timeline.runs({ ...range, analyzerId, queue, states, segmentId }));
  }

  @Get('detections')
  @Operation({ id: 'listDetections', tag: 'timeline', summary: 'Detections', response: wire.pageOf(wire.detectionWire) })
  async detections(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: inputs.detectionQuery }) query: inputs.DetectionQuery,
    @Req() request: Request,
  ): Promise<wire.Page<wire.DetectionWire>> {
    const range = await this.range(params.id, query, request, RESULT_SPAN_MS);
    const { analyzerId, label: names, minScore } = query;
    return this.names.explain(query, this.timeline.detections({ ...range, analyzerId, names, minScore }));
  }

  @Get('metrics')
  @Operation({ id: 'listMetrics', tag: 'timeline', summary: 'Metrics', response: wire.pageOf(wire.metricWire) })
  async metrics(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: inputs.metricQuery }) query: inputs.MetricQuery,
    @Req() request: Request,
  ): Promise<wire.Page<wire.MetricWire>> {
    const range = await this.range(params.id, query, request, RESULT_SPAN_MS);
    return this.names.explain(query, this.timeline.metrics({ ...range, analyzerId: query.analyzerId, names: query.name }));
  }

  @Get('events')
  @Operation({ id: 'listEvents', tag: 'timeline', summary: 'Events that touch the range', response: wire.pageOf(wire.eventWire) })
  async events(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: inputs.eventQuery }) query: inputs.EventQuery,
    @Req() request: Request,
  ): Promise<wire.Page<wire.EventWire>> {
    const range = await this.range(params.id, query, request, MEDIA_SPAN_MS);
    const { analyzerId, name: names, state: states } = query;
    return this.names.explain(query, this.timeline.events({ ...range, analyzerId, names, states }));
  }

  @Get('observations')
  @Operation({
    id: 'listObservations',
    tag: 'timeline',
    summary: 'Everything else that analyzers said: classifications, texts, …',
    response: wire.pageOf(wire.observationWire),
  })
  async observations(
    @Param({ schema: inputs.idParams }) params: inputs.IdParams,
    @Query({ schema: inputs.observationQuery }) query: inputs.ObservationQuery,
    @Req() request: Request,
  ): Promise<wire.Page<wire.ObservationWire>> {
    const range = await this.range(params.id, query, request, RESULT_SPAN_MS);
    return this.names.explain(query, this.timeline.observations({ ...range, analyzerId: query.analyzerId, names: query.type }));
  }

  /** The stream must be visible and the epoch its own, before anything is read of either. */
  private async range(streamId: string, query: TimelineQuery, request: Request, spanMs: number): Promise<TimelineRange> {
    await this.access.one(streamId, principalOf(request));
    const epoch = query.epochId === undefined ? null : await this.streams.epoch(streamId, query.epochId);
    if (query.epochId !== undefined && epoch === null)
      throw apiError('VD_API_NOT_FOUND', `Stream ${streamId} has no epoch ${query.epochId}.`);
    return timelineRange(streamId, query, epoch, spanMs);
  }
}
