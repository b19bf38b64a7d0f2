import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** How much of something is used: a bar, with the figure for those who do not see it. Beyond 1 it is full, and says so. */
@Component({
  selector: 'vd-meter',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<span class="meter__fill" [style.width.%]="fill()"></span>
    @if (markAt(); as at) {
      <span class="meter__mark" [style.left.%]="at" [title]="markLabel()"></span>
    }`,
  host: {
    class: 'meter',
    role: 'meter',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
    '[attr.aria-valuenow]': 'fill()',
    '[attr.aria-valuetext]': 'text()',
    '[attr.aria-label]': 'label()',
    '[attr.data-tone]': 'tone()',
  },
})
export class Meter {
  readonly label = input.required<string>();
  readonly text = input.required<string>();
  /** 0..1, or beyond. */
  readonly share = input.required<number>();
  readonly tone = input<'good' | 'warn' | 'bad' | 'unknown'>('good');
  /** A second figure, drawn as a line. */
  readonly mark = input<number | null>(null);
  readonly markLabel = input('');
  protected readonly fill = computed(() => percentOf(this.share()));
  protected readonly markAt = computed(() => {
    const mark = this.mark();
    return mark === null || mark <= this.share() || this.share() >= 1 ? null : percentOf(mark);
  });
}

const percentOf = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
