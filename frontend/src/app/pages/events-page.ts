import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
  type OnDestroy,
  ViewEncapsulation,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import type { EventGroupWire } from '../api/models';
import { Dashboard } from '../core/dashboard';
import { SingleKeys } from '../core/keyboard';
import { LiveFeed } from '../core/live-feed';
import { PAGE_CLOCK } from '../core/page-clock';
import { ServerAddress } from '../core/server-address';
import { CaseDialog } from '../features/events/case-dialog';
import { CaseProgress } from '../features/events/case-progress';
import { CaseState } from '../features/events/case-state';
import { EventDetail } from '../features/events/event-detail';
import { EventFeed } from '../features/events/event-feed';
import { exportPath, filterOf, NO_FILTER, paramsOf, type EventFilter } from '../features/events/event-filter';
import { EventFilters } from '../features/events/event-filters';
import { EventWords } from '../features/events/event-words';
import { EventsState, isReviewed, keyOf } from '../features/events/events-state';
import { PickedBar } from '../features/events/picked-bar';
import type { AppTexts } from '../i18n/en';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { Modal } from '../shared/ui/modal';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

const TICK_MS = 1_000;
const CASE_LOOK_MS = 2_000;

/** What happened on all streams, to be gone through: one after the other, by keys or by hand. */
@Component({
  selector: 'vd-events-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/events/triage.css',
  imports: [
    ...[CaseDialog, CaseProgress, EmptyState, EventDetail, EventFeed, EventFilters, Icon, Modal, PageHead, PickedBar, ProblemText],
    ...[RouterLink, ServerAddress],
  ],
  templateUrl: './events-page.html',
  host: { '(document:keydown)': 'onKey($event)' },
})
export class EventsPage implements OnDestroy {
  protected readonly state = inject(EventsState);
  protected readonly words = inject(EventWords);
  protected readonly t = this.words.t;
  protected readonly keys = inject(SingleKeys);
  protected readonly noFilter = NO_FILTER;
  protected readonly app = inject(Texts).of<AppTexts>('app');
  /** Whose picture is looked at, large. */
  protected readonly looked = signal<EventGroupWire | null>(null);
  /** Of which clips are to be made. */
  protected readonly cut = signal<readonly EventGroupWire[] | null>(null);
  /** As it is now: its mark may have changed since it was opened. */
  protected readonly lookedNow = computed(() => {
    const looked = this.looked();
    return looked && (this.state.items().find((group) => keyOf(group) === keyOf(looked)) ?? looked);
  });
  protected readonly isFiltered = computed(() => {
    const { reviewed: _, ...filter } = this.state.filter();
    return Object.values(paramsOf({ ...NO_FILTER, ...filter })).some((value) => value !== null);
  });
  protected readonly isStale = computed(
    () => this.state.items().length > 0 && (this.feed.state() !== 'open' || this.state.problem() !== null),
  );
  protected readonly files = computed(() => {
    const asked = this.state.asked();
    if (asked === null || this.state.items().length === 0) return [];
    return (['csv', 'jsonl'] as const).map((format) => ({
      path: exportPath(asked, format),
      name: this.t(format === 'csv' ? 'export.csv' : 'export.json'),
    }));
  });
  private readonly list = viewChild(EventFeed);
  private readonly router = inject(Router);
  private readonly dashboard = inject(Dashboard);
  private readonly feed = inject(LiveFeed);
  private readonly stops: (() => void)[];

  constructor() {
    const params = toSignal(inject(ActivatedRoute).queryParamMap, { requireSync: true });
    effect(() => {
      const filter = filterOf(params());
      // Streams are asked for by their ids: without names none need be known.
      if (filter.streams.length > 0 && !this.dashboard.streams.loaded()) return;
      untracked(() => void this.state.show(filter));
    });
    const [clock, cases] = [inject(PAGE_CLOCK), inject(CaseState)];
    this.stops = [
      this.dashboard.follow('events'),
      this.feed.listen((message) => this.state.apply(message)),
      clock.every(TICK_MS, () => this.state.tick()),
      clock.every(CASE_LOOK_MS, () => void cases.look()),
    ];
  }

  ngOnDestroy(): void {
    for (const stop of this.stops) stop();
  }

  /** What is asked for stands in the address, and comes from there. */
  protected ask(filter: EventFilter): void {
    void this.router.navigate([], { queryParams: paramsOf(filter) });
  }

  /** Whether there are others beside it to leave out. */
  protected canNarrow({ event: { subject, name } }: EventGroupWire): boolean {
    const { subjects, kinds } = this.state.filter();
    return subject === null ? !isOnly(kinds, name) : !isOnly(subjects, subject);
  }

  protected only(group: EventGroupWire): void {
    const { subject, name } = group.event;
    this.looked.set(null);
    this.ask({ ...this.state.filter(), ...(subject === null ? { kinds: [name] } : { subjects: [subject] }) });
  }

  protected showAll(): void {
    this.ask({ ...NO_FILTER, reviewed: 'any' });
  }

  protected showNews(): void {
    this.state.showNews();
    scrollTo({ top: 0 });
  }

  protected onKey(event: KeyboardEvent): void {
    const isOnControl = event.target instanceof Element && event.target.closest('button, a, input, select, label, dialog') !== null;
    if (!this.keys.mayTake(event) || (isOnControl && event.key === 'Enter')) return;
    const act = this.action(event.key);
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  /** What a key does just now. */
  private action(key: string): (() => void) | undefined {
    const { state } = this;
    const current = state.current();
    if (key === 'u' && state.lastReview() !== null) return () => void state.undo();
    if (key === 'n' && state.newCount() > 0) return () => this.showNews();
    if (key === 'Escape' && state.picked().length > 0) return () => state.pickNone();
    if (current === null) return undefined;
    switch (key) {
      case 'j':
        return () => this.move(1);
      case 'k':
        return () => this.move(-1);
      case 'r':
        return () => this.review(current);
      case 'x':
        return () => state.pick(current);
      case 'e':
        return () => this.looked.set(current);
      case 'Enter':
        return () => void this.router.navigate(['/streams', current.event.streamName], { queryParams: { t: current.event.startAt } });
      default:
        return undefined;
    }
  }

  private move(by: number): void {
    this.state.move(by);
    this.list()?.focusCurrent();
  }

  /** What is reviewed is done with: one goes on to the next. */
  private review(current: EventGroupWire): void {
    const picked = this.state.picked();
    if (picked.length > 0) {
      this.state.pickNone();
      void this.state.review(picked, true);
      return;
    }
    const reviewed = !isReviewed(current);
    void this.state.review([current], reviewed);
    if (reviewed) this.move(1);
  }
}

const isOnly = (chosen: readonly string[], one: string): boolean => chosen.length === 1 && chosen[0] === one;
