import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { Icon } from './icon';
import { TickedText } from './ticked-text';

export interface NoticeItem {
  readonly id: number;
  readonly tone: 'info' | 'problem';
  readonly title: string;
  readonly detail?: string;
  readonly code?: string;
  readonly fix?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Short messages at the edge of the page; a screen reader hears each as it comes. */
@Component({
  selector: 'vd-notice-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, TickedText],
  template: `@for (notice of notices(); track notice.id) {
    <div class="notice" [class.notice--problem]="notice.tone === 'problem'">
      <div class="notice__text">
        <strong>{{ notice.title }}</strong>
        @if (notice.detail && notice.detail !== notice.title) {
          <p><vd-ticked-text [text]="notice.detail" /></p>
        }
        @if (notice.fix) {
          <p class="problem__fix"><vd-ticked-text [text]="notice.fix" /></p>
        }
        @if (notice.code) {
          <code class="problem__code">{{ notice.code }}</code>
        }
      </div>
      @if (notice.action; as action) {
        <button type="button" class="button" (click)="action.run()">{{ action.label }}</button>
      }
      <button type="button" class="tool" (click)="dismissed.emit(notice.id)" aria-label="Dismiss"><vd-icon name="close" /></button>
    </div>
  }`,
  host: { class: 'notices', role: 'log', 'aria-live': 'polite', 'aria-label': 'Notices' },
})
export class NoticeList {
  readonly notices = input.required<readonly NoticeItem[]>();
  readonly dismissed = output<number>();
}
