import { Body, Controller, Get, Inject, Param, Put, Req } from '@nestjs/common';
import type { Request } from 'express';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { RetentionReads } from '../../persistence/retention/retention-reads.js';
import { type StreamRetention, StreamRetentions } from '../../persistence/retention/stream-retention.js';
import { DAY_MS } from '../../plugin-api/index.js';
import { limitsOf, type StreamLimits } from '../../retention/stream-limits.js';
import { retentionProblems } from '../../retention/reports.js';
import { StorageOutlook } from '../../retention/storage-outlook.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import * as wire from '../../wire/retention.wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { Operation } from '../openapi/operation.js';
import { StreamAccess } from './stream-access.js';

/** What is kept for how long, by default and of each stream. */
@Controller('api')
export class RetentionController {
  constructor(
    private readonly outlook: StorageOutlook,
    private readonly reads: RetentionReads,
    private readonly retentions: StreamRetentions,
    private readonly access: StreamAccess,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
  ) {}

  @Get('retention')
  @RequireRole('admin')
  @Operation({
    id: 'getRetention',
    tag: 'retention',
    summary: 'How full the disks are and how long they last, what went and why, and what is wrong',
    response: wire.retentionWire,
  })
  async status(): Promise<wire.RetentionWire> {
    const nowMs = Date.now();
    const [places, reports, purged] = await Promise.all([
      this.outlook.places(nowMs),
      this.outlook.reports(nowMs),
      this.reads.purgedSince(nowMs - DAY_MS),
    ]);
    return {
      defaults: limitsWireOf(limitsOf(this.config.retention)),
      places,
      nodes: reports.media.map(({ nodeName, level, overBytes, undeletedFiles, lostSegments, scan }) => ({
        ...{ name: nodeName, level, overBytes, undeletedFiles, lostSegments },
        presenceScannedAt: isoOrNull(scan?.presence.endedMs ?? null),
        contentsScannedAt: isoOrNull(scan?.contents.endedMs ?? null),
      })),
      oldestResultsDay: reports.ledger?.oldestDay ?? null,
      purgedLastDay: sumsOf(purged),
      problems: retentionProblems(reports),
    };
  }

  @Get('streams/:id/retention')
  @Operation({
    id: 'getStreamRetention',
    tag: 'retention',
    summary: 'What of a stream is kept for how long, and how much there is',
    response: wire.streamRetentionWire,
    problems: { 404: 'No such stream' },
  })
  async ofStream(@Param({ schema: idParams }) params: IdParams, @Req() request: Request): Promise<wire.StreamRetentionWire> {
    await this.access.one(params.id, principalOf(request));
    return this.describe(params.id, await this.retentions.of(params.id));
  }

  @Put('streams/:id/retention')
  @Operation({
    id: 'setStreamRetention',
    tag: 'retention',
    summary: "Replace what a stream has for itself; what is not given is the config's again. What is too much then goes within a minute",
    response: wire.streamRetentionWire,
    problems: { 404: 'No such stream' },
  })
  async set(
    @Param({ schema: idParams }) params: IdParams,
    @Body({ schema: wire.retentionBody }) body: wire.RetentionBody,
    @Req() request: Request,
  ): Promise<wire.StreamRetentionWire> {
    await this.access.one(params.id, principalOf(request));
    await this.retentions.set(params.id, body, actorOf(request));
    return this.describe(params.id, body);
  }

  private async describe(streamId: string, own: StreamRetention): Promise<wire.StreamRetentionWire> {
    const { bytes, segments, lost, heldBytes, oldestMs, newestMs } = await this.reads.useOf(streamId);
    return {
      own,
      effective: limitsWireOf(limitsOf(this.config.retention, own)),
      use: { bytes, segments, lostSegments: lost, heldBytes, oldestAt: isoOrNull(oldestMs), newestAt: isoOrNull(newestMs) },
    };
  }
}

const limitsWireOf = (limits: StreamLimits): wire.RetentionWire['defaults'] => ({ ...limits, events: [...limits.events] });

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Of all keepers together. */
function sumsOf(purged: Awaited<ReturnType<RetentionReads['purgedSince']>>): wire.RetentionWire['purgedLastDay'] {
  return [...Map.groupBy(purged, ({ what, why }) => `${what} ${why}`).values()].map((same) => ({
    what: same[0]!.what,
    why: same[0]!.why,
    items: same.reduce((sum, { items }) => sum + items, 0),
    bytes: same.reduce((sum, { bytes }) => sum + bytes, 0),
  }));
}
