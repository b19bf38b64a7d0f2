import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from '@angular/core';
import { Texts } from '../../i18n/texts';
import type { PluginsTexts } from './i18n/en';
import { choiceOf, namesIn, patternsOf, type StreamChoice as Choice } from './stream-patterns';

/** Which streams an analyzer looks at. */
@Component({
  selector: 'vd-stream-choice',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<fieldset class="plugins-streams" [disabled]="disabled()">
    <legend>{{ t('streams.title') }}</legend>
    @if (choice(); as it) {
      <div class="picks" role="radiogroup" [attr.aria-label]="t('streams.title')">
        @for (mode of modes; track mode) {
          <label class="plugins-radio">
            <input type="radio" [name]="name()" [value]="mode" [checked]="it.mode === mode" (change)="setMode(mode)" />
            <span>{{ t(WORDS[mode]) }}</span>
          </label>
        }
      </div>
      @if (it.mode !== 'all') {
        <ul class="picks">
          @for (stream of known(); track stream) {
            <li>
              <button type="button" class="pick" [attr.aria-pressed]="it.names.includes(stream)" (click)="toggle(stream)">
                {{ stream }}
              </button>
            </li>
          }
        </ul>
        <label class="field">
          <span class="field__hint">{{ t('streams.patterns') }}</span>
          <input
            class="input"
            type="text"
            spellcheck="false"
            autocomplete="off"
            placeholder="yard-*, door"
            [value]="others()"
            (change)="setOthers($event)"
          />
        </label>
      }
    } @else {
      <p class="quiet">{{ t('streams.mixed', { patterns: patterns().join(', ') }) }}</p>
    }
    @if (lockedBy(); as locked) {
      <p class="field__hint">{{ locked }}</p>
    }
  </fieldset>`,
})
export class StreamChoice {
  readonly patterns = input.required<readonly string[]>();
  /** Names of streams there are. */
  readonly known = input.required<readonly string[]>();
  /** Of the group of radio buttons, unique on the page. */
  readonly name = input.required<string>();
  readonly disabled = input(false);
  readonly lockedBy = input<string | null>(null);
  readonly changed = output<readonly string[]>();
  protected readonly t = inject(Texts).of<PluginsTexts>('plugins');
  protected readonly modes: readonly Choice['mode'][] = ['all', 'only', 'except'];
  protected readonly WORDS = { all: 'streams.all', only: 'streams.only', except: 'streams.except' } as const;
  /** "All but" nobody is written as all: that it was chosen is known here alone, until somebody is named. */
  private readonly isExcepting = signal(false);
  protected readonly choice = computed((): Choice | null => {
    const written = choiceOf(this.patterns());
    return written?.mode === 'all' && this.isExcepting() ? { mode: 'except', names: [] } : written;
  });
  protected readonly others = computed(() => (this.choice()?.names ?? []).filter((name) => !this.known().includes(name)).join(', '));

  protected setMode(mode: Choice['mode']): void {
    this.isExcepting.set(mode === 'except');
    this.emit({ mode, names: this.choice()?.names ?? [] });
  }

  protected toggle(stream: string): void {
    const { mode, names } = this.choice()!;
    this.emit({ mode, names: names.includes(stream) ? names.filter((name) => name !== stream) : [...names, stream] });
  }

  protected setOthers(event: Event): void {
    const { mode, names } = this.choice()!;
    const chosen = names.filter((name) => this.known().includes(name));
    this.emit({ mode, names: [...chosen, ...namesIn((event.target as HTMLInputElement).value)] });
  }

  private emit(choice: Choice): void {
    this.changed.emit(patternsOf(choice));
  }
}
