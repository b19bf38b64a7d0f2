import { ChangeDetectionStrategy, Component, computed, inject, output } from '@angular/core';
import { ServerAddress } from '../../core/server-address';
import { SessionState } from '../../core/session-state';
import { Icon } from '../../shared/ui/icon';
import { exportPath } from './event-filter';
import { EventWords } from './event-words';
import { EventsState } from './events-state';

/** As many ids go into an address. */
const MOST_IN_FILE = 500;

/** What can be done with the events that were chosen; else what was done last, to be taken back. */
@Component({
  selector: 'vd-picked-bar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ServerAddress],
  template: `@if (state.picked(); as groups) {
    @if (groups.length > 0) {
      <div class="picked-bar" role="region" [attr.aria-label]="t('picked.bar')">
        <strong role="status">{{ t.count('picked.count', groups.length) }}</strong>
        @if (groups.length < state.items().length) {
          <button type="button" class="button" (click)="state.pickAll()">{{ t('picked.all') }}</button>
        }
        <button type="button" class="button button--primary" (click)="review()"><vd-icon name="check" />{{ t('picked.review') }}</button>
        @if (ids().length <= most) {
          <a class="button" [href]="path('csv') | serverAddress" download><vd-icon name="download" />{{ t('export.csv') }}</a>
          <a class="button" [href]="path('jsonl') | serverAddress" download><vd-icon name="download" />{{ t('export.json') }}</a>
        }
        @if (session.isAdmin()) {
          <button type="button" class="button" (click)="clips.emit()"><vd-icon name="scene" />{{ t('picked.clips') }}</button>
        }
        <button type="button" class="tool" (click)="state.pickNone()" [attr.aria-label]="t('picked.none')" [title]="t('picked.none')">
          <vd-icon name="close" />
        </button>
      </div>
    } @else if (state.lastReview(); as last) {
      <div class="picked-bar picked-bar--done">
        <span role="status">{{ t.count(last.reviewed ? 'undo.reviewed' : 'undo.unreviewed', last.groups) }}</span>
        <button type="button" class="button" (click)="state.undo()"><vd-icon name="undo" />{{ t('undo.undo') }}</button>
      </div>
    }
  }`,
})
export class PickedBar {
  readonly clips = output<void>();
  protected readonly state = inject(EventsState);
  protected readonly session = inject(SessionState);
  protected readonly t = inject(EventWords).t;
  protected readonly most = MOST_IN_FILE;
  protected readonly ids = computed(() => this.state.picked().flatMap(({ eventIds }) => eventIds));

  protected path(format: 'csv' | 'jsonl'): string {
    return exportPath({}, format, this.ids());
  }

  protected review(): void {
    const groups = this.state.picked();
    this.state.pickNone();
    void this.state.review(groups, true);
  }
}
