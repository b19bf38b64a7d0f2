import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { Router } from '@angular/router';
import type { StreamWire } from '../api/models';
import { Dashboard } from '../core/dashboard';
import { KeyboardHelp } from '../core/keyboard-help';
import { Notices } from '../core/notices';
import { EventList } from '../features/events/event-list';
import { HealthPanel } from '../features/health/health-panel';
import { MetricsPanel } from '../features/metrics/metrics-panel';
import { Player } from '../features/player/player';
import { SHORTCUTS } from '../features/player/shortcuts';
import { SingleKeys } from '../core/keyboard';
import { QueueStrip } from '../features/queues/queue-strip';
import { StreamDialog } from '../features/streams/stream-dialog';
import { StreamGuide } from '../features/streams/stream-guide';
import { StreamList } from '../features/streams/stream-list';
import { StreamSettings } from '../features/streams/stream-settings';
import { Modal } from '../shared/ui/modal';

/** The live page: where the features meet. None of them knows another. */
@Component({
  selector: 'vd-live-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [StreamList, StreamGuide, StreamDialog, StreamSettings, Player, HealthPanel, MetricsPanel, EventList, QueueStrip, Modal],
  templateUrl: './live-page.html',
  host: { '(document:keydown)': 'onKey($event)' },
})
export class LivePage {
  /** From the route: `/streams/:name`. */
  readonly name = input<string>();

  protected readonly dashboard = inject(Dashboard);
  protected readonly dialogFor = signal<StreamWire | 'new' | null>(null);
  protected readonly settingsFor = signal<string | null>(null);
  protected readonly settingsStream = computed(() => {
    const id = this.settingsFor();
    return id === null ? null : this.dashboard.streams.get(id);
  });
  protected readonly help = inject(KeyboardHelp);
  protected readonly shortcuts = SHORTCUTS.map(({ keys, title }) => ({ title, keys: keys.map(keyName) }));
  private readonly router = inject(Router);
  private readonly notices = inject(Notices);
  private readonly keys = inject(SingleKeys);

  constructor() {
    effect(() => {
      const name = this.name();
      if (name !== undefined) untracked(() => this.dashboard.select(name));
    });
    // Without a name in the address: the stream that was on show, or the one most worth looking at.
    effect(() => {
      if (this.name() !== undefined) return;
      const streams = this.dashboard.streams.list();
      const best = this.dashboard.selected() ?? streams.find((stream) => stream.state === 'live') ?? streams[0];
      if (best) void this.router.navigate(['/streams', best.name], { replaceUrl: true });
    });
    effect(() => {
      const title = this.dashboard.selected()?.title;
      document.title = title === undefined ? 'Vedette' : `${title} · Vedette`;
    });
  }

  protected onKey(event: KeyboardEvent): void {
    if (event.key !== '?' || !this.keys.mayTake(event)) return;
    event.preventDefault();
    this.help.open.set(true);
  }

  protected onCreated(stream: StreamWire): void {
    this.dashboard.streams.put(stream);
    void this.router.navigate(['/streams', stream.name]);
  }

  protected onRemoved(stream: StreamWire): void {
    this.settingsFor.set(null);
    this.dashboard.streams.remove(stream.id);
    this.notices.info(`${stream.title} was removed`);
    if (this.name() === stream.name) void this.router.navigateByUrl('/');
  }
}

function keyName(key: string): string {
  return { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→' }[key] ?? key;
}
