import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { BrandSightings } from '../../persistence/read/brand-sightings.js';
import { BrandLibrary } from '../../references/brand-library.js';
import { brandSightingWire, type BrandSightingWire } from '../../wire/brands.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { StreamAccess } from './stream-access.js';

/** Where and when brands were last seen. */
@Controller('api/brand-sightings')
export class BrandSightingsController {
  constructor(
    private readonly library: BrandLibrary,
    private readonly access: StreamAccess,
    private readonly sightings: BrandSightings,
  ) {}

  @Get()
  @Operation({
    id: 'listBrandSightings',
    tag: 'brands',
    summary: 'When each brand was last seen, the latest first; brands that never were are left out',
    response: pageOf(brandSightingWire),
    problems: { 503: 'The query was ended after its time limit' },
  })
  async list(@Req() request: Request): Promise<Page<BrandSightingWire>> {
    const [brands, streams] = await Promise.all([this.library.store.list(), this.access.list(principalOf(request))]);
    const [brandIds, streamIds] = [brands.map(({ id }) => id), streams.map(({ wire: { id } }) => id)];
    return { items: await this.sightings.last(brandIds, streamIds), next: null };
  }
}
