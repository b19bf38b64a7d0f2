import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { archiveOf } from '../../clips/case-archive.js';
import { CaseContents } from '../../clips/case-contents.js';
import { Exports } from '../../clips/exports.js';
import { apiError } from '../../errors/api.errors.js';
import { clipError } from '../../errors/clip.errors.js';
import { type Case, CaseStore } from '../../persistence/clips/case-store.js';
import type { Clip } from '../../persistence/clips/clip-store.js';
import * as wire from '../../wire/clips.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { contentDisposition, exportName } from '../http/send-export.js';
import { Operation } from '../openapi/operation.js';
import { ClipRequests, clipWireOf } from './clip-requests.js';
import { type JobState, UNFINISHED } from '../../wire/job-states.js';

const UNDER_WAY = new Set<JobState>(UNFINISHED);

/** Clips of several streams and times that go together, as one archive. They may be of private streams, so all of this is for admins. */
@RequireRole('admin')
@Controller('api/cases')
export class CasesController {
  constructor(
    private readonly cases: CaseStore,
    private readonly contents: CaseContents,
    private readonly requests: ClipRequests,
    private readonly exports: Exports,
  ) {}

  @Get()
  @Operation({ id: 'listCases', tag: 'clips', summary: 'Cases, the newest first', response: pageOf(wire.caseWire) })
  async list(@Query({ schema: wire.caseQuery }) { after, limit }: wire.CaseQuery): Promise<Page<wire.CaseWire>> {
    const { items, next } = await this.cases.list(after, limit);
    return { items: items.map(caseWireOf), next };
  }

  @Post()
  @HttpCode(202)
  @Operation({
    id: 'createCase',
    tag: 'clips',
    summary: 'Have ranges of several streams made into clips that go together',
    response: wire.caseWire,
    status: 202,
    problems: {
      404: 'No such stream, or nothing of a range is recorded',
      409: 'A range is not recorded yet, or too much is waiting',
      507: 'Clips take all the room they may have',
    },
  })
  async create(@Body({ schema: wire.caseBody }) { title, items }: wire.CaseBody, @Req() request: Request): Promise<wire.CaseWire> {
    const clips = [];
    for (const item of items) clips.push(await this.requests.resolve(item, principalOf(request)));
    const made = await this.cases.create(title, clips, this.requests.limits, actorOf(request));
    this.exports.ring();
    return caseWireOf(made);
  }

  @Get(':id')
  @Operation({
    id: 'getCase',
    tag: 'clips',
    summary: 'A case with its clips, and how far it is',
    response: wire.caseWire,
    problems: { 404: 'No such case' },
  })
  async one(@Param({ schema: idParams }) { id }: IdParams): Promise<wire.CaseWire> {
    return caseWireOf(await this.find(id));
  }

  @Get(':id/case.zip')
  @Operation({
    id: 'caseFile',
    tag: 'clips',
    summary: 'The case as an archive: clips, events, case.json with checksums, index.html',
    produces: ['application/zip'],
    problems: { 404: 'No such case', 409: 'The case is not done', 503: 'A clip is on another machine' },
  })
  async file(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request, @Res() response: Response): Promise<void> {
    const found = await this.find(id);
    const { state } = caseWireOf(found);
    if (state !== 'done') throw clipError('VD_CLIP_NOT_DONE', `Case ${id} is ${state}.`);
    const nameOf = (clip: Clip): string => exportName(clip.title, new Date(clip.fromMs).toISOString(), 'mp4');
    const archive = await archiveOf(await this.contents.of(found, nameOf, (clip) => this.exports.path(clip.id)));
    const name = exportName(found.title, found.createdAt.toISOString(), 'zip');
    response
      .setHeader('Content-Type', 'application/zip')
      .setHeader('Content-Length', archive.sizeBytes)
      .setHeader('Content-Disposition', contentDisposition(name, 'attachment'));
    if (request.method === 'HEAD') {
      archive.bytes.destroy();
      response.end();
    } else await pipeline(archive.bytes, response).catch(() => response.destroy()); // whoever asked has left, or a file has gone
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Operation({
    id: 'cancelCase',
    tag: 'clips',
    summary: 'Stop making the clips of a case that are not done',
    response: wire.caseWire,
    problems: { 404: 'No such case', 409: 'It has ended' },
  })
  async cancel(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<wire.CaseWire> {
    const found = await this.find(id);
    if (!found.clips.some(({ state }) => UNDER_WAY.has(state)))
      throw clipError('VD_CLIP_ENDED', `Case ${id} is ${caseWireOf(found).state}.`);
    await this.cases.cancel(found, actorOf(request));
    return caseWireOf(await this.find(id));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    id: 'deleteCase',
    tag: 'clips',
    summary: 'Delete a case with its clips and the links to them',
    status: 204,
    problems: { 404: 'No such case' },
  })
  async delete(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<void> {
    const found = await this.find(id);
    await this.cases.delete(found, actorOf(request));
    await this.exports.removed(found.clips.map((clip) => clip.id));
  }

  private async find(id: string): Promise<Case> {
    const found = await this.cases.find(id);
    if (found === null) throw apiError('VD_API_NOT_FOUND', `No case ${id}.`);
    return found;
  }
}

function caseWireOf({ createdAt, expiresAt, clips, ...rest }: Case): wire.CaseWire {
  const left = clips.filter(({ state }) => state === 'failed' || state === 'cancelled');
  return {
    ...rest,
    ...{ createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString(), clips: clips.map(clipWireOf) },
    state: stateOf(clips),
    progress: clips.reduce((sum, { state, progress }) => sum + (UNDER_WAY.has(state) ? progress : 1), 0) / Math.max(1, clips.length),
    detail: left.length === 0 ? null : `${left.length} of ${clips.length} clips are not part of it: ${left.map(({ id }) => id).join(', ')}`,
  };
}

function stateOf(clips: readonly Clip[]): wire.CaseWire['state'] {
  const has = (state: Clip['state']): boolean => clips.some((clip) => clip.state === state);
  if (has('running')) return 'running';
  if (has('queued') || has('paused')) return has('done') ? 'running' : 'queued';
  return has('done') ? 'done' : has('failed') ? 'failed' : 'cancelled';
}
