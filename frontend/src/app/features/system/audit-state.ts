import { signal } from '@angular/core';
import type { ApiClient, Query } from '../../api/api-client';
import { problemFrom } from '../../api/problem';
import type { AuditEntryWire, ProblemWire } from '../../api/models';

const PAGE = '50';

export interface AuditFilter {
  readonly action: string;
  readonly target: string;
  readonly address: string;
  /** As `<input type="date">` has it, in the viewer's time zone. */
  readonly from: string;
}
export const NO_FILTER: AuditFilter = { action: '', target: '', address: '', from: '' };

/** Who did what, the newest first, a page at a time. */
export class AuditState {
  readonly filter = signal<AuditFilter>(NO_FILTER);
  readonly actions = signal<readonly string[]>([]);
  readonly entries = signal<readonly AuditEntryWire[] | null>(null);
  readonly next = signal<string | null>(null);
  readonly problem = signal<ProblemWire | null>(null);
  readonly isLoading = signal(false);
  private questions = 0;

  constructor(private readonly api: ApiClient) {}

  async start(): Promise<void> {
    await Promise.all([this.load(), this.loadActions()]);
  }

  narrow(change: Partial<AuditFilter>): Promise<void> {
    this.filter.update((filter) => ({ ...filter, ...change }));
    return this.load();
  }

  load(): Promise<void> {
    return this.ask(undefined);
  }

  async more(): Promise<void> {
    const next = this.next();
    if (next !== null && !this.isLoading()) await this.ask(next);
  }

  private async ask(after: string | undefined): Promise<void> {
    const question = ++this.questions;
    this.isLoading.set(true);
    try {
      const { items, next } = await this.api.audit(queryOf(this.filter(), after));
      if (question !== this.questions) return;
      this.entries.update((before) => (after === undefined ? items : [...(before ?? []), ...items]));
      this.next.set(next);
      this.problem.set(null);
    } catch (error) {
      if (question === this.questions) this.problem.set(problemFrom(error));
    } finally {
      if (question === this.questions) this.isLoading.set(false);
    }
  }

  /** Without them there is a filter less. */
  private async loadActions(): Promise<void> {
    this.actions.set(await this.api.auditActions().catch(() => []));
  }
}

function queryOf({ action, target, address, from }: AuditFilter, after: string | undefined): Query<'listAudit'> {
  const given = {
    action,
    target: target.trim(),
    address: address.trim(),
    from: from === '' ? '' : new Date(`${from}T00:00`).toISOString(),
    after: after ?? '',
  };
  return { limit: PAGE, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')) };
}
