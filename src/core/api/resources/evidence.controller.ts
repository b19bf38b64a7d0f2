import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { EvidenceReads } from '../../persistence/read/evidence-reads.js';
import { CACHING } from '../../media/store/send-segment.js';
import { principalOf } from '../auth/principal.js';
import { sendImage } from '../http/send-image.js';
import { Operation } from '../openapi/operation.js';
import * as wire from '../../wire/evidence.wire.js';
import { StreamAccess } from './stream-access.js';

/** What was kept of an event to look at. */
@Controller('api/events/:id/evidence')
export class EvidenceController {
  constructor(
    private readonly access: StreamAccess,
    private readonly evidence: EvidenceReads,
  ) {}

  @Get()
  @Operation({
    id: 'eventEvidence',
    tag: 'timeline',
    summary: 'The best picture of an event',
    produces: ['image/jpeg'],
    problems: { 404: 'No such event, or no picture of it' },
  })
  async picture(
    @Param({ schema: wire.eventParams }) params: wire.EventParams,
    @Query({ schema: wire.evidenceQuery }) query: wire.EvidenceQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const kept = await this.evidence.picture(params.id);
    const stream = kept && (await this.access.find(kept.streamId, principalOf(request)));
    if (kept === undefined || stream === undefined) throw apiError('VD_API_NOT_FOUND', `No evidence of event ${params.id}.`);
    const isMeant = query.ptsUs === kept.ptsUs && !stream.wire.private;
    sendImage(request, response, 'image/jpeg', `"${kept.runId}.${kept.ptsUs}"`, kept.jpeg, isMeant ? CACHING.forGood : CACHING.askAgain);
  }
}
