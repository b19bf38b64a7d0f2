import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { brandError } from '../../errors/brand.errors.js';
import { BrandLibrary } from '../../references/brand-library.js';
import { MAX_IMAGE_BYTES } from '../../references/reader/reader-protocol.js';
import { brandTrialWire, tryQuery, type BrandTrialWire, type TryQuery } from '../../wire/brands.wire.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { requestBytes } from '../http/request-bytes.js';
import { Operation } from '../openapi/operation.js';
import { BrandTrials } from './brand-trials.js';
import { StreamAccess } from './stream-access.js';

/** Whether an image finds its logo, before it is kept. */
@Controller('api/brands/try')
export class BrandTrialsController {
  constructor(
    private readonly library: BrandLibrary,
    private readonly access: StreamAccess,
    private readonly trials: BrandTrials,
  ) {}

  @Post()
  @HttpCode(200)
  @Operation({
    id: 'tryReference',
    tag: 'brands',
    summary: 'Look for an image, sent as the body itself, in recorded media: around a moment, or the last ten seconds. Nothing is kept',
    response: brandTrialWire,
    consumes: ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'],
    problems: {
      404: 'No such stream or icon, or no media',
      409: 'Nothing looks for brands',
      413: 'The image is too large',
      422: 'The image cannot be used; the code says why',
      502: 'The analyzer could not do it',
      503: 'Too many trials at once',
    },
  })
  async run(@Query({ schema: tryQuery }) query: TryQuery, @Req() request: Request): Promise<BrandTrialWire> {
    await this.access.one(query.streamId, principalOf(request));
    const given = query.icon === undefined ? await requestBytes(request, MAX_IMAGE_BYTES) : { icon: query.icon };
    if (given === null) throw brandError('VD_BRAND_IMAGE_TOO_LARGE', `The body has more than ${MAX_IMAGE_BYTES} bytes.`);
    const image = await this.library.candidate(given, { keepBackground: query.keepBackground === 'true' });
    return this.trials.run(askerOf(request), image, query);
  }
}
