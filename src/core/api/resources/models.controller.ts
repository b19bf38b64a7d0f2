import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Req } from '@nestjs/common';
import type { Request } from 'express';
import { ModelRegistry } from '../../models/model-registry.js';
import { ModelUploads } from '../../models/model-upload.js';
import type { AuditAction } from '../../audit/actions.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { RequireRole } from '../auth/access.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { contentRangeOf } from '../http/content-range.js';
import { InvalidInput } from '../http/validation.pipe.js';
import { Operation } from '../openapi/operation.js';
import { pageOf, type Page } from '../../wire/wire.js';
import * as wire from '../../wire/models.wire.js';

const UPLOADED_TYPE = 'application/octet-stream';

/** The models of the machine that the API runs on. Workers on other machines need the files in their own data folder. */
@Controller('api/models')
export class ModelsController {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly uploads: ModelUploads,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({
    id: 'listModels',
    tag: 'system',
    summary: 'Every model that a config may name, with what is here of it',
    response: pageOf(wire.modelWire),
  })
  async list(@Req() request: Request): Promise<Page<wire.ModelWire>> {
    const { role } = principalOf(request);
    return { items: (await this.registry.list()).map((model) => wire.modelWireOf(model, role)), next: null };
  }

  @Post()
  @Operation({
    id: 'addModel',
    tag: 'system',
    summary: 'Register a model that can be fetched',
    response: wire.modelWire,
    status: 201,
    problems: { 409: 'The id is taken' },
  })
  async add(@Body({ schema: wire.newModelBody }) body: wire.NewModelBody, @Req() request: Request): Promise<wire.ModelWire> {
    const added = await this.registry.add(body);
    await this.record(request, 'model.add', body.id, { sha256: body.sha256 });
    return wire.modelWireOf(added, 'admin');
  }

  @Get(':id')
  @Operation({
    id: 'getModel',
    tag: 'system',
    summary: 'One model; while it is fetched, with how far that is',
    response: wire.modelWire,
    problems: { 404: 'No such model' },
  })
  async one(@Param({ schema: wire.modelParams }) { id }: wire.ModelParams, @Req() request: Request): Promise<wire.ModelWire> {
    return wire.modelWireOf(await this.registry.get(id), principalOf(request).role);
  }

  @Post(':id/pull')
  @HttpCode(202)
  @Operation({
    id: 'pullModel',
    tag: 'system',
    summary: 'Begin or go on fetching a model; GET tells how far it is',
    response: wire.modelWire,
    problems: { 404: 'No such model', 409: 'Its licence must be accepted, or it has no URL' },
  })
  async pull(
    @Param({ schema: wire.modelParams }) { id }: wire.ModelParams,
    @Body({ schema: wire.pullBody }) body: wire.PullBody,
    @Req() request: Request,
  ): Promise<wire.ModelWire> {
    await this.registry.startPull(id, body);
    await this.record(request, 'model.pull', id, { acceptLicence: body.acceptLicence });
    return this.one({ id }, request);
  }

  @Delete(':id/pull')
  @HttpCode(204)
  @Operation({
    id: 'stopPull',
    tag: 'system',
    summary: 'Stop fetching a model; what was fetched is kept',
    status: 204,
    problems: { 404: 'No such model' },
  })
  async stop(@Param({ schema: wire.modelParams }) { id }: wire.ModelParams, @Req() request: Request): Promise<void> {
    await this.registry.get(id);
    if (await this.registry.stopPull(id)) await this.record(request, 'model.pull.stop', id);
  }

  @Post(':id/verify')
  @HttpCode(200)
  @Operation({
    id: 'verifyModel',
    tag: 'system',
    summary: 'Read the file again, hold it against its checksum, and try it anew',
    response: wire.modelWire,
    problems: { 404: 'No such model', 409: 'It is not here', 422: 'The file is not what it should be' },
  })
  async verify(@Param({ schema: wire.modelParams }) { id }: wire.ModelParams, @Req() request: Request): Promise<wire.ModelWire> {
    const { verdict } = await this.registry.probe(id);
    await this.record(request, 'model.verify', id);
    return wire.modelWireOf({ ...(await this.registry.get(id)), probe: verdict }, principalOf(request).role);
  }

  @Put(':id/file')
  @RequireRole('admin')
  @Operation({
    id: 'uploadModel',
    tag: 'system',
    summary: 'Bring a file, whole or in pieces by Content-Range (`bytes first-last/total`); it becomes a model when all of it is here',
    consumes: [UPLOADED_TYPE],
    response: wire.uploadWire,
    problems: { 409: 'The id is taken, or the piece does not follow', 422: 'Not a model, or too large' },
  })
  async upload(@Param({ schema: wire.modelParams }) { id }: wire.ModelParams, @Req() request: Request): Promise<wire.UploadWire> {
    if (request.headers['content-type'] !== UPLOADED_TYPE)
      throw new InvalidInput([{ path: 'Content-Type', message: `expected ${UPLOADED_TYPE}` }]);
    const outcome = await this.uploads.receive(id, { body: request, range: contentRangeOf(request.headers['content-range']) });
    if (!outcome.isWhole) return { receivedBytes: outcome.receivedBytes, totalBytes: outcome.totalBytes, model: null };
    const { model } = outcome;
    await this.record(request, 'model.upload', id, { sha256: model.sha256 });
    return { receivedBytes: model.sizeBytes ?? 0, totalBytes: model.sizeBytes ?? 0, model: wire.modelWireOf(model, 'admin') };
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    id: 'removeModel',
    tag: 'system',
    summary: 'Delete the file, and forget the model unless the config names it',
    status: 204,
    problems: { 404: 'No such model', 409: 'It comes with the package, or is being fetched' },
  })
  async remove(@Param({ schema: wire.modelParams }) { id }: wire.ModelParams, @Req() request: Request): Promise<void> {
    await this.registry.remove(id);
    await this.record(request, 'model.remove', id);
  }

  private record(request: Request, action: AuditAction, target: string, detail: Record<string, unknown> = {}): Promise<void> {
    return this.audit.record({ by: actorOf(request), action, target, detail });
  }
}
