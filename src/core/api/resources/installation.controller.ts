import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { atLeast, logEntries } from '../../observability/log-lines.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import * as wire from '../../wire/system.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { principalOf } from '../auth/principal.js';
import { actorOf } from '../auth/request-actor.js';
import { askedHostName } from '../http/asked-host-name.js';
import { contentDisposition, exportName } from '../http/send-export.js';
import { Operation } from '../openapi/operation.js';
import { Diagnostics } from './diagnostics.js';
import { Installation } from './installation.js';
import { RoleLogReader } from './role-log-reader.js';

/** Of each log, from its end: in these a search looks. */
const SEARCHED_BYTES = 1024 * 1024;

/** What those need who keep the installation running. */
@Controller('api/system')
export class InstallationController {
  constructor(
    private readonly installation: Installation,
    private readonly logs: RoleLogReader,
    private readonly diagnostics: Diagnostics,
    private readonly audit: AuditLog,
  ) {}

  @Get('about')
  @RequireRole('admin')
  @Operation({
    id: 'getAbout',
    tag: 'system',
    summary: 'Versions, machine, and what the database says of itself',
    response: wire.aboutWire,
  })
  about(): Promise<wire.AboutWire> {
    return this.installation.about();
  }

  @Get('licences')
  @Operation({
    id: 'listLicences',
    tag: 'system',
    summary: 'Packages that this installation is made of, and their licences',
    response: pageOf(wire.licenceWire),
  })
  async licences(): Promise<Page<wire.LicenceWire>> {
    return { items: [...(await this.installation.licences())], next: null };
  }

  @Get('logs')
  @RequireRole('admin')
  @Operation({ id: 'listLogs', tag: 'system', summary: 'Logs of roles that can be read here', response: wire.roleLogsWire })
  list(): Promise<wire.RoleLogsWire> {
    return this.logs.list();
  }

  @Get('logs/:name')
  @RequireRole('admin')
  @Operation({
    id: 'readLog',
    tag: 'system',
    summary: 'The last entries of a log, the newest last; of its last megabyte',
    response: wire.logEntriesWire,
    problems: { 404: 'No such log' },
  })
  async entries(
    @Param({ schema: wire.logParams }) { name }: wire.LogParams,
    @Query({ schema: wire.logQuery }) { level = 'debug', search = '', limit }: wire.LogQuery,
  ): Promise<wire.LogEntriesWire> {
    const wanted = search.toLowerCase();
    const entries = atLeast(logEntries(await this.logs.end(name, SEARCHED_BYTES)), level);
    return { entries: entries.filter(({ text, who }) => `${who ?? ''} ${text}`.toLowerCase().includes(wanted)).slice(-limit) };
  }

  @Get('diagnostics')
  @RequireRole('admin')
  @Operation({
    id: 'getDiagnostics',
    tag: 'system',
    summary: 'What helps to find a fault, as an archive without secrets: versions, config, health, figures, logs',
    produces: ['application/zip'],
  })
  async archive(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { bytes, sizeBytes } = await this.diagnostics.archive(askedHostName(request), principalOf(request));
    // The database may be what is amiss.
    await this.audit.record({ by: actorOf(request), action: 'diagnostics.export' }).catch(() => undefined);
    response
      .setHeader('Content-Type', 'application/zip')
      .setHeader('Content-Length', sizeBytes)
      .setHeader('Cache-Control', 'no-store')
      .setHeader(
        'Content-Disposition',
        contentDisposition(exportName('vedette diagnostics', new Date().toISOString(), 'zip'), 'attachment'),
      );
    if (request.method === 'HEAD') {
      bytes.destroy();
      response.end();
    } else await pipeline(bytes, response).catch(() => response.destroy()); // whoever asked has left
  }
}
