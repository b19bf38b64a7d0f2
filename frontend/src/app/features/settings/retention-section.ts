import { ChangeDetectionStrategy, Component, inject, type OnInit } from '@angular/core';
import type { RetentionWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { TickedText } from '../../shared/ui/ticked-text';
import type { SettingsTexts } from './i18n/en';
import { ms } from './moment';
import { AGE_UNITS, type AgeChoice, type SizeChoice } from './retention-form';
import { RetentionState } from './retention-state';
import { SectionFrame } from './section-frame';

type Place = RetentionWire['places'][number];
const AGE_FIELDS = ['maxAge', 'eventMaxAge', 'resultsMaxAge'] as const;
const KINDS = ['usual', 'ever', 'limit'] as const;

/** How long media and results are kept, by default and of each stream, and how long the disks last so. */
@Component({
  selector: 'vd-retention-section',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Meter, ProblemText, SectionFrame, TickedText],
  templateUrl: './retention-section.html',
})
export class RetentionSection implements OnInit {
  protected readonly state = inject(RetentionState);
  protected readonly dashboard = inject(Dashboard);
  protected readonly t = inject(Texts).of<SettingsTexts>('settings');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly ms = ms;
  protected readonly ageFields = AGE_FIELDS;
  protected readonly kinds = KINDS;
  protected readonly units = AGE_UNITS;

  ngOnInit(): void {
    void this.state.overview.load();
  }

  protected choose(event: Event): void {
    const id = valueOf(event);
    void this.state.choose(id === '' ? null : id);
  }

  protected changeAge(field: (typeof AGE_FIELDS)[number], before: AgeChoice, change: Partial<AgeChoice>): void {
    this.state.change({ [field]: { ...before, ...change } });
  }

  protected changeSize(before: SizeChoice, change: Partial<SizeChoice>): void {
    this.state.change({ maxSize: { ...before, ...change } });
  }

  protected save(event: Event): void {
    event.preventDefault();
    void this.state.save();
  }

  protected age(ageMs: number | null): string {
    return ageMs === null ? this.t('retention.forEver') : this.fmt.duration(ageMs);
  }

  /** How much of what there is for it is used; null: how much there is is not known. */
  protected shareOf({ usedBytes, maxBytes, capacityBytes, totalBytes }: Place): number | null {
    const whole = maxBytes ?? capacityBytes ?? totalBytes;
    return whole === null || whole === 0 ? null : usedBytes / whole;
  }

  /** What will be, as it comes in now. */
  protected forecast({ fullInDays, keepsDays, bytesPerDay }: Place): string {
    if (fullInDays !== null) return this.t('retention.fullIn', { days: this.fmt.number(fullInDays, fullInDays < 10 ? 1 : 0) });
    if (keepsDays !== null) return this.t('retention.reachesBack', { days: this.fmt.number(keepsDays, keepsDays < 10 ? 1 : 0) });
    return bytesPerDay === null ? this.t('retention.unknown') : this.t('retention.neverFull');
  }

  protected readonly valueOf = valueOf;
}

const valueOf = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value;
