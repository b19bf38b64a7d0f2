import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** Text in which `backticks` mark code, as the server's messages use them. */
@Component({
  selector: 'vd-ticked-text',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `@for (part of parts(); track $index) {
    @if ($odd) {
      <code>{{ part }}</code>
    } @else {
      {{ part }}
    }
  }`,
})
export class TickedText {
  readonly text = input.required<string>();
  protected readonly parts = computed(() => this.text().split('`'));
}
