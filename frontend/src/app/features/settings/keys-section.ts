import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import type { StreamKeyWire, StreamWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import type { AppTexts } from '../../i18n/en';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { Confirm } from '../../shared/ui/confirm';
import { CopyField } from '../../shared/ui/copy-field';
import { EmptyState } from '../../shared/ui/empty-state';
import { ProblemText } from '../../shared/ui/problem-text';
import type { SettingsTexts } from './i18n/en';
import { isInForce, KeysState } from './keys-state';
import { ms } from './moment';
import { SectionFrame } from './section-frame';
import { ShownOnce } from './shown-once';

/** A day: an encoder somewhere gets the new key in the meantime. */
const GRACE_S = 86_400;

/** What publishers send by: the keys of each stream, when they were last used and from where. */
@Component({
  selector: 'vd-keys-section',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Confirm, CopyField, EmptyState, ProblemText, SectionFrame, ShownOnce],
  templateUrl: './keys-section.html',
})
export class KeysSection {
  protected readonly state = inject(KeysState);
  protected readonly dashboard = inject(Dashboard);
  protected readonly t = inject(Texts).of<SettingsTexts>('settings');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly ms = ms;
  protected readonly wanted = signal('');
  protected readonly ending = signal<{ readonly stream: StreamWire; readonly key: StreamKeyWire } | null>(null);
  protected readonly server = computed(() => this.dashboard.work.system()?.rtmpUrl ?? null);
  /** Streams that publishers send to; by what is searched for. */
  protected readonly streams = computed(() => {
    const listeners = new Set(
      this.dashboard.work.plugins().flatMap(({ sources }) => sources.flatMap(({ id, kind }) => (kind === 'listener' ? [id] : []))),
    );
    const wanted = this.wanted().trim().toLowerCase();
    return this.dashboard.streams
      .list()
      .filter(({ adapterId, title, name }) => listeners.has(adapterId) && `${title} ${name}`.toLowerCase().includes(wanted));
  });

  protected inForce(stream: StreamWire): StreamKeyWire[] | null {
    const now = this.dashboard.nowMs();
    return (
      this.state
        .lists()
        .get(stream.id)
        ?.items()
        ?.filter((key) => isInForce(key, now)) ?? null
    );
  }

  protected opened(stream: StreamWire, event: Event): void {
    if ((event.target as HTMLDetailsElement).open && !this.state.lists().has(stream.id)) void this.state.open(stream.id);
  }

  protected rotate(stream: StreamWire, key: StreamKeyWire): void {
    void this.state.rotate(stream, key, GRACE_S);
  }

  protected async revoke(): Promise<void> {
    const ending = this.ending();
    if (ending !== null) await this.state.revoke(ending.stream, ending.key);
    this.ending.set(null);
  }
}
