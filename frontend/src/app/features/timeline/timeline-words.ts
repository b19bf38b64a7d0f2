import { inject, Injectable } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { humanName } from '../../core/format';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import type { TimelineTexts } from './i18n/en';
import type { TimelineRow } from './timeline-rows';
import type { TimelineModel } from './timeline-store';
import type { Tick } from './timeline-ticks';

const TICK_OPTIONS: Readonly<Record<Tick['kind'], Intl.DateTimeFormatOptions>> = {
  day: { day: 'numeric', month: 'short' },
  minutes: { hour: '2-digit', minute: '2-digit', hour12: false },
  seconds: { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
};

/** What the timeline says of itself, written and spoken. */
@Injectable({ providedIn: 'root' })
export class TimelineWords {
  private readonly t = inject(Texts).of<TimelineTexts>('timeline');
  private readonly format = inject(LocaleFormat);
  private readonly dashboard = inject(Dashboard);
  private readonly formats = new Map<string, Intl.DateTimeFormat>();

  readonly analyzer = (id: string): string => this.dashboard.work.analyzerTitles().get(id) ?? humanName(id);

  title(row: TimelineRow): string {
    switch (row.kind) {
      case 'ruler':
        return '';
      case 'recorded':
        return this.t('rows.recorded');
      case 'events':
        return humanName(row.lane.name);
      case 'other-events':
        return this.t('rows.others', { count: row.lanes.length });
      case 'coverage-all':
        return this.t('rows.coverage');
      case 'coverage':
        return this.analyzer(row.lane.analyzerId);
    }
  }

  hint(row: TimelineRow): string {
    if (row.kind === 'events') return `${this.analyzer(row.lane.analyzerId)}: ${row.lane.name}`;
    if (row.kind === 'other-events') return row.lanes.map(({ name }) => humanName(name)).join(', ');
    return this.title(row);
  }

  tick({ atMs, kind }: Tick): string {
    const locale = this.format.locale();
    const key = `${locale}/${kind}`;
    let format = this.formats.get(key);
    if (!format) this.formats.set(key, (format = new Intl.DateTimeFormat(locale, TICK_OPTIONS[kind])));
    return format.format(atMs);
  }

  /** The moment on show, whether it is recorded, and what happens in it. */
  spoken(atMs: number | null, { recorded, events, stepMs }: TimelineModel, isLive: boolean): string {
    if (atMs === null) return this.t('slider.nothing');
    const holds = (bucket: { readonly atMs: number }): boolean => atMs >= bucket.atMs && atMs < bucket.atMs + stepMs;
    const names = events
      .filter(({ buckets }) => buckets.some((bucket) => holds(bucket) && bucket.seconds + bucket.count > 0))
      .map(({ name }) => humanName(name));
    const isRecorded = (recorded.find(holds)?.share ?? 0) > 0;
    const state = this.t(isLive ? 'slider.live' : isRecorded ? 'slider.recorded' : 'slider.gap');
    return [this.format.dateTime(atMs), state, ...names].join(', ');
  }
}
