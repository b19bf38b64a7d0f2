import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { Actor } from '../../audit/actor.js';
import { apiError } from '../../errors/api.errors.js';
import { QueueControls } from '../../persistence/ledger/queue-controls.js';
import { MOST_RUNS, RunOperations } from '../../persistence/ledger/run-operations.js';
import { RunLedger } from '../../persistence/ledger/run-ledger.js';
import { pageOfRows } from '../../persistence/read/page-of-rows.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { QueueBell } from '../../queue/queue-bell.js';
import { QueueFiguresSource } from '../../queue/queue-figures-source.js';
import { failedQuery, queueParams, type FailedQuery, type QueueParams } from '../../wire/inputs.js';
import { cursorParts } from '../../wire/list-cursor.js';
import * as wire from '../../wire/queues.wire.js';
import { failedJobWire, pageOf, queueWire, type FailedJobWire, type Page, type QueueWire } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { Operation } from '../openapi/operation.js';
import { nothingNamed } from './known-names.js';
import { QueueReports } from './queue-reports.js';
import { RetriedRuns } from './retried-runs.js';

const NOT_FOUND = { 404: 'No such queue' };

/** How queues do, and what people do about them. */
@Controller('api/queues')
export class QueuesController {
  constructor(
    private readonly queues: QueueFiguresSource,
    private readonly reports: QueueReports,
    private readonly controls: QueueControls,
    private readonly runs: RunOperations,
    private readonly retries: RetriedRuns,
    private readonly ledger: RunLedger,
    @Inject(QueueBell) private readonly bell: Pick<QueueBell, 'ringLanes'>,
    private readonly registry: PluginRegistry,
  ) {}

  @Get()
  @Operation({ id: 'listQueues', tag: 'system', summary: 'Figures of every queue', response: pageOf(queueWire) })
  async list(): Promise<Page<QueueWire>> {
    return { items: await this.queues.figures(), next: null };
  }

  @Get('reports')
  @Operation({
    id: 'listQueueReports',
    tag: 'system',
    summary: 'How every queue does: what waits and for how long, how fast it goes, what fails, and one sentence that sums it up',
    response: pageOf(wire.queueReportWire),
  })
  async reportAll(@Req() request: Request): Promise<Page<wire.QueueReportWire>> {
    const items = await this.reports.now();
    return { items: principalOf(request).role === 'admin' ? items : items.map(withoutMessages), next: null };
  }

  @Get(':name/failed')
  @RequireRole('admin')
  @Operation({
    id: 'listFailedJobs',
    tag: 'system',
    summary: 'Jobs that failed for good, newest first',
    response: pageOf(failedJobWire),
    problems: NOT_FOUND,
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

  @Get(':name/runs')
  @RequireRole('admin')
  @Operation({
    id: 'listQueueRuns',
    tag: 'system',
    summary: 'Runs of the last hours that failed, were skipped or wait, the newest first',
    response: pageOf(wire.queueRunWire),
    problems: NOT_FOUND,
  })
  async runsOf(
    @Param({ schema: queueParams }) { name }: QueueParams,
    @Query({ schema: wire.queueRunsQuery }) query: wire.QueueRunsQuery,
  ): Promise<Page<wire.QueueRunWire>> {
    await this.mustExist(name);
    const { limit, after, ...choice } = query;
    const before = after === undefined ? undefined : cursorParts(after, ['rowId'])[0];
    const { items, next } = pageOfRows(
      await this.runs.list({ ...choice, queue: name }, limit, before),
      limit,
      (row) => row,
      ({ id }) => [id],
    );
    return { items: await this.reports.runsOnWire(items), next };
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Operation({
    id: 'pauseQueue',
    tag: 'system',
    summary:
      'Begin nothing further of it, on no worker, until it is resumed. Live streams wait for as long as queues.maxLag says; what is ' +
      'older is skipped as `paused`, and can be retried',
    response: wire.queueReportWire,
    problems: NOT_FOUND,
  })
  pause(@Param({ schema: queueParams }) { name }: QueueParams, @Req() request: Request): Promise<wire.QueueReportWire> {
    return this.change(name, request, (by) => this.controls.pause(name, by));
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Operation({ id: 'resumeQueue', tag: 'system', summary: 'Go on with it', response: wire.queueReportWire, problems: NOT_FOUND })
  resume(@Param({ schema: queueParams }) { name }: QueueParams, @Req() request: Request): Promise<wire.QueueReportWire> {
    return this.change(name, request, async (by) => {
      await this.controls.resume(name, by);
      await this.bell.ringLanes(await this.ledger.idleLanes([name]));
    });
  }

  @Post(':name/retry')
  @HttpCode(200)
  @Operation({
    id: 'retryQueueRuns',
    tag: 'system',
    summary: `Let runs that failed or were skipped wait for their turn again: the oldest ${MOST_RUNS} at once`,
    response: wire.retriedWire,
    problems: NOT_FOUND,
  })
  async retry(
    @Param({ schema: queueParams }) { name }: QueueParams,
    @Body({ schema: wire.retryBody }) { after, ...choice }: wire.RetryBody,
    @Req() request: Request,
  ): Promise<wire.RetriedWire> {
    await this.mustExist(name);
    return this.retries.retry({ ...choice, queue: name }, actorOf(request), after);
  }

  @Post(':name/cancel')
  @HttpCode(200)
  @Operation({
    id: 'cancelQueueRuns',
    tag: 'system',
    summary: `Skip runs that wait, as \`cancelled\`: the oldest ${MOST_RUNS} at once. They can be retried`,
    response: wire.cancelledWire,
    problems: NOT_FOUND,
  })
  async cancel(
    @Param({ schema: queueParams }) { name }: QueueParams,
    @Body({ schema: wire.cancelBody }) choice: wire.CancelBody,
    @Req() request: Request,
  ): Promise<wire.CancelledWire> {
    await this.mustExist(name);
    const cancelled = await this.runs.cancel({ ...choice, queue: name, state: 'queued' }, actorOf(request));
    this.reports.forget();
    return { cancelled, more: cancelled === MOST_RUNS };
  }

  @Post(':name/failures/seen')
  @HttpCode(200)
  @Operation({
    id: 'markFailuresSeen',
    tag: 'system',
    summary: 'Tell failures up to this run no longer; they stay in the ledger',
    response: wire.queueReportWire,
    problems: NOT_FOUND,
  })
  markSeen(
    @Param({ schema: queueParams }) { name }: QueueParams,
    @Body({ schema: wire.seenBody }) { upToRunId }: wire.SeenBody,
    @Req() request: Request,
  ): Promise<wire.QueueReportWire> {
    return this.change(name, request, (by) => this.controls.markSeen(name, upToRunId, by));
  }

  @Delete(':name/failures/seen')
  @Operation({
    id: 'forgetFailuresSeen',
    tag: 'system',
    summary: 'Tell all failures that the ledger has yet again',
    response: wire.queueReportWire,
    problems: NOT_FOUND,
  })
  forgetSeen(@Param({ schema: queueParams }) { name }: QueueParams, @Req() request: Request): Promise<wire.QueueReportWire> {
    return this.change(name, request, (by) => this.controls.forgetSeen(name, by));
  }

  private async change(name: string, request: Request, work: (by: Actor) => Promise<void>): Promise<wire.QueueReportWire> {
    await this.mustExist(name);
    await work(actorOf(request));
    this.reports.forget();
    const report = (await this.reports.now()).find((one) => one.name === name);
    if (report === undefined) throw apiError('VD_API_NOT_FOUND', `Queue ${name} is not known any more`);
    return report;
  }

  private async mustExist(name: string): Promise<void> {
    if (!(await this.reports.isKnown(name))) throw apiError('VD_API_NOT_FOUND', `Queues: ${nothingNamed(name, this.registry.queues)}`);
  }
}

/** Messages may speak of streams that are private. */
const withoutMessages = (report: wire.QueueReportWire): wire.QueueReportWire => ({
  ...report,
  failures: report.failures.map((group) => ({ ...group, message: '' })),
});
