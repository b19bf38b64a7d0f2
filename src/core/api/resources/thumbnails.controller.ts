import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DAY_MS, HOUR_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import { CACHING } from '../../media/store/send-segment.js';
import { SLOT_MS } from '../../persistence/thumbnails/thumbnail-slots.js';
import { ThumbnailSheets } from '../../references/thumbnail-sheets.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import * as wire from '../../wire/thumbnails.wire.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { sendImage } from '../http/send-image.js';
import { Operation } from '../openapi/operation.js';
import { StreamAccess } from './stream-access.js';
import { ThumbnailList } from './thumbnail-list.js';
import { thumbnailsVtt } from './thumbnails-vtt.js';

/** A page asks for a few sheets; one reader makes one after the other, for whoever's turn it is. */
const SLOTS = { atOnce: 4, perToken: 2, waitingPerToken: 60 };

/** Small pictures for looking a stream through. */
@Controller('api/streams/:id')
export class ThumbnailsController {
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Thumbnails: ${detail}`));

  constructor(
    private readonly access: StreamAccess,
    private readonly list: ThumbnailList,
    private readonly sheets: ThumbnailSheets,
  ) {}

  @Get('thumbnails')
  @Operation({ id: 'listThumbnails', tag: 'playback', summary: 'Small pictures, one each ten seconds', response: wire.thumbnailsWire })
  async thumbnails(
    @Param({ schema: idParams }) params: IdParams,
    @Query({ schema: wire.thumbnailQuery }) query: wire.ThumbnailQuery,
    @Req() request: Request,
  ): Promise<wire.ThumbnailsWire> {
    const { fromMs, toMs, items } = await this.read(params.id, query, request);
    return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), everyMs: SLOT_MS, items };
  }

  @Get('thumbnails.vtt')
  @Operation({
    id: 'thumbnailTrack',
    tag: 'playback',
    summary: 'The same as a WebVTT track for players; its time 0 is `from`',
    produces: ['text/vtt'],
  })
  async track(
    @Param({ schema: idParams }) params: IdParams,
    @Query({ schema: wire.thumbnailQuery }) query: wire.ThumbnailQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { fromMs, items } = await this.read(params.id, query, request);
    response
      .setHeader('Content-Type', 'text/vtt; charset=utf-8')
      .setHeader('Cache-Control', CACHING.askAgain)
      .end(thumbnailsVtt(items, fromMs, SLOT_MS));
  }

  @Get('thumbnails/sheets/:sheet')
  @Operation({
    id: 'thumbnailSheet',
    tag: 'playback',
    summary: 'The small pictures of a quarter of an hour, side by side',
    produces: ['image/jpeg'],
    problems: { 404: 'No such stream, or no picture of that time', 503: 'Too many are asked for at once' },
  })
  async sheet(
    @Param({ schema: wire.sheetParams }) params: wire.SheetParams,
    @Query({ schema: wire.sheetQuery }) query: wire.SheetQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const view = await this.access.one(params.id, principalOf(request));
    const jpeg = await this.slots.run(askerOf(request), () => this.sheets.jpeg(params.id, params.sheet));
    if (jpeg === null) throw apiError('VD_API_NOT_FOUND', `No thumbnails of stream ${params.id} are kept of that quarter of an hour.`);
    // Retention takes pictures away with their media: whoever keeps an address for good would keep them.
    const caching = query.v === undefined || view.wire.private ? CACHING.askAgain : CACHING.aWhile;
    sendImage(request, response, 'image/jpeg', `"${params.sheet}.${query.v ?? ''}.${jpeg.byteLength}"`, Buffer.from(jpeg), caching);
  }

  /** @throws VD_API_INVALID, VD_API_RANGE_TOO_WIDE */
  private async read(
    streamId: string,
    { from, to }: wire.ThumbnailQuery,
    request: Request,
  ): Promise<{ fromMs: number; toMs: number; items: wire.ThumbnailWire[] }> {
    await this.access.one(streamId, principalOf(request));
    const toMs = to === undefined ? Date.now() : Date.parse(to);
    const fromMs = from === undefined ? toMs - HOUR_MS : Date.parse(from);
    if (fromMs > toMs) throw apiError('VD_API_INVALID', 'from: lies after `to`');
    if (toMs - fromMs > DAY_MS) throw apiError('VD_API_RANGE_TOO_WIDE', 'Thumbnails of at most a day are listed at once.');
    return { fromMs, toMs, items: await this.list.within(streamId, fromMs, toMs) };
  }
}
