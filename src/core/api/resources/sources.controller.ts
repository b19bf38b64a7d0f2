import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { Request } from 'express';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { adapterParams, type AdapterParams } from '../../wire/inputs.js';
import { sourceAdapterWire, sourceDevicesWire, type SourceAdapterWire, type SourceDevicesWire } from '../../wire/sources.wire.js';
import { RequireRole } from '../auth/access.js';
import { pageOf, type Page } from '../../wire/wire.js';
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
  list(@Req() request: Request): Page<SourceAdapterWire> {
    const hostName = askedHostName(request);
    return { items: this.registry.sources.map((source) => adapterOnWire(source, hostName)), next: null };
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
