import { signal } from '@angular/core';
import type { RetentionWire, StreamRetentionWire } from '../../api/models';
import type { UpkeepApi } from '../../api/upkeep-api';
import { Polling } from '../../core/polling';
import { Doing } from '../../core/doing';
import { formOf, retentionOf, type FormFault, type RetentionForm } from './retention-form';

/** How long media and results are kept: of everything, and of one stream. */
export class RetentionState {
  readonly overview: Polling<RetentionWire>;
  readonly streamId = signal<string | null>(null);
  readonly stream = signal<StreamRetentionWire | null>(null);
  readonly form = signal<RetentionForm | null>(null);
  readonly faults = signal<readonly FormFault[]>([]);
  readonly doing = new Doing();
  /** Saved as it stands in the form. */
  readonly isSaved = signal(false);

  constructor(
    private readonly api: UpkeepApi,
    nowMs: () => number,
  ) {
    this.overview = new Polling(() => api.retention(), nowMs);
  }

  /** Shows a stream's own, or none. */
  async choose(streamId: string | null): Promise<void> {
    this.streamId.set(streamId);
    this.stream.set(null);
    this.form.set(null);
    this.doing.problem.set(null);
    if (streamId === null) return;
    await this.doing.attempt(async () => {
      const answer = await this.api.streamRetention(streamId);
      if (this.streamId() === streamId) this.show(answer);
    });
  }

  change(change: Partial<RetentionForm>): void {
    this.form.update((form) => (form === null ? null : { ...form, ...change }));
    this.isSaved.set(false);
  }

  async save(): Promise<void> {
    const [streamId, form] = [this.streamId(), this.form()];
    if (streamId === null || form === null) return;
    const read = retentionOf(form);
    this.faults.set('faults' in read ? read.faults : []);
    if ('faults' in read) return;
    const isDone = await this.doing.attempt(async () => this.show(await this.api.setStreamRetention(streamId, read.own)));
    this.isSaved.set(isDone);
  }

  private show(answer: StreamRetentionWire): void {
    this.stream.set(answer);
    this.form.set(formOf(answer.own));
    this.faults.set([]);
    this.isSaved.set(false);
  }
}
