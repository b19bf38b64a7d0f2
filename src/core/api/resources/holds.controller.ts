import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { apiError } from '../../errors/api.errors.js';
import { retentionError } from '../../errors/retention.errors.js';
import { type Hold, HoldStore, type NewHold } from '../../persistence/retention/hold-store.js';
import { StreamRetentions } from '../../persistence/retention/stream-retention.js';
import { limitsOf } from '../../retention/stream-limits.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import * as wire from '../../wire/retention.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { Operation } from '../openapi/operation.js';
import { StreamAccess } from './stream-access.js';

/** What people keep from being deleted, or have kept for longer. */
@Controller('api/streams/:id/holds')
export class HoldsController {
  constructor(
    private readonly holds: HoldStore,
    private readonly retentions: StreamRetentions,
    private readonly access: StreamAccess,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  @Get()
  @Operation({
    id: 'listHolds',
    tag: 'retention',
    summary: "A stream's holds and marks: those in force first, the newest first",
    response: pageOf(wire.holdWire),
    problems: { 404: 'No such stream' },
  })
  async list(@Param({ schema: idParams }) params: IdParams, @Req() request: Request): Promise<Page<wire.HoldWire>> {
    await this.access.evenRemoved(params.id, principalOf(request));
    return { items: (await this.holds.list(params.id)).map(holdWireOf), next: null };
  }

  @Post()
  @Operation({
    id: 'createHold',
    tag: 'retention',
    summary: 'Hold or mark a range or an event; from the answer on nothing of it is deleted',
    response: wire.newHoldWire,
    status: 201,
    problems: { 404: 'No such stream or event', 409: 'Too many holds' },
  })
  async create(
    @Param({ schema: idParams }) params: IdParams,
    @Body({ schema: wire.holdBody }) body: wire.HoldBody,
    @Req() request: Request,
  ): Promise<wire.NewHoldWire> {
    await this.access.evenRemoved(params.id, principalOf(request));
    const range = await this.rangeOf(params.id, body);
    const { hold, covered } = await this.holds.make({ streamId: params.id, kind: body.kind, why: body.why, range }, actorOf(request));
    return { ...holdWireOf(hold), covered };
  }

  @Post(':holdId/release')
  @HttpCode(200)
  @Operation({
    id: 'releaseHold',
    tag: 'retention',
    summary: 'End a hold or a mark; what it kept goes by the limits again',
    response: wire.holdWire,
    problems: { 404: 'No such hold in force' },
  })
  async release(
    @Param({ schema: wire.holdParams }) params: wire.HoldPathParams,
    @Body({ schema: wire.releaseBody }) body: wire.ReleaseBody,
    @Req() request: Request,
  ): Promise<wire.HoldWire> {
    await this.access.evenRemoved(params.id, principalOf(request));
    const released = await this.holds.release(params.id, params.holdId, body.why, actorOf(request));
    if (released === null) throw apiError('VD_API_NOT_FOUND', `Stream ${params.id} has no hold ${params.holdId} in force.`);
    return holdWireOf(released);
  }

  private async rangeOf(streamId: string, { from, to, eventId }: wire.HoldBody): Promise<NewHold['range']> {
    if (eventId !== undefined && from === undefined && to === undefined) {
      return { eventId, marginMs: limitsOf(this.config.retention, await this.retentions.of(streamId)).eventMarginMs };
    }
    if (eventId !== undefined || from === undefined || to === undefined)
      throw retentionError('VD_RETENTION_RANGE_INVALID', 'from: give `from` and `to`, or `eventId` alone');
    return { fromMs: Date.parse(from), toMs: Date.parse(to) };
  }
}

function holdWireOf({ fromMs, toMs, madeAtMs, releasedAtMs, ...hold }: Hold): wire.HoldWire {
  return {
    ...hold,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    madeAt: new Date(madeAtMs).toISOString(),
    releasedAt: releasedAtMs === null ? null : new Date(releasedAtMs).toISOString(),
  };
}
