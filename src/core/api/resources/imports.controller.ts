import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { AuditAction } from '../../audit/actions.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { type ImportRecord, type ImportStep, ImportStore } from '../../persistence/imports/import-store.js';
import * as wire from '../../wire/imports.wire.js';
import { idParams, type IdParams } from '../../wire/inputs.js';
import { cursorAt, cursorParts } from '../../wire/list-cursor.js';
import { pageOf, type Page, type Role } from '../../wire/wire.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { contentRangeOf } from '../http/content-range.js';
import { InvalidInput } from '../http/validation.pipe.js';
import { Operation } from '../openapi/operation.js';
import { ImportUploads } from './import-uploads.js';
import { StreamAccess } from './stream-access.js';

const UPLOADED_TYPE = 'application/octet-stream';
const NOT_FOUND = 'No such stream, or import';

/** Files that people bring into streams. Paths of the server are shown to admins only. */
@Controller('api/streams/:id/imports')
export class ImportsController {
  constructor(
    private readonly store: ImportStore,
    private readonly uploads: ImportUploads,
    private readonly access: StreamAccess,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({
    id: 'listImports',
    tag: 'imports',
    summary: 'Files that were, are or will be imported into a stream, the newest first',
    response: pageOf(wire.importWire),
    problems: { 404: 'No such stream' },
  })
  async list(
    @Param({ schema: idParams }) { id }: IdParams,
    @Query({ schema: wire.importQuery }) { limit, after }: wire.ImportQuery,
    @Req() request: Request,
  ): Promise<Page<wire.ImportWire>> {
    const principal = principalOf(request);
    await this.access.one(id, principal);
    const { role } = principal;
    const before = after === undefined ? null : cursorParts(after, ['rowId'])[0]!;
    const found = await this.store.list(id, limit + 1, before);
    const shown = found.slice(0, limit);
    return {
      items: shown.map((record) => importWireOf(record, role)),
      next: found.length > limit ? cursorAt([shown.at(-1)!.number]) : null,
    };
  }

  @Post()
  @HttpCode(202)
  @Operation({
    id: 'createImport',
    tag: 'imports',
    summary: 'Import a file: one that is uploaded next (PUT …/file), or one in a folder of the server',
    response: wire.importWire,
    status: 202,
    problems: {
      403: 'The file is in no folder that imports may read',
      404: 'No such stream',
      409: 'The stream takes no files',
      413: 'The file is too large',
      429: 'Too many imports wait',
      507: 'There is no room for it',
    },
  })
  async create(
    @Param({ schema: idParams }) { id }: IdParams,
    @Body({ schema: wire.newImportBody }) body: wire.NewImportBody,
    @Req() request: Request,
  ): Promise<wire.ImportWire> {
    const view = await this.access.one(id, principalOf(request));
    const by = actorOf(request);
    const made = await this.uploads.create({ id, adapterId: view.wire.adapterId }, body, by.name);
    await this.record(request, 'import.create', made, { name: made.name, sizeBytes: made.sizeBytes, path: made.path });
    return importWireOf(made, 'admin');
  }

  @Get(':importId')
  @Operation({
    id: 'getImport',
    tag: 'imports',
    summary: 'One import, and how far it is',
    response: wire.importWire,
    problems: { 404: NOT_FOUND },
  })
  async one(@Param({ schema: wire.importParams }) params: wire.ImportParams, @Req() request: Request): Promise<wire.ImportWire> {
    return importWireOf(await this.find(params, request), principalOf(request).role);
  }

  @Put(':importId/file')
  @Operation({
    id: 'uploadImport',
    tag: 'imports',
    summary: 'Upload the file, whole or in pieces by Content-Range (`bytes first-last/total`); with its last byte the import is queued',
    consumes: [UPLOADED_TYPE],
    response: wire.importWire,
    problems: { 404: NOT_FOUND, 409: 'The piece does not follow, or nothing is missing', 507: 'There is no room for it' },
  })
  async upload(@Param({ schema: wire.importParams }) params: wire.ImportParams, @Req() request: Request): Promise<wire.ImportWire> {
    if (request.headers['content-type'] !== UPLOADED_TYPE)
      throw new InvalidInput([{ path: 'Content-Type', message: `expected ${UPLOADED_TYPE}` }]);
    const record = await this.find(params, request);
    return importWireOf(await this.uploads.receive(record, request, contentRangeOf(request.headers['content-range'])), 'admin');
  }

  @Post(':importId/pause')
  @HttpCode(200)
  @Operation({
    id: 'pauseImport',
    tag: 'imports',
    summary: 'Let an import rest; what is in the stream stays',
    response: wire.importWire,
    problems: { 404: NOT_FOUND, 409: 'It neither waits nor runs' },
  })
  pause(@Param({ schema: wire.importParams }) params: wire.ImportParams, @Req() request: Request): Promise<wire.ImportWire> {
    return this.step('pause', params, request);
  }

  @Post(':importId/resume')
  @HttpCode(200)
  @Operation({
    id: 'resumeImport',
    tag: 'imports',
    summary: 'Go on with an import that rests, or that failed, where it was',
    response: wire.importWire,
    problems: { 404: NOT_FOUND, 409: 'It neither rests nor failed' },
  })
  resume(@Param({ schema: wire.importParams }) params: wire.ImportParams, @Req() request: Request): Promise<wire.ImportWire> {
    return this.step('resume', params, request);
  }

  @Post(':importId/cancel')
  @HttpCode(200)
  @Operation({
    id: 'cancelImport',
    tag: 'imports',
    summary: 'End an import and delete what was uploaded; what is in the stream stays',
    response: wire.importWire,
    problems: { 404: NOT_FOUND, 409: 'It is over' },
  })
  async cancel(@Param({ schema: wire.importParams }) params: wire.ImportParams, @Req() request: Request): Promise<wire.ImportWire> {
    const record = await this.find(params, request);
    await this.uploads.cancel(record.id);
    await this.record(request, 'import.cancel', record);
    return this.one(params, request);
  }

  @Delete(':importId')
  @HttpCode(204)
  @Operation({
    id: 'deleteImport',
    tag: 'imports',
    summary: 'Forget an import: one that goes on is cancelled first',
    status: 204,
    problems: { 404: NOT_FOUND },
  })
  async remove(@Param({ schema: wire.importParams }) params: wire.ImportParams, @Req() request: Request): Promise<void> {
    const record = await this.find(params, request);
    await this.uploads.remove(record);
    await this.record(request, 'import.delete', record);
  }

  private async find({ id, importId }: wire.ImportParams, request: Request): Promise<ImportRecord> {
    await this.access.one(id, principalOf(request));
    return this.uploads.one(id, importId);
  }

  private async step(step: Exclude<ImportStep, 'cancel'>, params: wire.ImportParams, request: Request): Promise<wire.ImportWire> {
    const record = await this.find(params, request);
    const changed = await this.store.step(record.id, step);
    await this.record(request, `import.${step}`, record);
    return importWireOf(changed, 'admin');
  }

  private record(
    request: Request,
    action: AuditAction,
    { id, streamId }: ImportRecord,
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    return this.audit.record({ by: actorOf(request), action, target: streamId, detail: { importId: id, ...detail } });
  }
}

function importWireOf(record: ImportRecord, role: Role): wire.ImportWire {
  const {
    number: _,
    hasFile: __,
    recordedAtMs,
    startedMediaAtMs,
    mediaUs,
    durationUs,
    createdAtMs,
    startedAtMs,
    finishedAtMs,
    ...rest
  } = record;
  const iso = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());
  return {
    ...rest,
    path: role === 'admin' ? record.path : null,
    progress: progressOf(record),
    mediaSeconds: mediaUs / 1_000_000,
    durationSeconds: durationUs === null ? null : durationUs / 1_000_000,
    recordedAt: iso(startedMediaAtMs ?? recordedAtMs),
    createdAt: new Date(createdAtMs).toISOString(),
    startedAt: iso(startedAtMs),
    finishedAt: iso(finishedAtMs),
  };
}

function progressOf({ state, mediaUs, durationUs }: ImportRecord): number {
  if (state === 'done') return 1;
  return durationUs === null ? 0 : Math.min(1, mediaUs / durationUs);
}
