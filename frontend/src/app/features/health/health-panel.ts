import { ChangeDetectionStrategy, Component, computed, effect, inject, input, untracked, type OnDestroy } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import type { StreamHealthWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { ago } from '../../core/format';
import { HEALTH_WORDS, measureTexts } from '../../core/health-text';
import { PAGE_CLOCK } from '../../core/page-clock';
import { Polling } from '../../core/polling';

const EVERY_MS = 5_000;

/** How the stream on show is: a line while all is well, and below it what is wrong and what to do. */
@Component({
  selector: 'vd-health-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './health-panel.html',
})
export class HealthPanel implements OnDestroy {
  readonly streamId = input.required<string>();

  protected readonly words = HEALTH_WORDS;
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
  protected readonly measures = computed(() => measureTexts(this.detail()?.measures ?? null));

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
    return ago(Date.parse(at), this.dashboard.nowMs());
  }
}
