import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { BackfillStore } from '../../persistence/backfill/backfill-store.js';
import { BrandLibrary } from '../../references/brand-library.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { Backfills, backfillWireOf } from './backfills.js';
import { brandOnWire } from './brand-on-wire.js';
import { backfillWire, type BackfillWire, findBrandBody, type FindBrandBody } from '../../wire/backfills.wire.js';
import * as brands from '../../wire/brands.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';

const NOT_FOUND = { 404: 'No such brand' };

/** What is looked for, by name. */
@Controller('api/brands')
export class BrandsController {
  constructor(
    private readonly library: BrandLibrary,
    private readonly jobs: BackfillStore,
    private readonly backfills: Backfills,
  ) {}

  @Get()
  @Operation({ id: 'listBrands', tag: 'brands', summary: 'Every brand with its images, by name', response: pageOf(brands.brandWire) })
  async list(@Query({ schema: brands.deletedQuery }) query: brands.DeletedQuery, @Req() request: Request): Promise<Page<brands.BrandWire>> {
    const { role } = principalOf(request);
    return {
      items: (await this.library.store.list({ deleted: query.deleted === 'true' })).map((brand) => brandOnWire(brand, role)),
      next: null,
    };
  }

  @Post()
  @Operation({
    id: 'createBrand',
    tag: 'brands',
    summary: 'Make a brand, from an icon if wanted',
    response: brands.brandWire,
    status: 201,
    problems: { 404: 'No such icon', 409: 'The name is taken, or the icon looks like another brand' },
  })
  async create(@Body({ schema: brands.newBrandBody }) body: brands.NewBrandBody, @Req() request: Request): Promise<brands.BrandWire> {
    return brandOnWire(await this.library.create(actorOf(request), body), 'admin');
  }

  @Get(':id')
  @Operation({ id: 'getBrand', tag: 'brands', summary: 'One brand', response: brands.brandWire, problems: NOT_FOUND })
  async one(@Param({ schema: brands.brandParams }) params: brands.BrandParams, @Req() request: Request): Promise<brands.BrandWire> {
    return brandOnWire(await this.library.store.one(params.id), principalOf(request).role);
  }

  @Patch(':id')
  @Operation({
    id: 'updateBrand',
    tag: 'brands',
    summary: 'Rename a brand, change its colour, or switch it on and off',
    response: brands.brandWire,
    problems: { ...NOT_FOUND, 409: 'The name is taken' },
  })
  async update(
    @Param({ schema: brands.brandParams }) params: brands.BrandParams,
    @Body({ schema: brands.brandPatch }) body: brands.BrandPatch,
    @Req() request: Request,
  ): Promise<brands.BrandWire> {
    return brandOnWire(await this.library.update(actorOf(request), params.id, body), 'admin');
  }

  @Post(':id/find')
  @HttpCode(202)
  @Operation({
    id: 'findBrand',
    tag: 'brands',
    summary: 'Look for it in what was recorded: a backfill of the analyzer that looks for brands',
    response: backfillWire,
    status: 202,
    problems: { ...NOT_FOUND, 409: 'Nothing to analyse, or too many backfills' },
  })
  async find(
    @Param({ schema: brands.brandParams }) params: brands.BrandParams,
    @Body({ schema: findBrandBody }) body: FindBrandBody,
    @Req() request: Request,
  ): Promise<BackfillWire> {
    const principal = principalOf(request);
    const { name } = await this.library.store.one(params.id);
    return backfillWireOf(
      await this.jobs.create(await this.backfills.askedForBrand(name, body, principal), actorOf(request)),
      principal.role,
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({ id: 'deleteBrand', tag: 'brands', summary: 'Remove a brand; it can be brought back', status: 204, problems: NOT_FOUND })
  async remove(@Param({ schema: brands.brandParams }) params: brands.BrandParams, @Req() request: Request): Promise<void> {
    await this.library.remove(actorOf(request), params.id);
  }

  @Post(':id/restore')
  @HttpCode(200)
  @Operation({
    id: 'restoreBrand',
    tag: 'brands',
    summary: 'Bring a removed brand back, with its images',
    response: brands.brandWire,
    problems: { 404: 'No such removed brand', 409: 'Its name or look is taken meanwhile' },
  })
  async restore(
    @Param({ schema: brands.brandParams }) params: brands.BrandParams,
    @Query({ schema: brands.restoreQuery }) query: brands.RestoreQuery,
    @Req() request: Request,
  ): Promise<brands.BrandWire> {
    return brandOnWire(
      await this.library.restore(actorOf(request), params.id, { allowDuplicate: query.allowDuplicate === 'true' }),
      'admin',
    );
  }
}
