import { ChangeDetectionStrategy, Component, effect, inject, signal } from '@angular/core';
import { Router } from '@angular/router';
import type { StreamWire } from '../api/models';
import { Dashboard } from '../core/dashboard';
import { StreamDialog } from '../features/streams/stream-dialog';
import { StreamGuide } from '../features/streams/stream-guide';

/** The way in: to the stream that was on show, or the one most worth looking at; without any, to the first one. */
@Component({
  selector: 'vd-live-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [StreamDialog, StreamGuide],
  templateUrl: './live-page.html',
})
export class LivePage {
  protected readonly dashboard = inject(Dashboard);
  protected readonly dialogFor = signal<StreamWire | 'new' | null>(null);
  private readonly router = inject(Router);

  constructor() {
    effect(() => {
      const streams = this.dashboard.streams.list();
      const best = this.dashboard.selected() ?? streams.find((stream) => stream.state === 'live') ?? streams[0];
      if (best) void this.router.navigate(['/streams', best.name], { replaceUrl: true });
    });
  }

  protected onCreated(stream: StreamWire): void {
    this.dashboard.streams.put(stream);
    void this.router.navigate(['/streams', stream.name]);
  }
}
