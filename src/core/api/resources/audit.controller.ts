import { Controller, Get, Query } from '@nestjs/common';
import { AUDIT_ACTIONS } from '../../audit/actions.js';
import { AuditLog } from '../../persistence/access/audit-log.js';
import * as wire from '../../wire/audit.wire.js';
import { pageOf, type Page } from '../../wire/wire.js';
import { RequireRole } from '../auth/access.js';
import { Operation } from '../openapi/operation.js';

/** Who changed what, and who was refused. */
@Controller('api/audit')
@RequireRole('admin')
export class AuditController {
  constructor(private readonly audit: AuditLog) {}

  @Get()
  @Operation({
    id: 'listAudit',
    tag: 'system',
    summary: 'Who changed what, and who was refused; newest first',
    response: pageOf(wire.auditEntryWire),
  })
  list(@Query({ schema: wire.auditQuery }) { order, ...filter }: wire.AuditQuery): Promise<Page<wire.AuditEntryWire>> {
    return this.audit.list({ ...filter, ascending: order === 'asc' });
  }

  @Get('actions')
  @Operation({
    id: 'listAuditActions',
    tag: 'system',
    summary: 'Everything that is put on record, for a filter',
    response: pageOf(wire.auditActionWire),
  })
  actions(): Page<wire.AuditActionWire> {
    return { items: [...AUDIT_ACTIONS], next: null };
  }
}
