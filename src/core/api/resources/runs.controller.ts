import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { apiError } from '../../errors/api.errors.js';
import { queueError } from '../../errors/queue.errors.js';
import { RunOperations } from '../../persistence/ledger/run-operations.js';
import * as wire from '../../wire/queues.wire.js';
import { actorOf } from '../auth/request-actor.js';
import { Operation } from '../openapi/operation.js';
import { RetriedRuns } from './retried-runs.js';

/** One run of the ledger. */
@Controller('api/runs')
export class RunsController {
  constructor(
    private readonly runs: RunOperations,
    private readonly retries: RetriedRuns,
  ) {}

  @Post(':id/retry')
  @HttpCode(200)
  @Operation({
    id: 'retryRun',
    tag: 'system',
    summary: 'Let a run that failed or was skipped wait for its turn again',
    response: wire.retriedWire,
    problems: { 404: 'No such run, or one of long ago', 409: 'It neither failed nor was skipped' },
  })
  async retry(@Param({ schema: wire.runParams }) { id }: wire.RunParams, @Req() request: Request): Promise<wire.RetriedWire> {
    const found = await this.runs.choiceOf(id);
    if (found === null) throw apiError('VD_API_NOT_FOUND', `There is no run ${id}, or it is of long ago: analyse its range again instead.`);
    const { queue, state } = found;
    if (state !== 'failed' && state !== 'skipped') throw queueError('VD_RUN_STATE', `Run ${id} is ${state}`);
    return this.retries.retry({ queue, state, runId: id }, actorOf(request));
  }
}
