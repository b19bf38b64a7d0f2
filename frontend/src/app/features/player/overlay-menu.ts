import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import type { PlayerTexts } from './i18n/en';
import type { OverlayPrefs } from './overlay-prefs';

/** What is drawn over the picture, and of which analyzers. */
@Component({
  selector: 'vd-overlay-menu',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  templateUrl: './overlay-menu.html',
})
export class OverlayMenu {
  readonly prefs = input.required<OverlayPrefs>();
  readonly analyzers = input.required<readonly { readonly id: string; readonly title: string }[]>();

  protected readonly t = inject(Texts).of<PlayerTexts>('player');
  protected readonly format = inject(LocaleFormat);
  protected readonly switches = ['boxes', 'labels', 'trails'] as const;

  protected setMinScore(event: Event): void {
    this.prefs().setMinScore((event.target as HTMLInputElement).valueAsNumber);
  }

  protected show(analyzerId: string, event: Event): void {
    this.prefs().show(analyzerId, (event.target as HTMLInputElement).checked);
  }
}
