import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Icon, type IconName } from './icon';

/** Where there is nothing yet: what would be here, and what to do for it (projected buttons or links). */
@Component({
  selector: 'vd-empty-state',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `<vd-icon [name]="icon()" />
    <h2>{{ heading() }}</h2>
    @if (text(); as it) {
      <p class="quiet">{{ it }}</p>
    }
    <div class="empty-state__actions"><ng-content /></div>`,
  host: { class: 'empty-state' },
})
export class EmptyState {
  readonly icon = input.required<IconName>();
  readonly heading = input.required<string>();
  readonly text = input<string>('');
}
