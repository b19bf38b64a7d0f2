import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { KeyboardHelp } from '../../core/keyboard-help';
import type { AppTexts } from '../../i18n/en';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { AccountMenu } from './account-menu';
import { Verdict } from './verdict';

/** On every page of somebody who is signed in: whether all is well, and what is one's own. */
@Component({
  selector: 'vd-top-bar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AccountMenu, Icon, RouterLink, Verdict],
  templateUrl: './top-bar.html',
})
export class TopBar {
  /** Whether the page has keys of its own, which their help tells. */
  readonly hasKeys = input(false);
  protected readonly t = inject(Texts).of<AppTexts>('app');
  protected readonly help = inject(KeyboardHelp);
}
