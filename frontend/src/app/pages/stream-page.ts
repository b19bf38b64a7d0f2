import { NgTemplateOutlet } from '@angular/common';
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  signal,
  untracked,
  viewChild,
  ViewEncapsulation,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { ApiClient } from '../api/api-client';
import type { StreamWire } from '../api/models';
import { Dashboard } from '../core/dashboard';
import { KeyboardHelp } from '../core/keyboard-help';
import { SingleKeys } from '../core/keyboard';
import { momentText, parseMoment } from '../core/moment-address';
import { Notices } from '../core/notices';
import { PAGE_CLOCK } from '../core/page-clock';
import { PlayerClock } from '../core/player-clock';
import { SessionState } from '../core/session-state';
import type { StreamView } from '../core/stream-view';
import { RangeActions } from '../features/clips/range-actions';
import { EventList } from '../features/events/event-list';
import { HealthPanel } from '../features/health/health-panel';
import { MetricsPanel } from '../features/metrics/metrics-panel';
import type { PlayerTexts } from '../features/player/i18n/en';
import { KeyList } from '../features/player/key-list';
import { Player } from '../features/player/player';
import { QueueStrip } from '../features/queues/queue-strip';
import { RulesPanel } from '../features/rules/rules-panel';
import { RulesStates } from '../features/rules/rules-states';
import { StreamDialog } from '../features/streams/stream-dialog';
import { StreamSettings } from '../features/streams/stream-settings';
import { TeachPanel } from '../features/teach/teach-panel';
import { TeachState } from '../features/teach/teach-state';
import { Timeline } from '../features/timeline/timeline';
import type { TimeSpan } from '../features/timeline/timeline-window';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { PictureDraw, type DrawMode, type DrawnPoint, type DrawnShape } from '../shared/ui/picture-draw';
import type { StreamTexts } from './stream-i18n/en';

/** One stream, now and ever since it was recorded: where the features meet. None of them knows another. */
@Component({
  selector: 'vd-stream-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrls: [
    './stream-page.css',
    '../features/timeline/timeline.css',
    '../features/clips/clips.css',
    '../features/rules/rules.css',
    '../features/teach/teach.css',
    '../features/metrics/metrics.css',
    '../shared/ui/picture-draw.css',
  ],
  imports: [
    EmptyState,
    EventList,
    HealthPanel,
    Icon,
    KeyList,
    MetricsPanel,
    NgTemplateOutlet,
    PictureDraw,
    Player,
    QueueStrip,
    RangeActions,
    RouterLink,
    RulesPanel,
    StreamDialog,
    StreamSettings,
    TeachPanel,
    Timeline,
  ],
  templateUrl: './stream-page.html',
  host: { '(document:keydown)': 'onKey($event)' },
})
export class StreamPage {
  /** From the route: `/streams/:name`. */
  readonly name = input.required<string>();
  /** From the address: `?t=`, the moment that is to be shown. */
  readonly moment = input<string | undefined>(undefined, { alias: 't' });

  protected readonly t = inject(Texts).of<StreamTexts>('stream');
  protected readonly tp = inject(Texts).of<PlayerTexts>('player');
  protected readonly dashboard = inject(Dashboard);
  protected readonly session = inject(SessionState);
  protected readonly help = inject(KeyboardHelp);
  protected readonly clock = inject(PlayerClock);
  private readonly keys = inject(SingleKeys);
  private readonly notices = inject(Notices);
  private readonly router = inject(Router);

  protected readonly dialogFor = signal<StreamWire | null>(null);
  protected readonly settingsFor = signal<string | null>(null);
  protected readonly settingsStream = computed(() => {
    const id = this.settingsFor();
    return id === null ? null : this.dashboard.streams.get(id);
  });
  protected readonly range = signal<TimeSpan | null>(null);
  protected readonly analyzerWanted = signal<string | null>(null);
  /** So often was something of the past changed from here. */
  protected readonly changes = signal(0);
  /** What is known of what is on show: of the past where that is played. */
  protected readonly shownView = computed(() => this.clock.past()?.view ?? this.dashboard.view());
  protected readonly others = computed(() => this.dashboard.streams.list().filter(({ name }) => name !== this.name()));
  protected readonly takesPublishers = computed(() => {
    const listeners = this.dashboard.work.plugins().flatMap(({ sources }) => sources.filter(({ kind }) => kind === 'listener'));
    const stream = this.dashboard.selected();
    return stream !== null && stream.enabled && listeners.some(({ id }) => id === stream.adapterId);
  });
  private readonly rulesStates = inject(RulesStates);
  protected readonly rules = computed(() => {
    const id = this.dashboard.selected()?.id;
    return id === undefined ? null : this.rulesStates.of(id);
  });
  protected readonly teach = new TeachState(inject(ApiClient), inject(PAGE_CLOCK), () => this.onPastChanged());
  protected readonly drawMode = computed<DrawMode | null>(() => {
    if (this.teach.isOn() && this.teach.taught() === null) return 'box';
    const draft = this.rules()?.draft() ?? null;
    return draft === null ? null : draft.kind === 'line' ? 'line' : 'polygon';
  });
  protected readonly isDrawingRule = computed(() => (this.rules()?.draft() ?? null) !== null);
  protected readonly drawnPoints = computed<readonly DrawnPoint[]>(() =>
    this.teach.isOn() ? this.teach.corners() : (this.rules()?.draft()?.points ?? []),
  );
  /** Rules that are there already are in sight while one is drawn. */
  protected readonly shapes = computed<readonly DrawnShape[]>(() => {
    const rules = this.rules();
    const draft = rules?.draft() ?? null;
    if (!rules || draft === null) return [];
    return rules
      .list()
      .filter(({ id }) => id !== draft.id)
      .map(({ id, points, kind, name }) => ({
        ...{ id, label: name, isOpen: kind === 'line' },
        points: points.map(([x = 0, y = 0]) => [x, y] as const),
      }));
  });
  protected readonly likelyAnalyzers = computed(() => {
    const view = this.shownView();
    view?.revision();
    return view?.detections.analyzerIds() ?? [];
  });
  private readonly mainRef = viewChild.required<ElementRef<HTMLElement>>('main');
  /** Of which the moment in the address is on show. */
  private arrivedAt: StreamView | null = null;

  constructor() {
    effect(() => {
      const name = this.name();
      untracked(() => this.dashboard.select(name));
    });
    effect(() => {
      const title = this.dashboard.selected()?.title;
      document.title = title === undefined ? 'Vedette' : `${title} · Vedette`;
    });
    // The address says which moment is on show, also when somebody goes back to it …
    effect(() => {
      const view = this.dashboard.view();
      const wanted = parseMoment(this.moment());
      if (view === null) return;
      untracked(() => {
        this.arrivedAt = view;
        if (wanted === asMs(this.clock.asked()?.atMs)) return;
        if (wanted === null) this.clock.goLive();
        else this.clock.goTo({ atMs: wanted });
      });
    });
    // … and follows what the viewer goes to.
    effect(() => {
      const asked = asMs(this.clock.asked()?.atMs);
      untracked(() => {
        if (this.arrivedAt !== this.dashboard.view() || this.arrivedAt === null || asked === parseMoment(this.moment())) return;
        const queryParams = { t: asked === null ? null : momentText(asked) };
        void this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
      });
    });
    effect(() => {
      this.name();
      untracked(() => {
        this.range.set(null);
        this.analyzerWanted.set(null);
        this.teach.leave();
      });
    });
    // What is drawn on has to be in sight.
    effect(() => {
      if (this.drawMode() === null) return;
      untracked(() => {
        const main = this.mainRef().nativeElement;
        main.scrollTo({ top: 0 });
        main.scrollIntoView({ block: 'nearest' });
      });
    });
    effect(() => {
      const rules = this.rules();
      untracked(() => {
        if (rules?.isLoaded() === false) void rules.load();
      });
    });
  }

  protected onKey(event: KeyboardEvent): void {
    if (event.key !== '?' || !this.keys.mayTake(event)) return;
    event.preventDefault();
    this.help.open.set(true);
  }

  protected stateText({ enabled, state }: StreamWire): string {
    return this.t(`state.${enabled ? state : 'off'}`);
  }

  protected since({ createdAt }: StreamWire): number {
    return Date.parse(createdAt);
  }

  protected show(event: Event): void {
    const name = (event.target as HTMLSelectElement).value;
    if (name !== '') void this.router.navigate(['/streams', name]);
  }

  /** What was not looked at is marked, and its analyzer chosen. */
  protected onAgain({ range, analyzerId }: { range: TimeSpan; analyzerId: string }): void {
    this.range.set({ ...range, toMs: Math.min(range.toMs, this.dashboard.serverNow()) });
    this.analyzerWanted.set(analyzerId);
  }

  /** Results of a stretch of the past are new: the timeline and what is played of it ask for them. */
  protected onPastChanged(): void {
    this.changes.update((n) => n + 1);
  }

  protected onDrawn(points: readonly DrawnPoint[]): void {
    if (this.teach.isOn()) this.teach.corners.set(points);
    else this.rules()?.change({ points });
  }

  protected beginTeaching(): void {
    if (this.teach.isOn()) this.teach.leave();
    else {
      this.rules()?.leave();
      this.clock.pause();
      void this.teach.begin();
    }
  }

  protected async copyLink(): Promise<void> {
    const atMs = this.clock.frame?.atMs;
    const url = new URL(location.href);
    if (atMs !== undefined) url.searchParams.set('t', momentText(atMs));
    try {
      await navigator.clipboard.writeText(url.href);
      this.notices.info(this.tp('linkCopied.title'), this.tp('linkCopied.text'));
    } catch {
      // Without a clipboard (http on another machine) the address itself says it.
      void this.router.navigate([], { queryParams: { t: url.searchParams.get('t') }, queryParamsHandling: 'merge' });
    }
  }

  protected onRemoved(stream: StreamWire): void {
    this.settingsFor.set(null);
    this.dashboard.streams.remove(stream.id);
    this.notices.info(this.t('removed', { title: stream.title }));
    if (this.name() === stream.name) void this.router.navigateByUrl('/');
  }
}

const asMs = (atMs: number | undefined): number | null => (atMs === undefined ? null : Math.round(atMs));
