import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { AppTexts } from '../i18n/en';
import { Texts } from '../i18n/texts';
import { Icon } from '../shared/ui/icon';
import { PAGES, type PageName } from './pages';

/** Where to go: a rail beside the page, on a phone a bar below it. */
@Component({
  selector: 'vd-side-nav',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, Icon],
  templateUrl: './side-nav.html',
})
export class SideNav {
  /** Where it stands. */
  readonly page = input.required<PageName>();
  protected readonly pages = PAGES;
  protected readonly others = PAGES.filter(({ isFirst }) => isFirst !== true);
  /** A stream belongs to the wall that it hangs on. */
  protected readonly here = computed(() => (this.page() === 'stream' ? 'wall' : this.page()));
  protected readonly isAmongOthers = computed(() => this.others.some(({ name }) => name === this.here()));
  protected readonly t = inject(Texts).of<AppTexts>('app');
  private readonly sheet = viewChild.required<ElementRef<HTMLElement>>('sheet');

  protected close(): void {
    this.sheet().nativeElement.hidePopover();
  }
}
