import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from '@angular/core';
import { SessionState } from '../../core/session-state';
import { Dashboard } from '../../core/dashboard';
import { PlayerClock } from '../../core/player-clock';
import type { JudgedEventWire, RuleWire } from '../../api/models';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Confirm } from '../../shared/ui/confirm';
import { Icon } from '../../shared/ui/icon';
import { ProblemText } from '../../shared/ui/problem-text';
import type { RulesTexts } from './i18n/en';
import { RULE_KINDS, type RuleDraft, type RuleKind, type RulesState } from './rules-state';

const DAY_MS = 86_400_000;
const LISTED = 20;

/** Zones and lines over the picture, what they tell of, and a trial of each on the last day before it counts. */
@Component({
  selector: 'vd-rules-panel',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Confirm, Icon, ProblemText],
  templateUrl: './rules-panel.html',
})
export class RulesPanel {
  readonly state = input.required<RulesState>();
  /** Analyzers that have seen something here, the likeliest first. */
  readonly likely = input<readonly string[]>([]);
  /** Events of the past are others now. */
  readonly changed = output<void>();

  protected readonly t = inject(Texts).of<RulesTexts>('rules');
  protected readonly format = inject(LocaleFormat);
  protected readonly isAdmin = inject(SessionState).isAdmin;
  private readonly clock = inject(PlayerClock);
  private readonly dashboard = inject(Dashboard);

  protected readonly kinds = RULE_KINDS;
  protected readonly removing = signal<RuleWire | null>(null);
  protected readonly analyzers = computed(() => {
    const likely = this.likely();
    const rank = (id: string): number => (likely.includes(id) ? likely.indexOf(id) : likely.length);
    return [...this.dashboard.work.analyzerTitles()]
      .map(([id, title]) => ({ id, title }))
      .sort((a, b) => rank(a.id) - rank(b.id) || a.title.localeCompare(b.title));
  });
  protected readonly told = computed(() => {
    const judgement = this.state().judgement();
    if (judgement === null) return null;
    const most = Math.max(1, ...judgement.summary.items.map(({ events }) => events));
    return {
      ...judgement,
      analysed: this.format.duration(judgement.judged.analysedMs),
      bars: judgement.summary.items.map((item) => ({
        share: item.events / most,
        title: `${this.format.dateTime(Date.parse(item.from))}: ${item.events}`,
      })),
      listed: judgement.events.slice(0, LISTED).map((event) => ({ event, time: this.format.dateTime(Date.parse(event.startAt)) })),
    };
  });

  protected begin(): void {
    this.state().begin('zone', this.analyzers()[0]?.id ?? '', this.t('newName'));
  }

  protected change(part: Partial<RuleDraft>): void {
    this.state().change(part);
  }

  protected text(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }

  protected number(event: Event, least: number): number {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    return Number.isFinite(value) ? Math.max(least, value) : least;
  }

  protected kindOf(event: Event): RuleKind {
    return RULE_KINDS.find((kind) => kind === this.text(event)) ?? 'zone';
  }

  protected tryOnLastDay(): Promise<void> {
    const now = this.dashboard.serverNow();
    return this.state().tryOn(now - DAY_MS, now);
  }

  protected async save(): Promise<void> {
    await this.state().save();
    this.changed.emit();
  }

  protected async remove(rule: RuleWire): Promise<void> {
    await this.state().remove(rule);
    this.removing.set(null);
  }

  protected go({ startAt, epochId, startPtsUs }: JudgedEventWire): void {
    this.clock.goTo({ atMs: Date.parse(startAt), frame: { epochId, ptsUs: startPtsUs } });
  }
}
