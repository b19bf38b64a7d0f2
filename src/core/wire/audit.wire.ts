import { z } from 'zod';
import { AUDIT_ACTIONS } from '../audit/actions.js';
import { instant, page, text, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';

/** The record of who changed what, as REST gives it. */
export const auditEntryWire = z.object({
  id: z.string().regex(/^\d+$/).describe('Decimal row id'),
  at: z.iso.datetime(),
  actor: z.string().describe('User name, role and kind of token; or what else acted'),
  action: z.string().describe('`stream.create`, `session.open`, `auth.refused`, `publish.refused`, …'),
  target: z.string().nullable().describe('Id of what was changed'),
  detail: z.record(z.string(), z.unknown()),
  userId: uuid.nullable(),
  tokenId: uuid.nullable().describe('Session or API token that was used'),
  address: z.string().nullable().describe('Where the request came from'),
  requestId: uuid.nullable().describe('`X-Request-Id` of the answer'),
});
export type AuditEntryWire = z.output<typeof auditEntryWire>;

export const auditActionWire = z.enum(AUDIT_ACTIONS);
export type AuditActionWire = z.output<typeof auditActionWire>;

export const auditQuery = z.strictObject({
  action: auditActionWire.optional(),
  target: text(200).optional(),
  userId: uuid.optional(),
  tokenId: uuid.optional(),
  address: text(100).optional(),
  from: instant.optional(),
  to: instant.optional(),
  after: listCursor.optional(),
  order: z.enum(['asc', 'desc']).optional().describe('Newest first when absent'),
  limit: page(1_000, 100),
});
export type AuditQuery = z.output<typeof auditQuery>;
