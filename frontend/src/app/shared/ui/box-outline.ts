import { ChangeDetectionStrategy, Component, input } from '@angular/core';

/** A box over the picture that it lies in, in percent of its sides. */
@Component({
  selector: 'vd-box-outline',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: '',
  host: {
    class: 'evidence__box',
    'aria-hidden': 'true',
    '[style.left.%]': 'at().left',
    '[style.top.%]': 'at().top',
    '[style.width.%]': 'at().width',
    '[style.height.%]': 'at().height',
  },
})
export class BoxOutline {
  readonly at = input.required<{ readonly left: number; readonly top: number; readonly width: number; readonly height: number }>();
}
