import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { PublishRefusals } from '../../persistence/access/publish-refusals.js';
import { SystemReads } from '../../persistence/read/system-reads.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { adapterParams, type AdapterParams } from '../../wire/inputs.js';
import {
  publishRefusalWire,
  refusalsQuery,
  sourceAdapterWire,
  sourceDevicesWire,
  type PublishRefusalWire,
  type RefusalsQuery,
  type SourceAdapterWire,
  type SourceDevicesWire,
} from '../../wire/sources.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { askedHostName } from '../http/asked-host-name.js';
import { Operation } from '../openapi/operation.js';
import { adapterOnWire } from './adapter-on-wire.js';
import { SourceDevices } from './source-devices.js';

/** The ways for media to come in. */
@Controller('api/sources')
export class SourcesController {
  private readonly devices: SourceDevices;

  constructor(
    private readonly registry: PluginRegistry,
    private readonly refusals: PublishRefusals,
    private readonly system: SystemReads,
    @Inject(VEDETTE_CONFIG) config: VedetteConfig,
  ) {
    this.devices = SourceDevices.of(registry, config.packaging.ffmpegPath);
  }

  @Get()
  @Operation({
    id: 'listSources',
    tag: 'sources',
    summary: 'The source adapters there are, what they are configured with, and where publishers send to',
    response: pageOf(sourceAdapterWire),
  })
  async list(@Req() request: Request): Promise<Page<SourceAdapterWire>> {
    const [hostName, isAdmin] = [askedHostName(request), principalOf(request).role === 'admin'];
    const listeners = (await this.system.listeners()).map((each) => (isAdmin ? each : { ...each, detail: null }));
    return { items: this.registry.sources.map((source) => adapterOnWire(source, hostName, listeners)), next: null };
  }

  @Get('refusals')
  @RequireRole('admin')
  @Operation({
    id: 'listPublishRefusals',
    tag: 'sources',
    summary: 'Publishers that were refused lately, added up by address and reason, with what to do about it; newest first',
    response: pageOf(publishRefusalWire),
  })
  async refused(@Query({ schema: refusalsQuery }) query: RefusalsQuery): Promise<Page<PublishRefusalWire>> {
    return { items: await this.refusals.list(query), next: null };
  }

  @Get(':id/devices')
  @RequireRole('admin')
  @Operation({
    id: 'listSourceDevices',
    tag: 'sources',
    summary: 'What a source adapter can open on the machine of the API role, and in which modes',
    response: sourceDevicesWire,
    problems: { 404: 'No such adapter, or it opens no devices' },
  })
  listDevices(@Param({ schema: adapterParams }) { id }: AdapterParams): Promise<SourceDevicesWire> {
    return this.devices.list(id);
  }
}
