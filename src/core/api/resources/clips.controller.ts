import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Exports } from '../../clips/exports.js';
import { apiError } from '../../errors/api.errors.js';
import { clipError } from '../../errors/clip.errors.js';
import { type Clip, ClipStore } from '../../persistence/clips/clip-store.js';
import * as wire from '../../wire/clips.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { exportName, sendExport } from '../http/send-export.js';
import { Operation } from '../openapi/operation.js';
import { ClipRequests, clipWireOf } from './clip-requests.js';
import { StreamAccess } from './stream-access.js';

/** Ranges of streams as MP4. */
@Controller('api/clips')
export class ClipsController {
  constructor(
    private readonly clips: ClipStore,
    private readonly requests: ClipRequests,
    private readonly access: StreamAccess,
    private readonly exports: Exports,
  ) {}

  @Get()
  @Operation({ id: 'listClips', tag: 'clips', summary: 'Clips, the newest first', response: pageOf(wire.clipWire) })
  async list(@Query({ schema: wire.clipQuery }) query: wire.ClipQuery, @Req() request: Request): Promise<Page<wire.ClipWire>> {
    const seen = (await this.access.list(principalOf(request))).map((view) => view.wire.id);
    const streamIds = query.streamId === undefined ? seen : seen.filter((id) => id === query.streamId);
    return this.clips.list({ streamIds, after: query.after, limit: query.limit }, clipWireOf);
  }

  @Post()
  @HttpCode(202)
  @Operation({
    id: 'createClip',
    tag: 'clips',
    summary: 'Have a range of a stream made into an MP4; the answer is the job',
    response: wire.clipWire,
    status: 202,
    problems: {
      404: 'No such stream, or nothing of the range is recorded',
      409: 'The range is not recorded yet, or too much is waiting',
      507: 'Clips take all the room they may have',
    },
  })
  async create(@Body({ schema: wire.clipBody }) body: wire.ClipBody, @Req() request: Request): Promise<wire.ClipWire> {
    const clip = await this.requests.resolve(body, principalOf(request));
    const [made] = await this.clips.create([clip], this.requests.limits, actorOf(request));
    this.exports.ring();
    return clipWireOf(made!);
  }

  @Get(':id')
  @Operation({
    id: 'getClip',
    tag: 'clips',
    summary: 'A clip, and how far it is',
    response: wire.clipWire,
    problems: { 404: 'No such clip' },
  })
  async one(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<wire.ClipWire> {
    return clipWireOf(await this.find(id, request));
  }

  @Get(':id/clip.mp4')
  @Operation({
    id: 'clipFile',
    tag: 'clips',
    summary: 'The MP4, whole or by range',
    produces: ['video/mp4'],
    problems: {
      404: 'No such clip',
      409: 'The clip is not done',
      416: 'Range outside the file',
      503: 'The file is on another machine',
    },
  })
  async file(
    @Param({ schema: idParams }) { id }: IdParams,
    @Query({ schema: wire.fileQuery }) { inline }: wire.FileQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const clip = await this.find(id, request);
    if (clip.state !== 'done') throw clipError('VD_CLIP_NOT_DONE', `Clip ${id} is ${clip.state}.`);
    const name = exportName(clip.title, new Date(clip.fromMs).toISOString(), 'mp4');
    await sendExport(request, response, this.exports.path(id), { name, type: 'video/mp4', isShown: inline !== undefined });
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Operation({
    id: 'cancelClip',
    tag: 'clips',
    summary: 'Stop making a clip',
    response: wire.clipWire,
    problems: { 404: 'No such clip', 409: 'It has ended' },
  })
  async cancel(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<wire.ClipWire> {
    const { state } = await this.find(id, request);
    if (!(await this.clips.cancel(id, actorOf(request)))) throw clipError('VD_CLIP_ENDED', `Clip ${id} is ${state}.`);
    return clipWireOf(await this.find(id, request));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    id: 'deleteClip',
    tag: 'clips',
    summary: 'Delete a clip, its file and the links to it',
    status: 204,
    problems: { 404: 'No such clip' },
  })
  async delete(@Param({ schema: idParams }) { id }: IdParams, @Req() request: Request): Promise<void> {
    await this.find(id, request);
    await this.clips.delete(id, actorOf(request));
    await this.exports.removed([id]);
  }

  /** A clip of a stream that is not seen does not exist. */
  private async find(id: string, request: Request): Promise<Clip> {
    const clip = await this.clips.find(id);
    if (clip === null) throw apiError('VD_API_NOT_FOUND', `No clip ${id}.`);
    await this.access.evenRemoved(clip.streamId, principalOf(request)).catch(() => {
      throw apiError('VD_API_NOT_FOUND', `No clip ${id}.`);
    });
    return clip;
  }
}
