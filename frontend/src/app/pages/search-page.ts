import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import type { SearchTexts } from '../features/search/i18n/en';
import { Texts } from '../i18n/texts';
import { PageHead } from '../shared/ui/page-head';

@Component({
  selector: 'vd-search-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [PageHead],
  template: `<main id="content" class="page" tabindex="-1">
    <vd-page-head [heading]="t('head.title')" [text]="t('head.text')" />
  </main>`,
})
export class SearchPage {
  protected readonly t = inject(Texts).of<SearchTexts>('search');
}
