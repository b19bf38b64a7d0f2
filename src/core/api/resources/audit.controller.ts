import { Controller, Get, Query } from '@nestjs/common';
import { AuditLog } from '../../persistence/access/audit-log.js';
import { auditEntryWire, auditQuery, type AuditEntryWire, type AuditQuery } from '../../wire/audit.wire.js';
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
    response: pageOf(auditEntryWire),
  })
  list(@Query({ schema: auditQuery }) { order, ...filter }: AuditQuery): Promise<Page<AuditEntryWire>> {
    return this.audit.list({ ...filter, ascending: order === 'asc' });
  }
}
