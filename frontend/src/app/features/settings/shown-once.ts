import { ChangeDetectionStrategy, Component, inject, input, output } from '@angular/core';
import { Texts } from '../../i18n/texts';
import { CopyField } from '../../shared/ui/copy-field';
import { Modal } from '../../shared/ui/modal';
import type { SettingsTexts } from './i18n/en';

/** Something that is shown this once: it goes away only when somebody says that they have it. */
@Component({
  selector: 'vd-shown-once',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CopyField, Modal],
  template: `<vd-modal [heading]="heading()" [open]="value() !== ''" [holds]="true">
    <p>{{ text() }}</p>
    <vd-copy-field [label]="label()" [text]="value()" />
    <ng-content />
    <footer class="modal__foot">
      <button type="button" class="button button--primary" (click)="kept.emit()">{{ t('once.kept') }}</button>
    </footer>
  </vd-modal>`,
})
export class ShownOnce {
  readonly heading = input.required<string>();
  readonly text = input.required<string>();
  readonly label = input.required<string>();
  /** Empty: nothing is shown. */
  readonly value = input.required<string>();
  readonly kept = output<void>();
  protected readonly t = inject(Texts).of<SettingsTexts>('settings');
}
