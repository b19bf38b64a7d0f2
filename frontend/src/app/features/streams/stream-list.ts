import { ChangeDetectionStrategy, Component, ElementRef, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { StreamWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { ago, briefDuration } from '../../core/format';
import { HEALTH_WORDS, shortVerdict } from '../../core/health-text';
import { SessionState } from '../../core/session-state';
import { Icon } from '../../shared/ui/icon';
import { describeStream } from './stream-text';

@Component({
  selector: 'vd-stream-list',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, Icon],
  templateUrl: './stream-list.html',
})
export class StreamList {
  readonly selectedName = input<string | null>(null);
  readonly newWanted = output<void>();
  readonly keyWanted = output<StreamWire>();
  readonly settingsWanted = output<StreamWire>();

  protected readonly dashboard = inject(Dashboard);
  protected readonly session = inject(SessionState);
  protected readonly rows = computed(() => {
    const now = this.dashboard.nowMs();
    return this.dashboard.streams.list().map((stream) => ({
      stream,
      ...this.healthOf(stream),
      since: ago(Date.parse(stream.stateAt), now).replace(' ago', ''),
      facts: describeStream(stream),
    }));
  });
  private readonly listeners = computed(
    () =>
      new Set(
        this.dashboard.work.plugins().flatMap((plugin) => plugin.sources.filter(({ kind }) => kind === 'listener').map(({ id }) => id)),
      ),
  );
  /** How far behind the clock the results of the stream on show are. */
  protected readonly lag = computed(() => {
    const to = this.dashboard.view()?.analysedToMs() ?? null;
    // What was analysed before it broke off says nothing of what comes now.
    const began = Date.parse(this.dashboard.selected()?.epoch?.startedAt ?? '');
    return to === null || to < began ? null : briefDuration(this.dashboard.nowMs() - to);
  });
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  /** Of a live stream its health knows more than its state. */
  private healthOf({ id, state, stateDetail }: StreamWire): { health: string | null; status: string; detail: string | null } {
    const verdict = this.dashboard.health.of(id);
    const isJudged = verdict !== null && verdict.status !== 'noData';
    const told = verdict === null ? null : shortVerdict(verdict);
    return {
      health: isJudged ? HEALTH_WORDS[verdict.status] : null,
      status: verdict?.status ?? 'noData',
      detail: state === 'live' && isJudged ? told : (stateDetail ?? told),
    };
  }

  protected takesPublishers(stream: StreamWire): boolean {
    return stream.enabled && this.listeners().has(stream.adapterId);
  }

  /** Up and down walk the list, Home and End jump; Enter follows the link as always. */
  protected onKey(event: KeyboardEvent): void {
    const links = [...this.host.nativeElement.querySelectorAll<HTMLElement>('a.stream')];
    const at = links.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const last = links.length - 1;
    const to = { ArrowDown: Math.min(last, at + 1), ArrowUp: Math.max(0, at - 1), Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    links[to]?.focus();
  }
}
