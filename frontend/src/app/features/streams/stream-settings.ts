import { ChangeDetectionStrategy, Component, effect, inject, input, output, signal, untracked } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import { problemFrom } from '../../api/problem';
import type { ProblemWire, StreamWire } from '../../api/models';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';

/** What an admin can do to a stream: name it otherwise, switch it off and on, remove it. */
@Component({
  selector: 'vd-stream-settings',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal, ProblemText],
  template: `<vd-modal heading="Stream settings" [open]="stream() !== null" (closed)="closed.emit()">
    @if (stream(); as it) {
      <form (submit)="rename($event, it)" novalidate>
        <label class="field">
          <span>Title</span>
          <span class="field__row">
            <input class="input" name="title" maxlength="120" autocomplete="off" [value]="title()" (input)="title.set(valueOf($event))" />
            <button type="submit" class="button" [attr.aria-disabled]="busy() || title().trim() === '' || title().trim() === it.title">
              Rename
            </button>
          </span>
          <span class="field__hint"
            >Its name, in addresses and config, stays <code>{{ it.name }}</code>.</span
          >
        </label>
      </form>
      <section class="act" aria-labelledby="act-enable">
        <div>
          <h3 id="act-enable">{{ it.enabled ? 'Switch off' : 'Switch on' }}</h3>
          <p class="field__hint">
            {{ it.enabled ? 'What runs ends and nothing new is taken in, until it is switched on again.' : 'It takes in video again.' }}
          </p>
        </div>
        <button type="button" class="button" [attr.aria-disabled]="busy()" (click)="setEnabled(it, !it.enabled)">
          {{ it.enabled ? 'Switch off' : 'Switch on' }}
        </button>
      </section>
      <section class="act" aria-labelledby="act-remove">
        <div>
          <h3 id="act-remove">Remove</h3>
          <p class="field__hint">
            {{
              sure()
                ? 'This cannot be undone: its keys stop working, and video and results go when their retention ends.'
                : 'Takes it out of Vedette, with its keys.'
            }}
          </p>
        </div>
        @if (sure()) {
          <button type="button" class="button button--danger" [attr.aria-disabled]="busy()" (click)="remove(it)">Remove for good</button>
        } @else {
          <button type="button" class="button" (click)="sure.set(true)">Remove…</button>
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

  protected readonly title = signal('');
  protected readonly sure = signal(false);
  protected readonly busy = signal(false);
  protected readonly problem = signal<ProblemWire | null>(null);
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
      void this.attempt(async () => this.changed.emit(await this.api.updateStream(stream.id, { title })));
  }

  protected setEnabled(stream: StreamWire, enabled: boolean): void {
    void this.attempt(async () => this.changed.emit(await this.api.updateStream(stream.id, { enabled })));
  }

  protected remove(stream: StreamWire): void {
    void this.attempt(async () => {
      await this.api.removeStream(stream.id);
      this.removed.emit(stream);
    });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await work();
    } catch (error) {
      this.problem.set(problemFrom(error));
    } finally {
      this.busy.set(false);
    }
  }
}
