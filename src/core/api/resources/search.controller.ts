import { Controller, Get, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { DAY_MS } from '../../plugin-api/index.js';
import { SEARCH_KINDS, searchQuery, searchWire, type SearchQuery, type SearchWire } from '../../wire/search.wire.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { Operation } from '../openapi/operation.js';
import { Search } from './search.js';
import { StreamAccess } from './stream-access.js';
import { clockRange } from './timeline-range.js';

/** Widest range of one search. */
const SEARCH_SPAN_MS = 31 * DAY_MS;
const SLOTS = { atOnce: 4, perToken: 2, waitingPerToken: 4 };

/** Words in everything that was found. */
@Controller('api/search')
export class SearchController {
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Search: ${detail}`));

  constructor(
    private readonly access: StreamAccess,
    private readonly search: Search,
  ) {}

  @Get()
  @Operation({
    id: 'search',
    tag: 'events',
    summary: 'Brands, events, texts and labels by a part of their words, each with the moment at which it was to be seen',
    response: searchWire,
    problems: { 404: 'No such stream', 503: 'Too many searches at once, or the query was ended after its time limit' },
  })
  async find(@Query({ schema: searchQuery }) query: SearchQuery, @Req() request: Request): Promise<SearchWire> {
    const principal = principalOf(request);
    const { q, streamId, kind: kinds = SEARCH_KINDS, limit } = query;
    const nowMs = Date.now();
    const { fromUs = 0, toUs = nowMs * 1000 } = clockRange(query, SEARCH_SPAN_MS, nowMs);
    const views = await this.access.several(streamId, principal);
    return this.slots.run(askerOf(request), async () => {
      const groups: SearchWire['groups'] = [];
      for (const kind of SEARCH_KINDS.filter((one) => kinds.includes(one)))
        groups.push({ kind, ...(await this.search.of(kind, { query: q, views, userId: principal.userId, fromUs, toUs, limit })) });
      return { from: new Date(fromUs / 1000).toISOString(), to: new Date(toUs / 1000).toISOString(), groups };
    });
  }
}
