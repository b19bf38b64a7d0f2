import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  output,
  signal,
  untracked,
  type AfterViewInit,
  type OnDestroy,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { ApiClient } from '../../api/api-client';
import type { BackfillQuoteWire, BackfillWire, ClipWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { Doing } from '../../core/doing';
import { PAGE_CLOCK } from '../../core/page-clock';
import { SERVER_URL } from '../../core/server-address';
import { hasEnded, WatchedJob } from '../../core/watched-job';
import { SessionState } from '../../core/session-state';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { CopyField } from '../../shared/ui/copy-field';
import { Icon } from '../../shared/ui/icon';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import type { ClipsTexts } from './i18n/en';

export type ClipMode = ClipWire['mode'];
/** A stretch of time of a stream, ms since 1970. */
export interface MarkedRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const MODES: readonly ClipMode[] = ['copy', 'exact', 'burned'];
const SHARE_SECONDS = [86_400, 7 * 86_400, 30 * 86_400] as const;

/** What can be made of a marked range: a clip, a link to it, another analysis. */
@Component({
  selector: 'vd-range-actions',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CopyField, Icon, Meter, ProblemText, RouterLink],
  templateUrl: './range-actions.html',
})
export class RangeActions implements AfterViewInit, OnDestroy {
  readonly streamId = input.required<string>();
  readonly range = input.required<MarkedRange>();
  /** An analyzer whose results of the range are wanted anew, as soon as it is given. */
  readonly analyzerWanted = input<string | null>(null);
  readonly closed = output<void>();
  /** Results of the past have changed. */
  readonly changed = output<void>();

  protected readonly t = inject(Texts).of<ClipsTexts>('clips');
  protected readonly format = inject(LocaleFormat);
  protected readonly isAdmin = inject(SessionState).isAdmin;
  private readonly api = inject(ApiClient);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly clock = inject(PAGE_CLOCK);
  private readonly dashboard = inject(Dashboard);
  private readonly serverUrl = inject(SERVER_URL);

  protected readonly modes = MODES;
  protected readonly shareSeconds = SHARE_SECONDS;
  protected readonly mode = signal<ClipMode>('exact');
  protected readonly lasts = signal<number>(SHARE_SECONDS[1]);
  protected readonly analyzerId = signal('');
  protected readonly onlyMissing = signal(true);
  protected readonly quote = signal<BackfillQuoteWire | null>(null);
  protected readonly link = signal<string | null>(null);
  private readonly doing = new Doing();
  protected readonly problem = this.doing.problem;
  protected readonly isBusy = this.doing.busy;
  protected readonly clip = new WatchedJob<ClipWire>((id) => this.api.clip(id), this.clock);
  protected readonly backfill = new WatchedJob<BackfillWire>(
    (id) => this.api.backfill(id),
    this.clock,
    () => this.changed.emit(),
  );

  protected readonly lengthText = computed(() => this.format.duration(this.range().toMs - this.range().fromMs));
  protected readonly analyzers = computed(() =>
    [...this.dashboard.work.analyzerTitles()].map(([id, title]) => ({ id, title })).sort((a, b) => a.title.localeCompare(b.title)),
  );
  protected readonly file = computed(() => {
    const clip = this.clip.job();
    return clip?.state === 'done' ? `${this.serverUrl}/api/clips/${clip.id}/clip.mp4` : null;
  });
  protected readonly isMaking = computed(() => {
    const clip = this.clip.job();
    return clip !== null && !hasEnded(clip);
  });

  constructor() {
    effect(() => {
      const wanted = this.analyzerWanted();
      if (wanted !== null) untracked(() => this.analyzerId.set(wanted));
    });
    // What was made of another range is not of this one.
    effect(() => {
      this.range();
      untracked(() => {
        if (!this.isMaking()) this.clip.leave();
        this.link.set(null);
        this.problem.set(null);
      });
    });
    effect(() => {
      this.range();
      this.onlyMissing();
      const analyzerId = this.analyzerId();
      untracked(() => {
        this.quote.set(null);
        if (analyzerId !== '') void this.ask(async () => this.quote.set(await this.api.quoteBackfill(this.backfillBody())));
      });
    });
  }

  /** What can be done with a range is to be seen as soon as one is marked. */
  ngAfterViewInit(): void {
    this.host.nativeElement.scrollIntoView({ block: 'nearest' });
  }

  ngOnDestroy(): void {
    this.clip.leave();
    this.backfill.leave();
  }

  protected makeClip(): Promise<void> {
    return this.ask(async () => {
      this.link.set(null);
      this.clip.watch(await this.api.createClip({ streamId: this.streamId(), ...this.times(), mode: this.mode() }));
    });
  }

  protected cancelClip(): Promise<void> {
    const clip = this.clip.job();
    return clip === null ? Promise.resolve() : this.ask(async () => this.clip.watch(await this.api.cancelClip(clip.id)));
  }

  /** A link to the clip that was made, or to one that is made for it. */
  protected share(): Promise<void> {
    return this.ask(async () => {
      const clip = this.clip.job();
      const of = clip?.state === 'done' ? { clipId: clip.id } : { streamId: this.streamId(), ...this.times() };
      this.link.set((await this.api.createShare({ ...of, expiresInSeconds: this.lasts() })).url);
    });
  }

  protected analyseAgain(): Promise<void> {
    return this.ask(async () => this.backfill.watch(await this.api.createBackfill(this.backfillBody())));
  }

  protected choose<T>(target: { set(value: T): void }, event: Event, read: (value: string) => T): void {
    target.set(read((event.target as HTMLSelectElement).value));
  }
  protected readonly asText = (value: string): string => value;
  protected readonly asNumber = Number;
  protected readonly asMode = (value: string): ClipMode => MODES.find((mode) => mode === value) ?? 'copy';

  private times(): { from: string; to: string } {
    const { fromMs, toMs } = this.range();
    return { from: new Date(Math.floor(fromMs)).toISOString(), to: new Date(Math.ceil(toMs)).toISOString() };
  }

  private backfillBody() {
    return { streamIds: [this.streamId()], analyzerId: this.analyzerId(), onlyMissing: this.onlyMissing(), ...this.times() };
  }

  private async ask(work: () => Promise<unknown>): Promise<void> {
    await this.doing.run(work);
  }
}
