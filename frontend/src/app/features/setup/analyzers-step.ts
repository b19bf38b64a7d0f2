import { ChangeDetectionStrategy, Component, computed, inject, input, output, type OnInit } from '@angular/core';
import { RouterLink } from '@angular/router';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { PAGE_CLOCK } from '../../core/page-clock';
import { Polling } from '../../core/polling';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { analyzerRows } from './analyzer-rows';
import type { SetupTexts } from './i18n/en';

const AGAIN_MS = 5_000;

/** What is looked for in the pictures, and what that costs on this machine. */
@Component({
  selector: 'vd-analyzers-step',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Meter, ProblemText, RouterLink],
  templateUrl: './analyzers-step.html',
})
export class AnalyzersStep implements OnInit {
  /** The stream is shown in another tab: this one is needed. */
  readonly opensTab = input(false);
  readonly done = output<void>();
  readonly back = output<void>();
  protected readonly t = inject(Texts).of<SetupTexts>('setup');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly dashboard = inject(Dashboard);
  private readonly clock = inject(PAGE_CLOCK);
  private readonly api = inject(ApiClient);
  protected readonly capacity = new Polling(
    () => this.api.capacity(),
    () => this.clock.now(),
  );
  protected readonly rows = computed(() => analyzerRows(this.dashboard.work.plugins(), this.capacity.value()));
  private readonly stop = this.clock.every(AGAIN_MS, () => void this.capacity.load());

  ngOnInit(): void {
    void this.capacity.load();
  }

  ngOnDestroy(): void {
    this.stop();
  }
}
