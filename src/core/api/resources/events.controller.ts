import { Body, Controller, Get, HttpCode, Logger, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiError } from '../../errors/api.errors.js';
import type { EventFilter } from '../../persistence/events/event-conditions.js';
import { EventGroups } from '../../persistence/events/event-groups.js';
import { EventReviews } from '../../persistence/events/event-reviews.js';
import { errorText } from '../../plugin-api/error.js';
import * as wire from '../../wire/events.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { contentDisposition } from '../http/send-export.js';
import { sendPieces } from '../http/send-pieces.js';
import { CSV_MEDIA_TYPE } from '../http/send-csv.js';
import { Operation } from '../openapi/operation.js';
import { eventLines } from './event-lines.js';
import { StreamAccess } from './stream-access.js';

const SLOTS = { atOnce: 4, perToken: 1, waitingPerToken: 1 };
const MEDIA_TYPES = { csv: CSV_MEDIA_TYPE, jsonl: 'application/x-ndjson' } as const;

type FilterQuery = Omit<wire.EventExportQuery, 'format' | 'id'> & Partial<Pick<wire.EventExportQuery, 'id'>>;

/** What happened on all streams, and what of it somebody has looked at. */
@Controller('api/events')
export class EventsController {
  private readonly logger = new Logger(EventsController.name);
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Export of events: ${detail}`));

  constructor(
    private readonly access: StreamAccess,
    private readonly groups: EventGroups,
    private readonly reviews: EventReviews,
  ) {}

  @Get()
  @Operation({
    id: 'listAllEvents',
    tag: 'events',
    summary: 'Events of all streams, newest first, those that repeat each other as one',
    response: pageOf(wire.eventGroupWire),
    problems: { 404: 'No such stream', 503: 'The query was ended after its time limit' },
  })
  async list(
    @Query({ schema: wire.eventListQuery }) query: wire.EventListQuery,
    @Req() request: Request,
  ): Promise<Page<wire.EventGroupWire>> {
    const { repeatsWithinS, after, limit } = query;
    return this.groups.list({ ...(await this.filter(query, request)), repeatsWithinS, after, limit });
  }

  @Get('export')
  @Operation({
    id: 'exportEvents',
    tag: 'events',
    summary: 'Events one by one as CSV or JSON Lines, newest first, at most 100,000',
    produces: ['text/csv', 'application/x-ndjson'],
    problems: { 404: 'No such stream', 503: 'Too many such requests at once, or the query was ended after its time limit' },
  })
  async export(
    @Query({ schema: wire.eventExportQuery }) query: wire.EventExportQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { format } = query;
    const filter = await this.filter(query, request);
    await this.slots.run(askerOf(request), async () => {
      response.setHeader(
        'Content-Disposition',
        contentDisposition(`events ${new Date().toISOString().slice(0, 10)}.${format}`, 'attachment'),
      );
      await sendPieces(request, response, MEDIA_TYPES[format], eventLines(this.groups, filter, format)).catch((error: unknown) => {
        if (!response.headersSent) {
          response.removeHeader('Content-Disposition');
          throw error;
        }
        this.logger.error(`The export of events was cut off: ${errorText(error)}`);
      });
    });
  }

  /** Everybody's own marks, that nobody else sees: no change of the installation, so the audit trail does not have them. */
  @Post('review')
  @HttpCode(200)
  @RequireRole('viewer')
  @Operation({
    id: 'reviewEvents',
    tag: 'events',
    summary: 'Mark events as looked at by you, or take the marks away',
    response: wire.reviewWire,
  })
  async review(@Body({ schema: wire.reviewBody }) { ids, reviewed }: wire.ReviewBody, @Req() request: Request): Promise<wire.ReviewWire> {
    const principal = principalOf(request);
    const streamIds = (await this.access.list(principal)).map(({ wire: stream }) => stream.id);
    const events = { userId: principal.userId, eventIds: ids, streamIds };
    return { changed: await (reviewed ? this.reviews.mark(events) : this.reviews.unmark(events)) };
  }

  /** @throws VD_API_NOT_FOUND, VD_API_INVALID */
  private async filter(query: FilterQuery, request: Request): Promise<EventFilter> {
    const principal = principalOf(request);
    const { streamId, from, to, reviewed, minDurationMs, minScore } = query;
    const views = await this.access.several(streamId, principal);
    const [fromUs, toUs] = [from, to].map((instant) => (instant === undefined ? undefined : Date.parse(instant) * 1000));
    if (fromUs !== undefined && toUs !== undefined && fromUs > toUs) throw apiError('VD_API_INVALID', 'from: lies after `to`');
    return {
      streamIds: views.map(({ wire: stream }) => stream.id),
      ...{ analyzerIds: query.analyzerId, names: query.name, subjects: query.subject, states: query.state, eventIds: query.id },
      ...{ fromUs, toUs, query: query.query, userId: principal.userId, minDurationMs, minScore },
      isReviewed: reviewed === undefined ? undefined : reviewed === 'yes',
    };
  }
}
