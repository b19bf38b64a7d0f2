import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { brandError } from '../../errors/brand.errors.js';
import { BrandLibrary } from '../../references/brand-library.js';
import { MAX_IMAGE_BYTES } from '../../references/reader/reader-protocol.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { requestBytes } from '../http/request-bytes.js';
import { sendImage } from '../http/send-image.js';
import { Operation } from '../openapi/operation.js';
import { referenceOnWire, visibleReferences } from './brand-on-wire.js';
import * as brands from '../../wire/brands.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { StreamAccess } from './stream-access.js';

const NOT_FOUND = { 404: 'No such image' };
const REFUSALS = {
  404: 'No such brand',
  409: 'The image is known, another brand’s, or one too many',
  413: 'The image is too large',
  422: 'The image cannot be used; the code says why',
};

/** The images that a brand is known by. */
@Controller('api/brands/:id/references')
export class BrandReferencesController {
  constructor(
    private readonly library: BrandLibrary,
    private readonly access: StreamAccess,
  ) {}

  @Get()
  @Operation({
    id: 'listReferences',
    tag: 'brands',
    summary: 'Images of a brand, oldest first',
    response: pageOf(brands.referenceWire),
    problems: { 404: 'No such brand' },
  })
  async list(
    @Param({ schema: brands.brandParams }) params: brands.BrandParams,
    @Query({ schema: brands.deletedQuery }) query: brands.DeletedQuery,
    @Req() request: Request,
  ): Promise<Page<brands.ReferenceWire>> {
    return {
      items: visibleReferences(
        await this.library.store.references(params.id, { deleted: query.deleted === 'true' }),
        principalOf(request).role,
      ),
      next: null,
    };
  }

  @Post()
  @Operation({
    id: 'addReference',
    tag: 'brands',
    summary: 'Add an image, sent as the body itself; or an icon, without a body',
    response: brands.referenceWire,
    status: 201,
    consumes: ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'],
    problems: REFUSALS,
  })
  async add(
    @Param({ schema: brands.brandParams }) params: brands.BrandParams,
    @Query({ schema: brands.uploadQuery }) query: brands.UploadQuery,
    @Req() request: Request,
  ): Promise<brands.ReferenceWire> {
    const actor = actorOf(request);
    const options = {
      variant: query.variant,
      keepBackground: query.keepBackground === 'true',
      allowDuplicate: query.allowDuplicate === 'true',
    };
    if (query.icon !== undefined) return referenceOnWire(await this.library.addIcon(actor, params.id, query.icon, options));
    const bytes = await requestBytes(request, MAX_IMAGE_BYTES);
    if (bytes === null) throw brandError('VD_BRAND_IMAGE_TOO_LARGE', `The body has more than ${MAX_IMAGE_BYTES} bytes.`);
    return referenceOnWire(await this.library.addUpload(actor, params.id, bytes, options));
  }

  @Post('from-frame')
  @Operation({
    id: 'addReferenceFromFrame',
    tag: 'brands',
    summary: 'Add what a box holds of the frame on show at a time',
    response: brands.referenceWire,
    status: 201,
    problems: { ...REFUSALS, 410: 'The media is no longer kept' },
  })
  async addFromFrame(
    @Param({ schema: brands.brandParams }) params: brands.BrandParams,
    @Body({ schema: brands.fromFrameBody }) body: brands.FromFrameBody,
    @Req() request: Request,
  ): Promise<brands.ReferenceWire> {
    const principal = principalOf(request);
    await this.access.one(body.streamId, principal);
    const { variant, allowDuplicate, ...frame } = body;
    return referenceOnWire(await this.library.addFromFrame(actorOf(request), params.id, frame, { variant, allowDuplicate }));
  }

  @Patch(':referenceId')
  @Operation({
    id: 'updateReference',
    tag: 'brands',
    summary: 'Rename an image, or switch it on and off',
    response: brands.referenceWire,
    problems: NOT_FOUND,
  })
  async update(
    @Param({ schema: brands.referenceParams }) params: brands.ReferenceParams,
    @Body({ schema: brands.referencePatch }) body: brands.ReferencePatch,
    @Req() request: Request,
  ): Promise<brands.ReferenceWire> {
    return referenceOnWire(await this.library.updateReference(actorOf(request), params.id, params.referenceId, body));
  }

  @Delete(':referenceId')
  @HttpCode(204)
  @Operation({ id: 'deleteReference', tag: 'brands', summary: 'Remove an image; it can be brought back', status: 204, problems: NOT_FOUND })
  async remove(@Param({ schema: brands.referenceParams }) params: brands.ReferenceParams, @Req() request: Request): Promise<void> {
    await this.library.removeReference(actorOf(request), params.id, params.referenceId);
  }

  @Post(':referenceId/restore')
  @HttpCode(200)
  @Operation({
    id: 'restoreReference',
    tag: 'brands',
    summary: 'Bring a removed image back',
    response: brands.referenceWire,
    problems: { 404: 'No such removed image', 409: 'Its look is taken meanwhile' },
  })
  async restore(
    @Param({ schema: brands.referenceParams }) params: brands.ReferenceParams,
    @Query({ schema: brands.restoreQuery }) query: brands.RestoreQuery,
    @Req() request: Request,
  ): Promise<brands.ReferenceWire> {
    return referenceOnWire(
      await this.library.restoreReference(actorOf(request), params.id, params.referenceId, {
        allowDuplicate: query.allowDuplicate === 'true',
      }),
    );
  }

  @Get(':referenceId/image')
  @Operation({
    id: 'referenceImage',
    tag: 'brands',
    summary: 'The image as analyzers see it',
    produces: ['image/png'],
    problems: NOT_FOUND,
  })
  async image(
    @Param({ schema: brands.referenceParams }) params: brands.ReferenceParams,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { png, isPrivate } = await this.library.store.png(params.id, params.referenceId);
    if (isPrivate && principalOf(request).role !== 'admin')
      throw brandError('VD_BRAND_IMAGE_NOT_FOUND', `No image ${params.referenceId} of this brand.`);
    sendImage(request, response, 'image/png', `"${params.referenceId}"`, png);
  }
}
