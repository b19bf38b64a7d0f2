import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BrandLibrary } from '../../references/brand-library.js';
import { sendImage } from '../http/send-image.js';
import { Operation } from '../openapi/operation.js';
import { iconOnWire } from './brand-on-wire.js';
import * as brands from '../../wire/brands.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';

/** Brands that the package simple-icons knows, to begin with. */
@Controller('api/brand-icons')
export class BrandIconsController {
  constructor(private readonly library: BrandLibrary) {}

  @Get()
  @Operation({
    id: 'searchBrandIcons',
    tag: 'brands',
    summary: 'Icons whose name matches, best first, at most 50',
    response: pageOf(brands.brandIconWire),
  })
  async search(@Query({ schema: brands.iconQuery }) query: brands.IconQuery): Promise<Page<brands.BrandIconWire>> {
    return { items: (await this.library.icons.search(query.query)).map(iconOnWire), next: null };
  }

  @Get(':slug/image')
  @Operation({
    id: 'brandIconImage',
    tag: 'brands',
    summary: 'An icon in its colour',
    produces: ['image/svg+xml'],
    problems: { 404: 'No such icon' },
  })
  async image(
    @Param({ schema: brands.iconParams }) params: brands.IconParams,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { svg } = await this.library.icons.one(params.slug);
    // Another version of the package may draw it anew.
    sendImage(request, response, 'image/svg+xml', `"${Buffer.byteLength(svg).toString(36)}-${params.slug}"`, svg);
  }
}
