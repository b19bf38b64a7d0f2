import { Controller, Get, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { TextReads } from '../../persistence/read/text-reads.js';
import { DAY_MS } from '../../plugin-api/index.js';
import { textQuery, textWire, type TextQuery, type TextWire } from '../../wire/texts.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { principalOf } from '../auth/principal.js';
import { Operation } from '../openapi/operation.js';
import { KnownNames } from './known-names.js';
import { StreamAccess } from './stream-access.js';
import { clockRange } from './timeline-range.js';

/** Widest range of one search. */
const SEARCH_SPAN_MS = 31 * DAY_MS;

/** What was written on screen, on any stream. */
@Controller('api/texts')
export class TextsController {
  constructor(
    private readonly access: StreamAccess,
    private readonly texts: TextReads,
    private readonly names: KnownNames,
  ) {}

  @Get()
  @Operation({
    id: 'searchTexts',
    tag: 'timeline',
    summary: 'Texts read in pictures, by what they say; of the last 31 days where no range is given',
    response: pageOf(textWire),
    problems: { 404: 'No such stream', 503: 'The query was ended after its time limit' },
  })
  async search(@Query({ schema: textQuery }) query: TextQuery, @Req() request: Request): Promise<Page<TextWire>> {
    const principal = principalOf(request);
    const views = await this.access.several(query.streamId === undefined ? undefined : [query.streamId], principal);
    const { analyzerId, after, limit, order, match } = query;
    const texts = this.texts.search({
      ...clockRange(query, SEARCH_SPAN_MS),
      streamIds: views.map(({ wire }) => wire.id),
      analyzerId,
      query: query.query,
      atBeginning: match === 'beginning',
      after,
      limit,
      descending: order !== 'asc',
    });
    return this.names.explain(query, texts);
  }
}
