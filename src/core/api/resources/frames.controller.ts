import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { CACHING } from '../../media/store/send-segment.js';
import { StreamFrames } from '../../references/stream-frames.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { isKnown } from '../http/send-image.js';
import { Operation } from '../openapi/operation.js';
import * as brands from '../../wire/brands.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { StreamAccess } from './stream-access.js';

/** A page of thumbnails asks for many; one reader makes one after the other, for whoever's turn it is. */
const SLOTS = { atOnce: 4, perToken: 2, waitingPerToken: 60 };

/** Single frames of what was recorded: evidence, thumbnails. */
@Controller('api/streams/:id/frame')
export class FramesController {
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Frames: ${detail}`));

  constructor(
    private readonly access: StreamAccess,
    private readonly frames: StreamFrames,
  ) {}

  @Get()
  @Operation({
    id: 'streamFrame',
    tag: 'playback',
    summary: 'The frame on show at a time of an epoch',
    produces: ['image/jpeg'],
    problems: {
      404: 'No such stream, or no picture at this time',
      410: 'The media is no longer kept',
      422: 'The picture cannot be decoded',
      503: 'Too many are asked for at once',
    },
  })
  async frame(
    @Param({ schema: idParams }) params: IdParams,
    @Query({ schema: brands.frameQuery }) query: brands.FrameQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { wire } = await this.access.one(params.id, principalOf(request));
    // A time of an epoch stands for the same picture for ever.
    const caching = wire.private ? CACHING.askAgain : CACHING.forGood;
    const etag = `"${query.epochId}.${query.ptsUs}.${query.widthPx ?? ''}"`;
    if (isKnown(request, response, etag, caching)) return;
    const { epochId, ptsUs, widthPx } = query;
    const { bytes } = await this.slots.run(askerOf(request), () =>
      this.frames.picture({ streamId: params.id, epochId, ptsUs }, { widthPx }),
    );
    response.setHeader('Content-Type', 'image/jpeg').setHeader('Content-Length', bytes.byteLength);
    response.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}
