import { Controller, Get, Param, Query } from '@nestjs/common';
import { apiError } from '../../errors/api.errors.js';
import { nothingNamed } from './known-names.js';
import { RequireRole } from '../auth/access.js';
import { QueueFiguresSource } from '../../queue/queue-figures-source.js';
import { Operation } from '../openapi/operation.js';
import { failedQuery, queueParams, type FailedQuery, type QueueParams } from '../../wire/inputs.js';
import { failedJobWire, pageOf, queueWire, type FailedJobWire, type Page, type QueueWire } from '../../wire/wire.js';

@Controller('api/queues')
export class QueuesController {
  constructor(private readonly queues: QueueFiguresSource) {}

  @Get()
  @Operation({ id: 'listQueues', tag: 'system', summary: 'Figures of every queue', response: pageOf(queueWire) })
  async list(): Promise<Page<QueueWire>> {
    return { items: await this.queues.figures(), next: null };
  }

  @Get(':name/failed')
  @RequireRole('admin')
  @Operation({
    id: 'listFailedJobs',
    tag: 'system',
    summary: 'Jobs that failed for good, newest first',
    response: pageOf(failedJobWire),
    problems: { 404: 'No such queue' },
  })
  async failed(
    @Param({ schema: queueParams }) params: QueueParams,
    @Query({ schema: failedQuery }) query: FailedQuery,
  ): Promise<Page<FailedJobWire>> {
    const items = await this.queues.failed(params.name, query.limit);
    if (items === null)
      throw apiError(
        'VD_API_NOT_FOUND',
        `Queues: ${nothingNamed(
          params.name,
          (await this.queues.figures()).map(({ name }) => name),
        )}`,
      );
    return { items, next: null };
  }
}
