import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { healthOnWire } from '../../persistence/read/health-on-wire.js';
import { streamHealthQuery, streamHealthWire, type StreamHealthQuery, type StreamHealthWire } from '../../wire/health.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { StreamAccess } from './stream-access.js';
import { StreamHealth } from './stream-health.js';

@Controller('api/streams/:id/health')
export class StreamHealthController {
  constructor(
    private readonly access: StreamAccess,
    private readonly health: StreamHealth,
  ) {}

  @Get()
  @Operation({
    id: 'getStreamHealth',
    tag: 'streams',
    summary: 'How a stream is or was: a status, what is wrong with its fix, and what was measured',
    response: streamHealthWire,
    problems: { 404: 'No such stream' },
  })
  async one(
    @Param({ schema: idParams }) params: IdParams,
    @Query({ schema: streamHealthQuery }) query: StreamHealthQuery,
    @Req() request: Request,
  ): Promise<StreamHealthWire> {
    await this.access.one(params.id, principalOf(request));
    const judged = await this.health.of(params.id, query.at === undefined ? null : new Date(query.at));
    if (judged === null) throw apiError('VD_API_NOT_FOUND', `No stream ${params.id}.`);
    return healthOnWire(judged);
  }
}
