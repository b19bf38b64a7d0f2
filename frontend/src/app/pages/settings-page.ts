import { ChangeDetectionStrategy, Component, computed, inject, ViewEncapsulation } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, NavigationEnd, Router, RouterLink, RouterOutlet } from '@angular/router';
import { filter } from 'rxjs';
import { SessionState } from '../core/session-state';
import type { SettingsTexts } from '../features/settings/i18n/en';
import type { AppTexts } from '../i18n/en';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { PageHead } from '../shared/ui/page-head';
import { SETTINGS_SECTIONS, type SettingsSection } from './settings-sections';

/** People, tokens, sessions, keys, retention and what is one's own: one section at a time. */
@Component({
  selector: 'vd-settings-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/settings/settings.css',
  imports: [EmptyState, PageHead, RouterLink, RouterOutlet],
  template: `<main id="content" class="page" tabindex="-1">
    <vd-page-head [heading]="t('head.title')" [text]="t('head.text')" />
    <div class="settings">
      <nav class="settings__nav" [attr.aria-label]="t('sections.label')">
        @for (section of shown(); track section.name) {
          <a
            class="settings__link"
            [routerLink]="'/settings/' + section.name"
            [attr.aria-current]="section.name === here()?.name ? 'page' : null"
            >{{ t(section.title) }}</a
          >
        }
      </nav>
      @if (here()?.isForAdmins && !session.isAdmin()) {
        <vd-empty-state
          icon="key"
          [heading]="app('forbidden.title')"
          [text]="app('forbidden.text', { name: session.session()?.user?.name ?? '' })"
        />
      } @else {
        <div><router-outlet /></div>
      }
    </div>
  </main>`,
})
export class SettingsPage {
  protected readonly t = inject(Texts).of<SettingsTexts>('settings');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly session = inject(SessionState);
  protected readonly shown = computed(() => SETTINGS_SECTIONS.filter(({ isForAdmins }) => !isForAdmins || this.session.isAdmin()));
  private readonly route = inject(ActivatedRoute);
  private readonly arrived = toSignal(inject(Router).events.pipe(filter((event) => event instanceof NavigationEnd)));
  protected readonly here = computed<SettingsSection | undefined>(() => {
    this.arrived();
    const path = this.route.snapshot.firstChild?.routeConfig?.path;
    return SETTINGS_SECTIONS.find(({ name }) => name === path);
  });
}
