import { ChangeDetectionStrategy, Component, computed, inject, output } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { SessionState } from '../../core/session-state';
import { CopyField } from '../../shared/ui/copy-field';
import { Icon } from '../../shared/ui/icon';

/** What a dashboard without streams shows: how to get one. */
@Component({
  selector: 'vd-stream-guide',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CopyField, Icon],
  template: `<section class="guide" aria-labelledby="guide-title">
    <h2 id="guide-title">Send the first stream</h2>
    <ol class="guide__steps">
      <li>
        <h3>Create a stream</h3>
        @if (session.isAdmin()) {
          <p>It gives you a stream key for your encoder.</p>
          <button type="button" class="button button--primary" (click)="newWanted.emit()"><vd-icon name="plus" />New stream</button>
        } @else {
          <p>Ask an admin to create one and to give you its key.</p>
        }
      </li>
      <li>
        <h3>Point OBS at Vedette</h3>
        <p>Settings → Stream → Service <strong>Custom</strong>. Keyframe interval 2 s.</p>
        @if (server(); as url) {
          <vd-copy-field label="Server" [text]="url" />
        }
      </li>
      <li>
        <h3>Start streaming</h3>
        <p>The picture shows here a few seconds later, with what the analyzers see in it.</p>
      </li>
    </ol>
  </section>`,
})
export class StreamGuide {
  readonly newWanted = output<void>();
  protected readonly session = inject(SessionState);
  protected readonly server = computed(() => this.dashboard.work.system()?.rtmpUrl ?? null);
  private readonly dashboard = inject(Dashboard);
}
