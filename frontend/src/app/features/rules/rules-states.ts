import { inject, Injectable } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import { KeptFew } from '../../core/kept-few';
import { SessionState } from '../../core/session-state';
import { RulesState } from './rules-state';

const STREAMS_KEPT = 4;

/** The rules of the streams looked at last, with what was being drawn: they outlast a look at another page, and go with their viewer. */
@Injectable({ providedIn: 'root' })
export class RulesStates {
  private readonly api = inject(ApiClient);
  private readonly session = inject(SessionState);
  private readonly kept = new KeptFew<RulesState>(STREAMS_KEPT);
  private viewer: unknown = null;

  of(streamId: string): RulesState {
    const viewer = this.session.session()?.user.name ?? null;
    if (viewer !== this.viewer) this.kept.clear();
    this.viewer = viewer;
    return this.kept.of(streamId, () => new RulesState(streamId, this.api));
  }
}
