import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { sourceAdapterWire, type SourceAdapterWire } from '../../wire/sources.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { askedHostName } from '../http/asked-host-name.js';
import { Operation } from '../openapi/operation.js';
import { adapterOnWire } from './adapter-on-wire.js';

/** The ways for media to come in. */
@Controller('api/sources')
export class SourcesController {
  constructor(private readonly registry: PluginRegistry) {}

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
}
