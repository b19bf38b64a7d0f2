import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, output } from '@angular/core';
import { Dashboard } from '../../core/dashboard';
import { Icon } from '../../shared/ui/icon';
import { DURATIONS_S, NO_FILTER, RANGES, SCORES, type EventFilter, type Range } from './event-filter';
import { EventWords } from './event-words';

type ListName = 'streams' | 'kinds' | 'analyzers' | 'subjects';

interface Chip {
  readonly id: string;
  readonly text: string;
  /** The filter without it. */
  readonly without: EventFilter;
}

/** What is asked for, as choices and as chips that can be taken away. */
@Component({
  selector: 'vd-event-filters',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  templateUrl: './event-filters.html',
})
export class EventFilters {
  readonly filter = input.required<EventFilter>();
  /** Names of events to choose among. */
  readonly kinds = input.required<readonly string[]>();
  readonly changed = output<EventFilter>();
  protected readonly words = inject(EventWords);
  protected readonly t = this.words.t;
  protected readonly ranges = RANGES;
  protected readonly durationsS = DURATIONS_S;
  protected readonly scores = SCORES;
  protected readonly reviews = ['no', 'any', 'yes'] as const;
  protected readonly streams = inject(Dashboard).streams;
  protected readonly analyzers = computed(() => [...this.dashboard.work.analyzerTitles()].map(([id, title]) => ({ id, title })));
  /** What is typed; asked for when it rests. */
  protected readonly query = linkedSignal(() => this.filter().query);
  protected readonly hasMore = linkedSignal({
    source: this.filter,
    computation: ({ analyzers, minDurationS, minScore, isOpen, isUngrouped, from, to }, before?: { value: boolean }) =>
      before?.value === true ||
      analyzers.length > 0 ||
      minDurationS !== null ||
      minScore !== null ||
      isOpen ||
      isUngrouped ||
      from !== null ||
      to !== null,
  });
  protected readonly chips = computed(() => this.chipsOf(this.filter()));
  private readonly dashboard = inject(Dashboard);

  protected set(change: Partial<EventFilter>): void {
    this.changed.emit({ ...this.filter(), ...change });
  }

  /** Of a list of choices, whose first stands for none. */
  protected choose(list: ListName, event: Event): void {
    const value = this.valueOf(event);
    (event.target as HTMLSelectElement).value = '';
    const chosen = this.filter()[list];
    if (value !== '' && !chosen.includes(value)) this.set({ [list]: [...chosen, value] });
  }

  protected chooseRange(event: Event): void {
    this.set({ range: (this.valueOf(event) || null) as Range | null, from: null, to: null });
  }

  protected chooseNumber(name: 'minDurationS' | 'minScore', event: Event): void {
    this.set({ [name]: this.valueOf(event) === '' ? null : Number(this.valueOf(event)) });
  }

  protected chooseInstant(name: 'from' | 'to', event: Event): void {
    const ms = Date.parse(this.valueOf(event));
    this.set({ [name]: Number.isNaN(ms) ? null : new Date(ms).toISOString(), range: null });
  }

  protected ask(event: Event): void {
    event.preventDefault();
    this.set({ query: this.query().trim() });
  }

  protected clear(): void {
    this.changed.emit({ ...NO_FILTER, reviewed: this.filter().reviewed });
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }

  /** As a field for local times has it. */
  protected localOf(iso: string | null): string {
    if (iso === null) return '';
    const date = new Date(iso);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }

  protected longer(seconds: number): string {
    return `${this.t('filter.longer')} ${this.words.as.duration(seconds * 1000)}`;
  }
  protected better(score: number): string {
    return `${this.t('filter.score')} ≥ ${this.words.as.percent(score)}`;
  }

  private chipsOf(filter: EventFilter): Chip[] {
    const { t, words } = this;
    const named = (name: string, value: string): string => `${name}: ${value}`;
    const list = (key: ListName, text: (value: string) => string): Chip[] =>
      filter[key].map((value) => ({
        id: `${key} ${value}`,
        text: text(value),
        without: { ...filter, [key]: filter[key].filter((other) => other !== value) },
      }));
    const one = (id: keyof EventFilter, text: string | null): Chip[] =>
      text === null ? [] : [{ id, text, without: { ...filter, [id]: NO_FILTER[id] } }];
    const time = (name: string, iso: string | null): string | null => iso && named(name, words.as.dateTime(Date.parse(iso)));
    return [
      ...list('streams', (name) => named(t('filter.stream'), this.streamTitle(name))),
      ...list('kinds', (name) => named(t('filter.kind'), words.kind(name))),
      ...list('analyzers', (id) => named(t('filter.analyzer'), words.analyzer(id))),
      ...list('subjects', (subject) => named(t('filter.subject'), subject)),
      ...one('query', filter.query === '' ? null : named(t('filter.query'), filter.query)),
      ...one('range', filter.range && t(`range.${filter.range}`)),
      ...one('from', time(t('filter.from'), filter.from)),
      ...one('to', time(t('filter.to'), filter.to)),
      ...one('minDurationS', filter.minDurationS === null ? null : this.longer(filter.minDurationS)),
      ...one('minScore', filter.minScore === null ? null : this.better(filter.minScore)),
      ...one('isOpen', filter.isOpen ? t('filter.open') : null),
      ...one('isUngrouped', filter.isUngrouped ? t('filter.apart') : null),
    ];
  }

  private streamTitle(name: string): string {
    const isUnknown = this.streams.loaded() && this.streams.byName(name) === null;
    return isUnknown ? this.t('filter.unknownStream', { name }) : (this.streams.byName(name)?.title ?? name);
  }
}
