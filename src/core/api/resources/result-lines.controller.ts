import { Controller, Get, Logger, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { errorText } from '../../plugin-api/error.js';
import { DAY_MS } from '../../plugin-api/index.js';
import { resultLinesQuery, type ResultLinesQuery } from '../../wire/exports.wire.js';
import * as inputs from '../../wire/inputs.js';
import { principalOf } from '../auth/principal.js';
import { askerOf } from '../http/asker.js';
import { FairSlots } from '../http/fair-slots.js';
import { sendPieces } from '../http/send-pieces.js';
import { Operation } from '../openapi/operation.js';
import { KnownNames } from './known-names.js';
import { ResultLines, type ResultLine } from './result-lines.js';
import { StreamAccess } from './stream-access.js';

/** Widest range of one answer. */
const SPAN_DAYS = 7;
const SLOTS = { atOnce: 8, perToken: 2, waitingPerToken: 2 };

/** Everything that was found in a range, for other programs. */
@Controller('api/streams/:id')
export class ResultLinesController {
  private readonly logger = new Logger(ResultLinesController.name);
  private readonly slots = new FairSlots(SLOTS, (detail) => apiError('VD_API_BUSY', `Results as lines: ${detail}`));

  constructor(
    private readonly access: StreamAccess,
    private readonly lines: ResultLines,
    private readonly names: KnownNames,
  ) {}

  @Get('results.jsonl')
  @Operation({
    id: 'resultLines',
    tag: 'timeline',
    summary: 'Results of up to 7 days in the order of their moments, as JSON Lines: one result each, with `kind`, `at` and `ptsUs`',
    produces: ['application/x-ndjson'],
    problems: { 404: 'No such stream', 503: 'Too many such requests at once, or the query was ended after its time limit' },
  })
  async read(
    @Param({ schema: inputs.idParams }) { id: streamId }: inputs.IdParams,
    @Query({ schema: resultLinesQuery }) query: ResultLinesQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.access.one(streamId, principalOf(request));
    const { from: fromMs, to: toMs = Date.now(), analyzerId, kind } = query;
    refuseBadRange(fromMs, toMs);
    const range = { streamId, fromUs: fromMs * 1000, toUs: toMs * 1000, analyzerId };
    await this.slots.run(askerOf(request), async () => {
      const pieces = this.texts(this.lines.read(range, kind), analyzerId);
      await sendPieces(request, response, 'application/x-ndjson', pieces).catch((error: unknown) => {
        if (!response.headersSent) throw error;
        this.logger.error(`Results of stream ${streamId} were cut off: ${errorText(error)}`);
      });
    });
  }

  private async *texts(pieces: AsyncIterable<readonly ResultLine[]>, analyzerId: string | undefined): AsyncGenerator<string, void, void> {
    let isEmpty = true;
    for await (const items of pieces) {
      if (items.length === 0) continue;
      isEmpty = false;
      yield items.map((item) => `${JSON.stringify(item)}\n`).join('');
    }
    if (isEmpty) await this.names.explain({ analyzerId }, Promise.resolve({ items: [] }));
  }
}

function refuseBadRange(fromMs: number, toMs: number): void {
  if (fromMs >= toMs) throw apiError('VD_API_INVALID', 'from: does not lie before `to`');
  if (toMs - fromMs <= SPAN_DAYS * DAY_MS) return;
  throw apiError(
    'VD_API_RANGE_TOO_WIDE',
    `The range is ${((toMs - fromMs) / DAY_MS).toFixed(1)} days; at most ${SPAN_DAYS} are given at once.`,
  );
}
