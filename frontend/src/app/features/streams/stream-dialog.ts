import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  Injector,
  input,
  output,
  signal,
  untracked,
} from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { NewStreamKeyWire, StreamWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { Doing } from '../../core/doing';
import { sentence } from '../../core/format';
import { nameFromTitle, STREAM_NAME } from '../../core/stream-name';
import { Texts } from '../../i18n/texts';
import { CopyField } from '../../shared/ui/copy-field';
import { Modal } from '../../shared/ui/modal';
import { ProblemText } from '../../shared/ui/problem-text';
import type { StreamsTexts } from './i18n/en';
import { sourceChoices, sourceConfigOf } from './source-form';

/** Makes a stream, or a further key for one, and says what to put into OBS. A key is shown here once and never again. */
@Component({
  selector: 'vd-stream-dialog',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal, CopyField, ProblemText],
  templateUrl: './stream-dialog.html',
})
export class StreamDialog {
  readonly subject = input<StreamWire | 'new' | null>(null);
  readonly closed = output<void>();
  readonly created = output<StreamWire>();

  protected readonly t = inject(Texts).of<StreamsTexts>('streams');
  protected readonly dashboard = inject(Dashboard);
  protected readonly sentence = sentence;
  protected readonly title = signal('');
  protected readonly ownName = signal<string | null>(null);
  protected readonly name = computed(() => this.ownName() ?? nameFromTitle(this.title()));
  protected readonly nameValid = computed(() => STREAM_NAME.test(this.name()));
  protected readonly choices = computed(() => sourceChoices(this.dashboard.work.plugins()));
  protected readonly chosen = signal<string | null>(null);
  protected readonly choice = computed(() => this.choices().find(({ id }) => id === this.chosen()) ?? this.choices()[0] ?? null);
  protected readonly typed = signal<ReadonlyMap<string, string>>(new Map());
  /** What the server found wrong, by field of the form. */
  protected readonly faults = computed(
    () => new Map((this.problem()?.errors ?? []).map(({ path, message }) => [path.replace(/^sourceConfig\./, ''), message])),
  );
  protected readonly tried = signal(false);
  private readonly doing = new Doing();
  protected readonly busy = this.doing.busy;
  protected readonly problem = this.doing.problem;
  protected readonly stream = signal<StreamWire | null>(null);
  protected readonly key = signal<NewStreamKeyWire | null>(null);
  protected readonly server = computed(() => this.dashboard.work.system()?.rtmpUrl ?? null);
  protected readonly heading = computed(() => {
    const stream = this.stream();
    return stream === null ? this.t('new') : this.t('connect', { title: stream.title });
  });
  private readonly api = inject(ApiClient);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly injector = inject(Injector);

  constructor() {
    effect(() => {
      const subject = this.subject();
      untracked(() => {
        this.title.set('');
        this.ownName.set(null);
        this.chosen.set(null);
        this.typed.set(new Map());
        this.tried.set(false);
        this.problem.set(null);
        this.key.set(null);
        this.stream.set(subject === 'new' ? null : subject);
      });
    });
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement | HTMLSelectElement).value;
  }

  protected async create(event: Event): Promise<void> {
    event.preventDefault();
    this.tried.set(true);
    const choice = this.choice();
    if (this.title().trim() === '' || !this.nameValid() || choice === null) {
      this.showProblem();
      return;
    }
    await this.attempt(async () => {
      const made = await this.api.createStream({
        name: this.name(),
        title: this.title().trim(),
        adapterId: choice.id,
        ...(choice.listener ? {} : { sourceConfig: sourceConfigOf(choice.fields, this.typed()) }),
      });
      this.created.emit(made);
      if (!choice.listener) {
        this.closed.emit();
        return;
      }
      this.stream.set(made);
      this.key.set(made.key ?? (await this.api.createKey(made.id)));
    });
  }

  /** To the first field that was found wrong, else to what was said. */
  private showProblem(): void {
    const host = this.host.nativeElement;
    afterNextRender(
      () => {
        const field = host.querySelector<HTMLElement>('[aria-invalid=true]');
        if (field !== null) field.focus();
        else host.querySelector('.problem')?.scrollIntoView({ block: 'nearest' });
      },
      { injector: this.injector },
    );
  }

  protected type(field: string, event: Event): void {
    const text = this.valueOf(event);
    this.typed.update((before) => new Map(before).set(field, text));
  }

  protected async makeKey(): Promise<void> {
    const stream = this.stream();
    if (stream !== null) await this.attempt(async () => this.key.set(await this.api.createKey(stream.id)));
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    if (this.busy()) return;
    if (!(await this.doing.attempt(work))) this.showProblem();
  }
}
