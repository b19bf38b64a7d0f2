import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Confirm } from '../../shared/ui/confirm';
import type { PluginsTexts } from './i18n/en';
import { valueText } from './json-values';
import { PluginEditor } from './plugin-editor';

/** What was set of a plugin in the dashboard, by whom and when, with the way back. */
@Component({
  selector: 'vd-change-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Confirm],
  template: `<section class="plugins-changes" aria-labelledby="changes-title">
      <header class="plugins-changes__head">
        <h2 id="changes-title">{{ t('changes.title') }}</h2>
        @if (isSet()) {
          <button type="button" class="button" (click)="asking.set(true)">{{ t('changes.reset') }}</button>
        }
      </header>
      <ol class="plugins-changes__list">
        @for (change of editor.changes(); track change.revision; let first = $first) {
          <li>
            <div>
              <p>
                <strong>{{ t('changes.by', { by: change.by, when: format.dateTime(dateOf(change.at)) }) }}</strong>
                @if (change.restores !== null) {
                  <span class="quiet"> {{ t('changes.restores') }}</span>
                }
              </p>
              <ul class="plugins-changes__values">
                @for (value of change.changed; track value.path) {
                  <li>
                    <code>{{ value.path }}</code> {{ text(value.before) }} {{ t('changes.toward') }}
                    <strong>{{ text(value.after) }}</strong>
                  </li>
                } @empty {
                  <li class="quiet">{{ t('changes.nothing') }}</li>
                }
              </ul>
            </div>
            @if (!first) {
              <button
                type="button"
                class="button"
                [attr.aria-disabled]="editor.saving() || null"
                [attr.aria-label]="t('changes.restoreOf', { when: format.dateTime(dateOf(change.at)) })"
                (click)="editor.restore(change.revision)"
              >
                {{ t('changes.restore') }}
              </button>
            }
          </li>
        } @empty {
          <li class="quiet">{{ t('changes.none') }}</li>
        }
      </ol>
    </section>
    <vd-confirm
      [heading]="t('changes.resetTitle', { name: editor.plugin()?.id ?? '' })"
      [confirmLabel]="t('changes.resetDo')"
      [cancelLabel]="t('changes.keep')"
      [open]="asking()"
      (confirmed)="reset()"
      (cancelled)="asking.set(false)"
    >
      <p>{{ t('changes.resetText') }}</p>
    </vd-confirm>`,
})
export class ChangeList {
  protected readonly editor = inject(PluginEditor);
  protected readonly format = inject(LocaleFormat);
  protected readonly t = inject(Texts).of<PluginsTexts>('plugins');
  protected readonly asking = signal(false);
  protected readonly dateOf = Date.parse;
  protected readonly isSet = computed(() => Object.keys(this.editor.plugin()?.settings ?? {}).length > 0);

  protected text(value: unknown): string {
    return value === undefined ? this.t('changes.unset') : valueText(value);
  }

  protected reset(): void {
    this.asking.set(false);
    void this.editor.restore(null);
  }
}
