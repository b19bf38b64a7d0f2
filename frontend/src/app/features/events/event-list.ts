import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import type { EventWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { evidenceView, type EvidenceView } from '../../core/evidence-view';
import { ago, briefDuration, clockDuration, clockTime, humanName } from '../../core/format';
import { Notices } from '../../core/notices';
import { PlayerClock } from '../../core/player-clock';
import type { StreamView } from '../../core/stream-view';
import { EvidenceDialog } from './evidence-dialog';
import { EvidenceThumb } from './evidence-thumb';
import { Icon } from '../../shared/ui/icon';
import { describeData, iconOf, newlySeen } from './event-text';

const SHOWN = 80;

@Component({
  selector: 'vd-event-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [EvidenceDialog, EvidenceThumb, Icon],
  templateUrl: './event-list.html',
})
export class EventList {
  readonly view = input.required<StreamView>();
  protected readonly announcement = signal('');
  /** The picture that is looked at. */
  protected readonly shown = signal<EvidenceView | null>(null);
  private readonly dashboard = inject(Dashboard);
  private readonly clock = inject(PlayerClock);
  private readonly notices = inject(Notices);
  private known: ReadonlyMap<string, EventWire['state']> | null = null;

  protected readonly rows = computed(() => {
    const now = this.dashboard.nowMs();
    const window = this.clock.windowMs();
    const atMs = this.clock.coarse()?.atMs ?? null;
    const titles = this.dashboard.work.analyzerTitles();
    return this.view()
      .events()
      .slice(0, SHOWN)
      .map((event) => {
        const startMs = Date.parse(event.startAt);
        const endMs = event.endAt === null ? null : Date.parse(event.endAt);
        const open = event.state === 'open';
        const lastedMs = (endMs ?? now) - startMs;
        return {
          event,
          open,
          icon: iconOf(event.name),
          title: humanName(event.name),
          lasted: open ? clockDuration(lastedMs) : lastedMs < 50 ? null : briefDuration(lastedMs),
          ago: ago(startMs, now),
          time: clockTime(startMs),
          data: describeData(event.data),
          evidence: evidenceView(event),
          by: titles.get(event.analyzerId) ?? event.analyzerId,
          reachable: window !== null && startMs >= window.fromMs && startMs <= window.toMs,
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
    effect(() => {
      const events = this.view().events();
      const loading = this.view().loading();
      untracked(() => {
        const fresh = this.known === null || loading ? [] : newlySeen(this.known, events);
        this.known = new Map(events.map((event) => [event.id, event.state]));
        if (fresh.length > 0) this.announcement.set(fresh.slice(0, 3).join('. '));
      });
    });
  }

  protected goShown(): void {
    const shown = this.shown();
    this.shown.set(null);
    if (shown !== null) this.go(shown.event, shown.evidence.ptsUs);
  }

  protected go(event: EventWire, ptsUs = event.startPtsUs): void {
    const outcome = this.clock.seek(event.epochId, ptsUs);
    if (outcome === 'out-of-window')
      this.notices.info('No longer in the live window', 'The video of this event has left the part that can be seeked to.');
    else if (outcome === 'not-playing') this.notices.info('Nothing is playing', 'Events can be jumped to while the stream plays.');
  }
}
