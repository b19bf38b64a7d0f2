import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { backfillError } from '../../errors/backfill.errors.js';
import { BackfillDifferences } from '../../persistence/backfill/backfill-differences.js';
import { type Backfill, BackfillStore } from '../../persistence/backfill/backfill-store.js';
import * as wire from '../../wire/backfills.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { sendCsv } from '../http/send-csv.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { Operation } from '../openapi/operation.js';
import { Backfills, backfillWireOf } from './backfills.js';
import { diffCsv, diffWireOf } from './backfill-diff.js';

const NOT_FOUND = { 404: 'No such backfill' };
const CHANGE = { ...NOT_FOUND, 409: 'Not in a state for that' };

/** Recordings that an analyzer looks at again: below everything live, as jobs. */
@Controller('api/backfills')
export class BackfillsController {
  constructor(
    private readonly store: BackfillStore,
    private readonly differences: BackfillDifferences,
    private readonly backfills: Backfills,
  ) {}

  @Get()
  @Operation({ id: 'listBackfills', tag: 'backfills', summary: 'Backfills, the newest first', response: pageOf(wire.backfillWire) })
  async list(
    @Query({ schema: wire.backfillsQuery }) query: wire.BackfillsQuery,
    @Req() request: Request,
  ): Promise<Page<wire.BackfillWire>> {
    const principal = principalOf(request);
    const jobs = await this.store.list({ states: query.state, streamId: query.streamId, limit: query.limit });
    const visible = await Promise.all(jobs.map((job) => this.backfills.isVisible(job, principal)));
    return { items: jobs.filter((_, i) => visible[i]).map((job) => backfillWireOf(job, principal.role)), next: null };
  }

  @Post()
  @HttpCode(202)
  @Operation({
    id: 'createBackfill',
    tag: 'backfills',
    summary: 'Analyse a recorded range again, or what of it was missed',
    response: wire.backfillWire,
    status: 202,
    problems: { 404: 'No such stream', 409: 'Nothing to analyse, or too many backfills' },
  })
  async create(@Body({ schema: wire.newBackfillBody }) body: wire.NewBackfillBody, @Req() request: Request): Promise<wire.BackfillWire> {
    const principal = principalOf(request);
    return backfillWireOf(await this.store.create(await this.backfills.asked(body, principal), actorOf(request)), principal.role);
  }

  @Post('quote')
  @HttpCode(200)
  @RequireRole('admin')
  @Operation({
    id: 'quoteBackfill',
    tag: 'backfills',
    summary: 'What a backfill would analyse, and what it would cost; nothing is begun',
    response: wire.backfillQuoteWire,
    problems: { 404: 'No such stream' },
  })
  async quote(
    @Body({ schema: wire.newBackfillBody }) body: wire.NewBackfillBody,
    @Req() request: Request,
  ): Promise<wire.BackfillQuoteWire> {
    const { mediaMs, cpuMs, ...counts } = await this.store.quote(await this.backfills.asked(body, principalOf(request)));
    return { ...counts, mediaSeconds: mediaMs / 1_000, cpuSeconds: cpuMs === null ? null : cpuMs / 1_000 };
  }

  @Get(':id')
  @Operation({ id: 'getBackfill', tag: 'backfills', summary: 'One backfill', response: wire.backfillWire, problems: NOT_FOUND })
  async one(@Param({ schema: wire.backfillParams }) params: wire.BackfillParams, @Req() request: Request): Promise<wire.BackfillWire> {
    return backfillWireOf(await this.mustFind(params.id, request), principalOf(request).role);
  }

  @Get(':id/diff')
  @Operation({
    id: 'diffBackfill',
    tag: 'backfills',
    summary: 'What a backfill found beside what was known, as far as it was compared; only of those that do not just fill gaps',
    response: wire.backfillDiffWire,
    problems: NOT_FOUND,
  })
  async diff(
    @Param({ schema: wire.backfillParams }) params: wire.BackfillParams,
    @Query({ schema: wire.diffQuery }) query: wire.DiffQuery,
    @Req() request: Request,
  ): Promise<wire.BackfillDiffWire> {
    await this.mustFind(params.id, request);
    return diffWireOf(await this.differences.of(params.id, query.examples));
  }

  @Get(':id/diff.csv')
  @Operation({
    id: 'diffBackfillCsv',
    tag: 'backfills',
    summary: 'The counts of that, as CSV',
    produces: ['text/csv'],
    problems: NOT_FOUND,
  })
  async diffCsv(
    @Param({ schema: wire.backfillParams }) params: wire.BackfillParams,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.mustFind(params.id, request);
    const text = diffCsv(diffWireOf(await this.differences.of(params.id, 0)));
    sendCsv(response, `backfill-${params.id}`, text);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Operation({ id: 'pauseBackfill', tag: 'backfills', summary: 'Begin no further segment', response: wire.backfillWire, problems: CHANGE })
  pause(@Param({ schema: wire.backfillParams }) params: wire.BackfillParams, @Req() request: Request): Promise<wire.BackfillWire> {
    return this.change(params.id, request, (id, by) => this.store.pause(id, by));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Operation({ id: 'resumeBackfill', tag: 'backfills', summary: 'Go on with a paused one', response: wire.backfillWire, problems: CHANGE })
  resume(@Param({ schema: wire.backfillParams }) params: wire.BackfillParams, @Req() request: Request): Promise<wire.BackfillWire> {
    return this.change(params.id, request, (id, by) => this.store.resume(id, by));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Operation({
    id: 'cancelBackfill',
    tag: 'backfills',
    summary: 'End it; what it filled or took over stays, what it only found goes',
    response: wire.backfillWire,
    problems: CHANGE,
  })
  cancel(@Param({ schema: wire.backfillParams }) params: wire.BackfillParams, @Req() request: Request): Promise<wire.BackfillWire> {
    return this.change(params.id, request, (id, by) => this.store.cancel(id, by));
  }

  @Post(':id/apply')
  @HttpCode(202)
  @Operation({
    id: 'applyBackfill',
    tag: 'backfills',
    summary: 'Let what it found take the place of what was known of its segments',
    response: wire.backfillWire,
    status: 202,
    problems: CHANGE,
  })
  apply(@Param({ schema: wire.backfillParams }) params: wire.BackfillParams, @Req() request: Request): Promise<wire.BackfillWire> {
    return this.change(params.id, request, (id, by) => this.store.apply(id, by));
  }

  @Post(':id/discard')
  @HttpCode(200)
  @Operation({
    id: 'discardBackfill',
    tag: 'backfills',
    summary: 'Drop what it found; the difference stays',
    response: wire.backfillWire,
    problems: CHANGE,
  })
  discard(@Param({ schema: wire.backfillParams }) params: wire.BackfillParams, @Req() request: Request): Promise<wire.BackfillWire> {
    return this.change(params.id, request, (id, by) => this.store.discard(id, by));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({ id: 'deleteBackfill', tag: 'backfills', summary: 'Forget one that has ended', status: 204, problems: CHANGE })
  async remove(@Param({ schema: wire.backfillParams }) params: wire.BackfillParams, @Req() request: Request): Promise<void> {
    await this.mustFind(params.id, request);
    await this.store.remove(params.id, actorOf(request));
  }

  private async change(
    id: string,
    request: Request,
    work: (id: string, by: ReturnType<typeof actorOf>) => Promise<Backfill>,
  ): Promise<wire.BackfillWire> {
    await this.mustFind(id, request);
    return backfillWireOf(await work(id, actorOf(request)), principalOf(request).role);
  }

  private async mustFind(id: string, request: Request): Promise<Backfill> {
    const job = await this.store.one(id);
    if (await this.backfills.isVisible(job, principalOf(request))) return job;
    throw backfillError('VD_BACKFILL_UNKNOWN', `No backfill ${id}`);
  }
}
