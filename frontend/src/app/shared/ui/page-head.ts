import { ChangeDetectionStrategy, Component, input } from '@angular/core';

/** How a page begins: what it is, one sentence, and what can be done on all of it (projected). */
@Component({
  selector: 'vd-page-head',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<div class="page-head__text">
      <h1>{{ heading() }}</h1>
      @if (text(); as it) {
        <p class="quiet">{{ it }}</p>
      }
    </div>
    <div class="page-head__actions"><ng-content /></div>`,
  host: { class: 'page-head' },
})
export class PageHead {
  readonly heading = input.required<string>();
  readonly text = input<string>('');
}
