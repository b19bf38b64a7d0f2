import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { tracksQuery, type TracksQuery } from '../../wire/exports.wire.js';
import * as inputs from '../../wire/inputs.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { TextBody } from '../http/text-body.js';
import { Operation } from '../openapi/operation.js';
import { dvrRange } from '../playback/dvr-range.js';
import { StreamAccess } from '../resources/stream-access.js';
import { Tracks } from './tracks.js';

const SLOTS = { atOnce: 4, perToken: 2, waitingPerToken: 4 };

/** Results as text that players show over the media. */
@Controller('api/streams/:id')
export class TracksController {
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Tracks: ${detail}`));

  constructor(
    private readonly access: StreamAccess,
    private readonly tracks: Tracks,
  ) {}

  @Get('tracks.vtt')
  @Operation({
    id: 'resultTracks',
    tag: 'timeline',
    summary: 'Events, texts, speech and labels of a range as WebVTT, by the clock of `dvr.m3u8` of the same range',
    produces: ['text/vtt'],
    problems: {
      404: 'No such stream, or nothing recorded in the range',
      503: 'Too many such requests at once, or the query was ended after its time limit',
    },
  })
  async read(
    @Param({ schema: inputs.idParams }) { id: streamId }: inputs.IdParams,
    @Query({ schema: tracksQuery }) query: TracksQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.access.one(streamId, principalOf(request));
    const range = dvrRange(streamId, query);
    const { epochId, analyzerId, label: labels } = query;
    const text = await this.slots.run(askerOf(request), () => this.tracks.vtt(range, { epochId, analyzerId, labels }));
    await new TextBody(text).send(request, response, 'text/vtt; charset=utf-8');
  }
}
