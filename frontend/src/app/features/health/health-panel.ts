import { ChangeDetectionStrategy, Component, computed, effect, inject, input, untracked, type OnDestroy } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { StreamHealthWire, StreamVerdictWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { PAGE_CLOCK } from '../../core/page-clock';
import { Polling } from '../../core/polling';
import type { HealthTexts } from '../../i18n/health/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { measureTexts } from './measure-texts';

type Issue = StreamVerdictWire['issues'][number];

const EVERY_MS = 5_000;

/** How the stream on show is: a line while all is well, and below it what is wrong and what to do. */
@Component({
  selector: 'vd-health-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './health-panel.html',
})
export class HealthPanel implements OnDestroy {
  readonly streamId = input.required<string>();

  private readonly texts = inject(Texts);
  protected readonly t = this.texts.of<HealthTexts>('health');
  private readonly format = inject(LocaleFormat);
  private readonly api = inject(ApiClient);
  private readonly dashboard = inject(Dashboard);
  private readonly clock = inject(PAGE_CLOCK);
  private readonly polled = new Polling<StreamHealthWire>(
    () => this.api.streamHealth(this.streamId()),
    () => this.clock.now(),
  );
  private readonly stop = this.clock.every(EVERY_MS, () => void this.polled.load());

  /** Of another stream is no answer. */
  private readonly detail = computed(() => {
    const latest = this.polled.value();
    return latest?.streamId === this.streamId() ? latest : null;
  });
  protected readonly verdict = computed(() => this.detail() ?? this.dashboard.health.of(this.streamId()));
  protected readonly measures = computed(() => measureTexts(this.detail()?.measures ?? null, { t: this.t, format: this.format }));

  constructor() {
    // Another stream, or another verdict of this one: what is measured has changed as well.
    effect(() => {
      this.dashboard.health.of(this.streamId());
      untracked(() => {
        this.polled.forgetQuestion();
        void this.polled.load();
      });
    });
  }

  ngOnDestroy(): void {
    this.stop();
    this.polled.clear();
  }

  protected since(at: string): string {
    return this.format.ago(Date.parse(at), this.dashboard.nowMs());
  }

  /** The server says it in English, with the figures; other languages have a sentence for each code. */
  protected reasonOf({ code, reason }: Issue): string {
    return this.texts.language() === 'en' ? reason : this.t(`issues.${code}`);
  }
  protected fixOf({ code, fix }: Issue): string {
    return this.texts.language() === 'en' ? fix : this.t(`fixes.${code}`);
  }
}
