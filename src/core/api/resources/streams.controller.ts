import { Body, Controller, Delete, Get, HttpCode, Logger, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { errorText } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';
import { StreamStore } from '../../persistence/streams/stream-store.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { FailureReads, ofOneStream } from '../../persistence/read/failure-reads.js';
import type { StreamView } from '../../persistence/read/stream-reads.js';
import { actorOf } from '../auth/request-actor.js';
import { principalOf } from '../auth/principal.js';
import { StreamDirectory } from '../feed/stream-directory.js';
import { Operation } from '../openapi/operation.js';
import { idParams, newStreamBody, streamPatch, type IdParams, type NewStreamBody, type StreamPatch } from '../../wire/inputs.js';
import {
  listedStreamWire,
  newStreamWire,
  pageOf,
  streamDetailWire,
  type ListedStreamWire,
  type NewStreamWire,
  type Page,
  type StreamDetailWire,
  type StreamVerdictWire,
} from '../../wire/wire.js';
import { statusOnWire } from '../../persistence/read/health-on-wire.js';
import { SourceConfigs } from './source-config.js';
import { StreamAccess } from './stream-access.js';
import { StreamHealth } from './stream-health.js';

@Controller('api/streams')
export class StreamsController {
  private readonly logger = new Logger(StreamsController.name);

  constructor(
    private readonly store: StreamStore,
    private readonly access: StreamAccess,
    private readonly health: StreamHealth,
    private readonly directory: StreamDirectory,
    private readonly sources: SourceConfigs,
    private readonly failures: FailureReads,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({ id: 'listStreams', tag: 'streams', summary: 'Every stream, by name, and how it is', response: pageOf(listedStreamWire) })
  async list(@Req() request: Request): Promise<Page<ListedStreamWire>> {
    // How they are is one more thing to tell of them: which there are is told without it, too.
    const judging = this.health.now().catch((error: unknown) => {
      this.logger.warn(`How streams are cannot be judged: ${errorText(error)}`);
      return new Map<string, never>();
    });
    const [views, judged] = await Promise.all([this.access.list(principalOf(request)), judging]);
    const verdict = (id: string): StreamVerdictWire => {
      const known = judged.get(id);
      // Made since it was looked, or not known.
      if (known === undefined) return { status: 'noData', issues: [] };
      const { status, issues } = statusOnWire(known);
      return { status, issues };
    };
    return { items: views.map(({ wire }) => ({ ...wire, health: verdict(wire.id) })), next: null };
  }

  @Post()
  @Operation({
    id: 'createStream',
    tag: 'streams',
    summary: 'Make a stream; one that publishers connect to gets its first key, shown this once',
    response: newStreamWire,
    status: 201,
    problems: { 409: 'The name is taken' },
  })
  async create(@Body({ schema: newStreamBody }) body: NewStreamBody, @Req() request: Request): Promise<NewStreamWire> {
    const principal = principalOf(request);
    const source = this.sources.check(body.adapterId, body.sourceConfig);
    const stream = await this.store.create({
      name: body.name,
      title: body.title ?? body.name,
      adapterId: body.adapterId,
      sourceConfig: body.sourceConfig,
      isPrivate: body.private,
      node: body.pinnedTo,
    });
    const key = source.definition.kind === 'listener' ? await this.store.createKey(stream.id) : null;
    await this.audit.record({
      by: actorOf(request),
      action: 'stream.create',
      target: stream.id,
      detail: { name: body.name, adapterId: body.adapterId },
    });
    const view = await this.access.one(stream.id, principal);
    return { ...(await this.detail(view)), key: key === null ? null : { id: key.keyId, hint: key.hint, key: key.key } };
  }

  @Get(':id')
  @Operation({
    id: 'getStream',
    tag: 'streams',
    summary: 'One stream; its source config is shown to admins only',
    response: streamDetailWire,
    problems: { 404: 'No such stream' },
  })
  async one(@Param({ schema: idParams }) params: IdParams, @Req() request: Request): Promise<StreamDetailWire> {
    const principal = principalOf(request);
    return this.detail(await this.access.one(params.id, principal));
  }

  @Patch(':id')
  @Operation({
    id: 'updateStream',
    tag: 'streams',
    summary: 'Change title, visibility, source config or ingest node, or switch it on and off',
    response: streamDetailWire,
    problems: { 404: 'No such stream', 409: 'The config file declares the stream' },
  })
  async update(
    @Param({ schema: idParams }) params: IdParams,
    @Body({ schema: streamPatch }) body: StreamPatch,
    @Req() request: Request,
  ): Promise<StreamDetailWire> {
    const principal = principalOf(request);
    const before = await this.access.one(params.id, principal);
    refuseDeclared(before);
    const { private: isPrivate, pinnedTo: node, sourceConfig: given, ...rest } = body;
    const { adapterId } = before.wire;
    const sourceConfig = given && { ...this.sources.given(adapterId, given, before.sourceConfig) };
    if (sourceConfig !== undefined) this.sources.check(adapterId, sourceConfig);
    const updated = await this.store.update(params.id, {
      ...rest,
      ...(sourceConfig && { sourceConfig }),
      isPrivate,
      node,
    });
    if (updated === null) throw apiError('VD_API_NOT_FOUND', `No stream ${params.id}.`);
    this.directory.forget(params.id);
    await this.audit.record({
      by: actorOf(request),
      action: 'stream.update',
      target: params.id,
      detail: { fields: Object.keys(body) },
    });
    return this.detail(await this.access.one(params.id, principal));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    id: 'deleteStream',
    tag: 'streams',
    summary: 'Remove a stream; media and results stay until retention takes them',
    status: 204,
    problems: { 404: 'No such stream', 409: 'The config file declares the stream' },
  })
  async remove(@Param({ schema: idParams }) params: IdParams, @Req() request: Request): Promise<void> {
    const principal = principalOf(request);
    refuseDeclared(await this.access.one(params.id, principal));
    if (!(await this.store.remove(params.id))) throw apiError('VD_API_NOT_FOUND', `No stream ${params.id}.`);
    this.directory.forget(params.id);
    await this.audit.record({ by: actorOf(request), action: 'stream.delete', target: params.id });
  }

  private async detail({ wire, sourceConfig, declaredAt }: StreamView): Promise<StreamDetailWire> {
    return {
      ...wire,
      declaredAt,
      sourceConfig: { ...this.sources.shown(wire.adapterId, sourceConfig) },
      problems: (await this.failures.recent(wire.id)).map(ofOneStream),
    };
  }
}

/** @throws VD_API_STREAM_DECLARED */
function refuseDeclared({ wire: { name }, declaredAt }: StreamView): void {
  if (declaredAt !== null) throw apiError('VD_API_STREAM_DECLARED', `Stream ${name} is declared in ${declaredAt}`);
}
