import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { boxColour } from '../../clips/boxes/box-colours.js';
import { boxLabel, BoxScript } from '../../clips/boxes/box-script.js';
import { apiError } from '../../errors/api.errors.js';
import { brandError } from '../../errors/brand.errors.js';
import { CACHING } from '../../media/store/send-segment.js';
import { ClipMediaReads } from '../../persistence/clips/clip-media.js';
import type { DrawnBox } from '../../references/reader/reader-protocol.js';
import { StreamFrames } from '../../references/stream-frames.js';
import * as wire from '../../wire/clips.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { contentDisposition, exportName } from '../http/send-export.js';
import { Operation } from '../openapi/operation.js';
import { StreamAccess } from './stream-access.js';

/** People ask for these one by one. */
const SLOTS = { atOnce: 2, perToken: 1, waitingPerToken: 10 };

/** Single frames at their full size, to be kept. */
@Controller('api/streams/:id/snapshot')
export class SnapshotsController {
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Snapshots: ${detail}`));

  constructor(
    private readonly access: StreamAccess,
    private readonly frames: StreamFrames,
    private readonly media: ClipMediaReads,
    private readonly boxes: BoxScript,
  ) {}

  @Get()
  @Operation({
    id: 'streamSnapshot',
    tag: 'clips',
    summary: 'The frame on show at a moment, at full size, with or without boxes',
    produces: ['image/jpeg', 'image/png'],
    problems: {
      404: 'No such stream, or no picture at this time',
      410: 'The media is no longer kept',
      422: 'The picture cannot be decoded',
      503: 'Too many are asked for at once',
    },
  })
  async snapshot(
    @Param({ schema: idParams }) { id }: IdParams,
    @Query({ schema: wire.snapshotQuery }) query: wire.SnapshotQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { wire: stream } = await this.access.one(id, principalOf(request));
    const { epochId, ptsUs } = await this.momentOf(id, query);
    const epoch = await this.media.timeOf(id, epochId);
    if (epoch === null) throw brandError('VD_FRAME_NOT_FOUND', `Stream ${id} has no epoch ${epochId} with media.`);
    const at = new Date(epoch.startedAtMs + (ptsUs - epoch.ptsOriginUs) / 1_000).toISOString();
    const { format } = query;
    const { bytes } = await this.slots.run(askerOf(request), async () => {
      const boxes = query.boxes === undefined ? [] : await this.drawn(id, { epochId, ...epoch }, ptsUs);
      return this.frames.picture({ streamId: id, epochId, ptsUs }, { format, boxes });
    });
    response
      .setHeader('Content-Type', `image/${format}`)
      .setHeader('Content-Length', bytes.byteLength)
      .setHeader('Cache-Control', CACHING.askAgain)
      .setHeader('Content-Disposition', contentDisposition(exportName(stream.title, at, format === 'png' ? 'png' : 'jpg'), 'inline'))
      .end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  private async momentOf(streamId: string, { epochId, ptsUs, at }: wire.SnapshotQuery): Promise<{ epochId: string; ptsUs: number }> {
    if (epochId !== undefined && ptsUs !== undefined && at === undefined) return { epochId, ptsUs };
    if (at === undefined || epochId !== undefined || ptsUs !== undefined)
      throw apiError('VD_API_INVALID', 'at: give `at`, or `epochId` and `ptsUs`');
    const moment = await this.media.momentAt(streamId, Date.parse(at));
    if (moment === null) throw brandError('VD_FRAME_NOT_FOUND', `Stream ${streamId} has no media at or before ${at}.`);
    return moment;
  }

  private async drawn(
    streamId: string,
    epoch: { readonly epochId: string; readonly startedAtMs: number; readonly ptsOriginUs: number },
    ptsUs: number,
  ): Promise<DrawnBox[]> {
    const colours = new Map<string, number>();
    return (await this.boxes.at(streamId, epoch, ptsUs)).map((detection) => {
      if (!colours.has(detection.label)) colours.set(detection.label, colours.size);
      return { box: detection.box as DrawnBox['box'], label: boxLabel(detection), colour: boxColour(colours.get(detection.label)!) };
    });
  }
}
