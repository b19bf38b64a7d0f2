import { ChangeDetectionStrategy, Component, inject, input, signal } from '@angular/core';
import type { AppTexts } from '../../i18n/en';
import { Texts } from '../../i18n/texts';
import { Icon } from './icon';

const SAID_FOR_MS = 2_000;

/** A value to take elsewhere, with a button that copies it. */
@Component({
  selector: 'vd-copy-field',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `<span class="copy__label">{{ label() }}</span>
    <span class="copy__row">
      <code class="copy__value" #value tabindex="0">{{ text() }}</code>
      <button type="button" class="button button--quiet" (click)="copy(value)" [attr.aria-label]="t('copy.what', { what: label() })">
        <vd-icon [name]="copied() ? 'check' : 'copy'" /><span aria-live="polite">{{ t(copied() ? 'copy.done' : 'copy.do') }}</span>
      </button>
    </span>`,
  host: { class: 'copy' },
})
export class CopyField {
  readonly label = input.required<string>();
  readonly text = input.required<string>();
  protected readonly t = inject(Texts).of<AppTexts>('app');
  protected readonly copied = signal(false);

  protected async copy(value: HTMLElement): Promise<void> {
    if (!(await this.toClipboard(value))) return;
    this.copied.set(true);
    setTimeout(() => this.copied.set(false), SAID_FOR_MS);
  }

  /** Pages served without TLS have no clipboard API: select the text and use the browser's own copy command. */
  private async toClipboard(value: HTMLElement): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(this.text());
      return true;
    } catch {
      getSelection()?.selectAllChildren(value);
      return document.execCommand('copy');
    }
  }
}
