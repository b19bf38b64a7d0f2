import { ChangeDetectionStrategy, Component, effect, inject, input, output, signal, untracked } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { StreamWire } from '../../api/models';
import { Doing } from '../../core/doing';
import { Texts } from '../../i18n/texts';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';
import type { StreamsTexts } from './i18n/en';

/** What an admin can do to a stream: name it otherwise, switch it off and on, remove it. */
@Component({
  selector: 'vd-stream-settings',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal, ProblemText],
  template: `<vd-modal [heading]="t('settings.heading')" [open]="stream() !== null" (closed)="closed.emit()">
    @if (stream(); as it) {
      <form (submit)="rename($event, it)" novalidate>
        <label class="field">
          <span>{{ t('title.label') }}</span>
          <span class="field__row">
            <input class="input" name="title" maxlength="120" autocomplete="off" [value]="title()" (input)="title.set(valueOf($event))" />
            <button type="submit" class="button" [attr.aria-disabled]="busy() || title().trim() === '' || title().trim() === it.title">
              {{ t('settings.rename') }}
            </button>
          </span>
          <span class="field__hint"
            >{{ t('settings.nameStays') }} <code>{{ it.name }}</code>.</span
          >
        </label>
      </form>
      <section class="act" aria-labelledby="act-enable">
        <div>
          <h3 id="act-enable">{{ t(it.enabled ? 'settings.switchOff' : 'settings.switchOn') }}</h3>
          <p class="field__hint">
            {{ t(it.enabled ? 'settings.switchOffHint' : 'settings.switchOnHint') }}
          </p>
        </div>
        <button type="button" class="button" [attr.aria-disabled]="busy()" (click)="setEnabled(it, !it.enabled)">
          {{ t(it.enabled ? 'settings.switchOff' : 'settings.switchOn') }}
        </button>
      </section>
      <section class="act" aria-labelledby="act-remove">
        <div>
          <h3 id="act-remove">{{ t('settings.remove') }}</h3>
          <p class="field__hint">
            {{ t(sure() ? 'settings.removeWarning' : 'settings.removeHint') }}
          </p>
        </div>
        @if (sure()) {
          <button type="button" class="button button--danger" [attr.aria-disabled]="busy()" (click)="remove(it)">
            {{ t('settings.removeSure') }}
          </button>
        } @else {
          <button type="button" class="button" (click)="sure.set(true)">{{ t('settings.removeAsk') }}</button>
        }
      </section>
      @if (problem(); as trouble) {
        <vd-problem-text [problem]="trouble" />
      }
    }
  </vd-modal>`,
})
export class StreamSettings {
  readonly stream = input<StreamWire | null>(null);
  readonly closed = output<void>();
  readonly changed = output<StreamWire>();
  readonly removed = output<StreamWire>();

  protected readonly t = inject(Texts).of<StreamsTexts>('streams');
  protected readonly title = signal('');
  protected readonly sure = signal(false);
  private readonly doing = new Doing();
  protected readonly busy = this.doing.busy;
  protected readonly problem = this.doing.problem;
  private readonly api = inject(ApiClient);
  private shownId: string | null = null;

  constructor() {
    effect(() => {
      const stream = this.stream();
      untracked(() => {
        // The stream itself changes while the dialog is open; what is being typed must outlast that.
        if (stream?.id === this.shownId) return;
        this.shownId = stream?.id ?? null;
        this.title.set(stream?.title ?? '');
        this.sure.set(false);
        this.problem.set(null);
      });
    });
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }

  protected rename(event: Event, stream: StreamWire): void {
    event.preventDefault();
    const title = this.title().trim();
    if (title !== '' && title !== stream.title)
      void this.doing.attempt(async () => this.changed.emit(await this.api.updateStream(stream.id, { title })));
  }

  protected setEnabled(stream: StreamWire, enabled: boolean): void {
    void this.doing.attempt(async () => this.changed.emit(await this.api.updateStream(stream.id, { enabled })));
  }

  protected remove(stream: StreamWire): void {
    void this.doing.attempt(async () => {
      await this.api.removeStream(stream.id);
      this.removed.emit(stream);
    });
  }
}
