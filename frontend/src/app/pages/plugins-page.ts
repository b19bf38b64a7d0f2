import { ChangeDetectionStrategy, Component, inject, type OnDestroy, type OnInit, ViewEncapsulation } from '@angular/core';
import type { PluginsTexts } from '../features/plugins/i18n/en';
import { PluginTable } from '../features/plugins/plugin-table';
import { PluginsState } from '../features/plugins/plugins-state';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

/** What is installed, how it is and what it costs. */
@Component({
  selector: 'vd-plugins-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/plugins/plugins.css',
  imports: [EmptyState, PageHead, PluginTable, ProblemText],
  template: `<main id="content" class="page" tabindex="-1">
    <vd-page-head [heading]="t('head.title')" [text]="t('head.text')" />
    @if (state.waiting().length; as count) {
      <div class="callout callout--warn plugins-restart">
        <strong>{{ t.count('restart.title', count) }}</strong>
        <p>{{ t('restart.text') }}</p>
      </div>
    }
    @if (state.plugins.value()) {
      @if (state.plugins.problem(); as problem) {
        <p class="callout callout--warn">{{ app('state.asOf', { time: format.time(state.plugins.answeredAtMs() ?? 0) }) }}</p>
        <vd-problem-text [problem]="problem" />
      }
      @if (state.sorted().length > 0) {
        <vd-plugin-table [plugins]="state.sorted()" />
      } @else {
        <vd-empty-state icon="plugin" [heading]="t('empty')" />
      }
    } @else if (state.plugins.problem(); as problem) {
      <vd-problem-text [problem]="problem" />
      <div>
        <button type="button" class="button" (click)="state.plugins.load()">{{ app('state.again') }}</button>
      </div>
    } @else {
      <div class="loading" role="status"><span class="spinner" aria-hidden="true"></span>{{ app('state.loading') }}</div>
    }
  </main>`,
})
export class PluginsPage implements OnInit, OnDestroy {
  protected readonly state = inject(PluginsState);
  protected readonly format = inject(LocaleFormat);
  private readonly texts = inject(Texts);
  protected readonly t = this.texts.of<PluginsTexts>('plugins');
  protected readonly app = this.texts.of<AppTexts>('app');

  ngOnInit(): void {
    this.state.start();
  }

  ngOnDestroy(): void {
    this.state.stop();
  }
}
