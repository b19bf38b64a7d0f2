import { computed, inject, Injectable } from '@angular/core';
import type { EventGroupWire, ListedEventWire } from '../../api/models';
import { Dashboard } from '../../core/dashboard';
import { humanName } from '../../core/format';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts, type Key } from '../../i18n/texts';
import type { EventsTexts } from './i18n/en';

/** Shorter ones are told as a moment. */
const MOMENT_MS = 50;

/** Events in the words of whoever looks at them. */
@Injectable()
export class EventWords {
  readonly t = inject(Texts).of<EventsTexts>('events');
  readonly as = inject(LocaleFormat);
  private readonly dashboard = inject(Dashboard);
  private readonly analyzers = computed(() => this.dashboard.work.analyzerTitles());

  /** Of a name of events: plugins bring others than those that have a translation. */
  kind(name: string): string {
    const said = this.t(`kinds.${name}` as Key<EventsTexts>);
    return said.endsWith(`kinds.${name}`) ? humanName(name) : said;
  }

  /** What it is of says more than what it is. */
  title({ subject, name }: Pick<ListedEventWire, 'subject' | 'name'>): string {
    return subject ?? this.kind(name);
  }

  analyzer(id: string): string {
    return this.analyzers().get(id) ?? id;
  }

  when({ startAt }: ListedEventWire): string {
    return this.as.dateTime(Date.parse(startAt));
  }

  /** How long it was: one that is open is known as far as it was analysed, and not until now. @returns null for a moment */
  lasted({ state, startAt, endAt, analysedUpTo }: ListedEventWire): string | null {
    if (state === 'open')
      return analysedUpTo === null ? this.t('card.open') : this.t('card.openUpTo', { time: this.as.time(Date.parse(analysedUpTo)) });
    const ms = Date.parse(endAt ?? startAt) - Date.parse(startAt);
    return ms < MOMENT_MS ? null : this.as.duration(ms);
  }

  repeats({ count, isCut, firstStartAt }: EventGroupWire): string {
    return this.t('card.repeats', {
      count: isCut ? `${this.as.number(count)}+` : this.as.number(count),
      time: this.as.time(Date.parse(firstStartAt)),
    });
  }

  picture(event: ListedEventWire): string {
    return this.t('card.picture', { title: this.title(event), time: this.as.time(Date.parse(event.startAt)) });
  }
}
