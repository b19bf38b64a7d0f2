import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { Notices } from './core/notices';
import { NoticeList } from './shared/ui/notice-list';

@Component({
  selector: 'vd-root',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterOutlet, NoticeList],
  template: `<router-outlet /><vd-notice-list [notices]="notices.list()" (dismissed)="notices.dismiss($event)" />`,
})
export class App {
  protected readonly notices = inject(Notices);
}
