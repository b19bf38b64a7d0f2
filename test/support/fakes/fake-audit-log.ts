import type { AuditEntry, AuditLog } from '../../../src/core/persistence/access/audit-log.js';

/** Keeps what was put on record. */
export class FakeAuditLog implements Pick<AuditLog, 'record'> {
  readonly entries: AuditEntry[] = [];

  async record(entry: AuditEntry): Promise<void> {
    await Promise.resolve();
    this.entries.push(entry);
  }
}
