import { ChangeDetectionStrategy, Component, computed, effect, inject, input, ViewEncapsulation } from '@angular/core';
import { RouterLink } from '@angular/router';
import { SessionState } from '../core/session-state';
import { ChangeList } from '../features/plugins/change-list';
import { ContributionPanel } from '../features/plugins/contribution-panel';
import type { PluginsTexts } from '../features/plugins/i18n/en';
import { valueText } from '../features/plugins/json-values';
import { PluginEditor } from '../features/plugins/plugin-editor';
import type { DraftChange } from '../features/plugins/settings-draft';
import { HEALTH_LAMPS } from '../features/plugins/tone';
import { Trial } from '../features/plugins/trial';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { type Key, Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';
import { TickedText } from '../shared/ui/ticked-text';

/** One plugin: how it is, what of it can be set, and what was set before. */
@Component({
  selector: 'vd-plugin-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/plugins/plugins.css',
  imports: [ChangeList, ContributionPanel, EmptyState, Icon, PageHead, ProblemText, RouterLink, TickedText],
  templateUrl: './plugin-page.html',
})
export class PluginPage {
  /** Of the address: `?id=`. */
  readonly id = input('');
  protected readonly editor = inject(PluginEditor);
  protected readonly session = inject(SessionState);
  protected readonly format = inject(LocaleFormat);
  private readonly trial = inject(Trial);
  private readonly texts = inject(Texts);
  protected readonly t = this.texts.of<PluginsTexts>('plugins');
  protected readonly app = this.texts.of<AppTexts>('app');
  protected readonly lamps = HEALTH_LAMPS;
  protected readonly dateOf = Date.parse;
  protected readonly isEnabledLocked = computed(() => ['file', 'environment'].includes(this.editor.plugin()?.enabled.source ?? ''));

  constructor() {
    effect(() => {
      const id = this.id();
      if (!this.session.isAdmin()) return;
      this.trial.clear();
      void this.editor.load(id);
    });
  }

  protected change({ contribution, path, before, after }: DraftChange): { place: string; path: string; before: string; after: string } {
    return {
      place: contribution?.title ?? this.t('review.plugin'),
      path: path.join('.'),
      before: valueText(before ?? undefined),
      after: valueText(after ?? undefined),
    };
  }

  protected isChecked(event: Event): boolean {
    return (event.target as HTMLInputElement).checked;
  }

  /** A text whose key is made of what the server says. */
  protected word(key: string): string {
    return this.t(key as Key<PluginsTexts>);
  }
}
