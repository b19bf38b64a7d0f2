import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Dashboard } from '../../core/dashboard';
import { PlayerClock } from '../../core/player-clock';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import type { TeachTexts } from './i18n/en';
import type { TeachState } from './teach-state';

const DAY_MS = 86_400_000;

/** A logo that is seen in the picture is shown to the machine, and looked for in the last day. */
@Component({
  selector: 'vd-teach-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Meter, ProblemText, RouterLink],
  templateUrl: './teach-panel.html',
})
export class TeachPanel {
  readonly streamId = input.required<string>();
  readonly state = input.required<TeachState>();

  protected readonly t = inject(Texts).of<TeachTexts>('teach');
  protected readonly format = inject(LocaleFormat);
  private readonly clock = inject(PlayerClock);
  private readonly dashboard = inject(Dashboard);
  protected readonly hasFrame = computed(() => this.clock.coarse() !== null);

  protected value(event: Event): string {
    return (event.target as HTMLInputElement | HTMLSelectElement).value;
  }

  protected async teach(): Promise<void> {
    const frame = this.clock.frame;
    if (frame !== null) await this.state().teach(frame);
  }

  protected find(): Promise<void> {
    const now = this.dashboard.serverNow();
    return this.state().find(this.streamId(), now - DAY_MS, now);
  }
}
