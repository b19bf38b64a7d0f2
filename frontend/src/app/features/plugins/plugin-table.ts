import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { InstalledPluginWire } from '../../api/models';
import { SessionState } from '../../core/session-state';
import { LocaleFormat } from '../../i18n/locale-format';
import { type Key, Texts } from '../../i18n/texts';
import { Meter } from '../../shared/ui/meter';
import type { PluginsTexts } from './i18n/en';
import { HEALTH_LAMPS } from './tone';

/** The plugins, one in each row: how it is, what it brings, what it did and what it takes. */
@Component({
  selector: 'vd-plugin-table',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Meter, RouterLink],
  templateUrl: './plugin-table.html',
})
export class PluginTable {
  readonly plugins = input.required<readonly InstalledPluginWire[]>();
  protected readonly session = inject(SessionState);
  protected readonly format = inject(LocaleFormat);
  protected readonly t = inject(Texts).of<PluginsTexts>('plugins');
  protected readonly lamps = HEALTH_LAMPS;
  protected readonly dateOf = Date.parse;

  protected brings({ contributes }: InstalledPluginWire): string {
    const { analyzers, sources, strategies } = contributes;
    const parts = [
      ...(analyzers > 0 ? [this.t.count('list.analyzers', analyzers)] : []),
      ...(sources > 0 ? [this.t.count('list.sources', sources)] : []),
      ...(strategies > 0 ? [this.t.count('list.strategies', strategies)] : []),
    ];
    return parts.length === 0 ? this.t('list.nothing') : parts.join(', ');
  }

  /** A text whose key is made of what the server says. */
  protected word(key: string): string {
    return this.t(key as Key<PluginsTexts>);
  }
}
