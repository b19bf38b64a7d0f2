import { ChangeDetectionStrategy, Component, inject, input, output } from '@angular/core';
import { SingleKeys } from '../../core/keyboard';
import { Texts } from '../../i18n/texts';
import { Modal } from '../../shared/ui/modal';
import type { PlayerTexts } from './i18n/en';
import { SHORTCUTS } from './shortcuts';

/** The help for the keys of the stream page, and the switch that turns single ones off. */
@Component({
  selector: 'vd-key-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal],
  template: `<vd-modal [heading]="t('keys.heading')" [open]="open()" (closed)="closed.emit()">
    @if (!singleKeys.on()) {
      <p class="callout">{{ t('keys.off') }}</p>
    }
    <dl class="keys">
      @for (shortcut of shortcuts; track shortcut.title) {
        <div>
          <dt>{{ t(shortcut.title) }}</dt>
          <dd>
            @for (key of shortcut.keys; track key) {
              <kbd>{{ key }}</kbd>
            }
          </dd>
        </div>
      }
      <div>
        <dt>{{ t('keys.help') }}</dt>
        <dd><kbd>?</kbd></dd>
      </div>
    </dl>
    <footer class="modal__foot">
      <button type="button" class="button" (click)="singleKeys.use(!singleKeys.on())">
        {{ t(singleKeys.on() ? 'keys.switchOff' : 'keys.switchOn') }}
      </button>
    </footer>
  </vd-modal>`,
})
export class KeyList {
  readonly open = input(false);
  readonly closed = output<void>();
  protected readonly t = inject(Texts).of<PlayerTexts>('player');
  protected readonly singleKeys = inject(SingleKeys);
  protected readonly shortcuts = SHORTCUTS.map(({ action, keys }) => ({ title: `keys.${action}` as const, keys: keys.map(nameOf) }));
}

function nameOf(key: string): string {
  return { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→' }[key] ?? key;
}
