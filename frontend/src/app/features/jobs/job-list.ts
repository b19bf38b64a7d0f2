import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import type { ProblemWire } from '../../api/models';
import { SERVER_URL } from '../../core/server-address';
import { SessionState } from '../../core/session-state';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { type Key, Texts } from '../../i18n/texts';
import { Confirm } from '../../shared/ui/confirm';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { TickedText } from '../../shared/ui/ticked-text';
import type { JobsTexts } from './i18n/en';
import { JobsState } from './jobs-state';
import { inOrder, type JobAction, type JobKind, type JobRow } from './job-rows';
import { LAMPS } from './tone';

/** So many are shown of those that have ended, until somebody asks for more. */
const SHOWN = 8;

/** Jobs of one kind: what goes on first, with how far it has come. */
@Component({
  selector: 'vd-job-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Confirm, Meter, ProblemText, TickedText],
  templateUrl: './job-list.html',
})
export class JobList {
  readonly kind = input.required<JobKind>();
  /** Null: not known yet. */
  readonly rows = input.required<readonly JobRow[] | null>();
  readonly problem = input.required<ProblemWire | null>();
  protected readonly state = inject(JobsState);
  protected readonly session = inject(SessionState);
  protected readonly format = inject(LocaleFormat);
  private readonly texts = inject(Texts);
  private readonly serverUrl = inject(SERVER_URL);
  protected readonly t = this.texts.of<JobsTexts>('jobs');
  protected readonly app = this.texts.of<AppTexts>('app');
  protected readonly lamps = LAMPS;
  protected readonly all = signal(false);
  protected readonly removing = signal<JobRow | null>(null);
  protected readonly ordered = computed(() => inOrder(this.rows() ?? []));
  protected readonly shown = computed(() => (this.all() ? this.ordered() : this.ordered().slice(0, SHOWN)));

  protected actionsOf({ actions }: JobRow): readonly JobAction[] {
    return this.session.isAdmin() ? actions : actions.filter((action) => action === 'download');
  }

  protected fileOf({ id }: JobRow): string {
    return `${this.serverUrl}/api/clips/${id}/clip.mp4`;
  }

  protected do(row: JobRow, action: JobAction): void {
    if (action === 'remove') {
      // Only a file that is gone is a loss; the rest is a line in a list.
      if (row.kind === 'clip') this.removing.set(row);
      else void this.state.remove(row);
    } else if (row.kind === 'backfill' && action !== 'download') void this.state.changeBackfill(row.id, action);
    else if (row.kind === 'import' && (action === 'pause' || action === 'resume' || action === 'cancel'))
      void this.state.changeImport(row.streamId, row.id, action);
    else if (row.kind === 'clip' && action === 'cancel') void this.state.cancelClip(row.id);
  }

  protected remove(row: JobRow): void {
    this.removing.set(null);
    void this.state.remove(row);
  }

  /** A text whose key is made of what the server says. */
  protected word(key: string): string {
    return this.t(key as Key<JobsTexts>);
  }
}
