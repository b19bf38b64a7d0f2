import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import { SessionState } from '../../core/session-state';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Icon } from '../../shared/ui/icon';
import { fixOf, type CoverageFix, type CoverageReading } from './coverage-reading';
import type { TimelineTexts } from './i18n/en';
import type { TimeSpan } from './timeline-window';

const STATES = ['done', 'partial', 'waiting', 'skipped', 'failed', 'notAsked'] as const;
/** Fixes that are done on another page. */
const PAGES: Partial<Record<CoverageFix, string>> = {
  overload: '/work',
  budget: '/work',
  references: '/logos',
  configure: '/plugins',
  wait: '/system',
};

/** Why nothing was found at a moment: what became of its media with each analyzer, the reasons in words, and what can be done. */
@Component({
  selector: 'vd-coverage-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, RouterLink],
  templateUrl: './coverage-card.html',
})
export class CoverageCard {
  readonly span = input.required<TimeSpan>();
  readonly lanes = input.required<readonly CoverageReading[]>();
  readonly titleOf = input.required<(analyzerId: string) => string>();
  readonly reasonText = input.required<(code: string) => string>();
  readonly closed = output<void>();
  readonly againWanted = output<string>();

  protected readonly t = inject(Texts).of<TimelineTexts>('timeline');
  protected readonly format = inject(LocaleFormat);
  protected readonly isAdmin = inject(SessionState).isAdmin;

  protected readonly rows = computed(() =>
    this.lanes().map((lane) => ({
      id: lane.analyzerId,
      title: this.titleOf()(lane.analyzerId),
      states: STATES.filter((state) => lane[state] >= 0.05).map((state) => ({
        state,
        text: this.t(`coverage.${state}`, { time: this.format.duration(lane[state] * 1000) }),
      })),
      why: lane.why.map((reason) => {
        const fix = fixOf(reason);
        return {
          ...reason,
          text: this.reasonText()(reason.code),
          time: this.format.duration(reason.seconds * 1000),
          fix: this.t(`fix.${fix}`),
          link: PAGES[fix] ?? null,
        };
      }),
      isLacking: lane.skipped + lane.failed + lane.notAsked > 0.05 && lane.why.some((reason) => fixOf(reason) !== 'nothing'),
    })),
  );
}
