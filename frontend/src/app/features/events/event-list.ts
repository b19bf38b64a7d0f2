import { ChangeDetectionStrategy, Component, computed, effect, ElementRef, inject, input, signal, untracked } from '@angular/core';
import type { EventWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { evidenceView, type EvidenceView } from '../../core/evidence-view';
import { clockDuration, humanName } from '../../core/format';
import { PlayerClock } from '../../core/player-clock';
import type { StreamView } from '../../core/stream-view';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { EvidenceDialog } from './evidence-dialog';
import { EvidenceThumb } from './evidence-thumb';
import { Icon } from '../../shared/ui/icon';
import { describeData, iconOf, newlySeen, subjectOf } from './event-text';
import type { EventListTexts } from './list-i18n/en';

const SHOWN = 200;
const ROWS_ABOVE = 2;

@Component({
  selector: 'vd-event-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [EvidenceDialog, EvidenceThumb, Icon],
  templateUrl: './event-list.html',
})
export class EventList {
  readonly view = input.required<StreamView>();
  /** End of the newest media all of whose results are there: nothing is known beyond it. */
  readonly analysedToMs = input<number | null>(null);
  protected readonly t = inject(Texts).of<EventListTexts>('eventList');
  protected readonly announcement = signal('');
  /** The picture that is looked at. */
  protected readonly shown = signal<EvidenceView | null>(null);
  private readonly dashboard = inject(Dashboard);
  private readonly clock = inject(PlayerClock);
  private readonly format = inject(LocaleFormat);
  private known: ReadonlyMap<string, EventWire['state']> | null = null;

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  /** Of the past: the stretch whose list was brought to the moment that was asked for. */
  private broughtTo: unknown = null;

  protected readonly rows = computed(() => {
    const now = this.dashboard.nowMs();
    const atMs = this.clock.coarse()?.atMs ?? null;
    const titles = this.dashboard.work.analyzerTitles();
    return this.view()
      .events()
      .slice(0, SHOWN)
      .map((event) => {
        const startMs = Date.parse(event.startAt);
        const endMs = event.endAt === null ? null : Date.parse(event.endAt);
        const open = event.state === 'open';
        // What goes on has lasted as long as is known, not until now.
        const knownToMs = Math.max(startMs, this.analysedToMs() ?? startMs);
        const lastedMs = (endMs ?? knownToMs) - startMs;
        return {
          event,
          open,
          icon: iconOf(event.name),
          title: subjectOf(event),
          kind: humanName(event.name),
          lasted: open ? clockDuration(lastedMs) : lastedMs < 50 ? null : this.format.duration(lastedMs),
          ago: open ? this.t('running', { time: this.format.time(knownToMs) }) : this.format.ago(startMs, now),
          time: this.isToday(startMs, now) ? this.format.time(startMs) : this.format.dateTime(startMs),
          data: describeData(event.data),
          evidence: evidenceView(event),
          by: titles.get(event.analyzerId) ?? event.analyzerId,
          /** The picture is inside it. */
          onScreen: atMs !== null && atMs >= startMs && atMs <= (endMs ?? Infinity),
        };
      });
  });

  constructor() {
    effect(() => {
      const view = this.view();
      untracked(() => {
        this.known = null;
        this.announcement.set('');
        this.shown.set(null);
        return view;
      });
    });
    // The list of a stretch of the past begins where it is played, not at its end.
    effect(() => {
      const past = this.clock.past();
      const rows = this.rows();
      untracked(() => {
        if (past === null || past === this.broughtTo || rows.length === 0) return;
        this.broughtTo = past;
        const index = rows.findIndex(({ event }) => Date.parse(event.startAt) <= past.start.atMs);
        requestAnimationFrame(() => this.bringToTop(index < 0 ? rows.length - 1 : Math.max(0, index - ROWS_ABOVE)));
      });
    });
    effect(() => {
      const events = this.view().events();
      const loading = this.view().loading();
      untracked(() => {
        const fresh = this.known === null || loading ? [] : newlySeen(this.known, events, this.t);
        this.known = new Map(events.map((event) => [event.id, event.state]));
        if (fresh.length > 0) this.announcement.set(fresh.slice(0, 3).join('. '));
      });
    });
  }

  /** "Nothing happened" is said of what was analysed alone. */
  protected readonly emptyText = computed(() => {
    if (this.view().loading()) return this.t('looking');
    if (this.clock.past() !== null) return this.t('noneThen');
    const to = this.analysedToMs();
    return to === null ? this.t('notYet') : this.t('noneSoFar', { time: this.format.time(to) });
  });

  protected goShown(): void {
    const shown = this.shown();
    this.shown.set(null);
    if (shown !== null) this.go(shown.event, shown.evidence.ptsUs);
  }

  protected go(event: EventWire, ptsUs = event.startPtsUs): void {
    const atMs = Date.parse(event.startAt) + (ptsUs - event.startPtsUs) / 1000;
    this.clock.goTo({ atMs, frame: { epochId: event.epochId, ptsUs } });
  }

  /** Where the list scrolls by itself; a page that scrolls as a whole stays where it is. */
  private bringToTop(index: number): void {
    const list = this.host.nativeElement;
    const scroller = list.parentElement;
    const row = list.querySelectorAll<HTMLElement>('.events__row')[index];
    if (!row || !scroller || scroller.scrollHeight <= scroller.clientHeight) return;
    scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  }

  private isToday(atMs: number, nowMs: number): boolean {
    return new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  }
}
