import { inject, Injectable } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { KeptFew } from '../../core/kept-few';
import { SessionState } from '../../core/session-state';
import { TimelineStore } from './timeline-store';

const STREAMS_KEPT = 4;

/** What is known of the pasts of the streams looked at last: it stays while one looks at another page, and goes with its viewer. */
@Injectable({ providedIn: 'root' })
export class TimelineStores {
  private readonly api = inject(ApiClient);
  private readonly dashboard = inject(Dashboard);
  private readonly session = inject(SessionState);
  private readonly kept = new KeptFew<TimelineStore>(STREAMS_KEPT, (store) => store.close());
  private viewer: unknown = null;

  of(streamId: string): TimelineStore {
    const viewer = this.session.session()?.user.name ?? null;
    if (viewer !== this.viewer) this.kept.clear();
    this.viewer = viewer;
    return this.kept.of(streamId, () => new TimelineStore(streamId, this.api, () => this.dashboard.serverNow()));
  }
}
