import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, input, linkedSignal, output, viewChild } from '@angular/core';
import type { EpochWire, StreamWire } from '../../api/models';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { LONGEST_MS, RELATIVE_RANGES, type Against, type ExposureAsk, type RelativeRange, type Span } from './exposure-ask';
import type { ExposureTexts } from './i18n/en';

/** What is added up: streams, a show, a range, and what stands beside it. */
@Component({
  selector: 'vd-exposure-filters',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './exposure-filters.html',
  host: {
    class: 'exposure-filters no-print',
    role: 'search',
    '[attr.aria-label]': "t('filters.label')",
    '(document:click)': 'onClick($event)',
  },
})
export class ExposureFilters {
  readonly ask = input.required<ExposureAsk>();
  readonly streams = input.required<readonly StreamWire[]>();
  readonly shows = input.required<readonly EpochWire[]>();
  /** What is on show: where a range of one's own begins. */
  readonly span = input.required<Span | null>();
  readonly asked = output<ExposureAsk>();

  protected readonly t = inject(Texts).of<ExposureTexts>('exposure');
  protected readonly format = inject(LocaleFormat);
  protected readonly ranges = RELATIVE_RANGES;
  protected readonly againsts = ['nothing', 'before', 'week'] as const;
  private readonly picker = viewChild.required<ElementRef<HTMLDetailsElement>>('picker');
  protected readonly isOwn = linkedSignal(() => typeof this.ask().range !== 'string');
  protected readonly from = linkedSignal(() => localTime(this.span()?.fromMs));
  protected readonly to = linkedSignal(() => localTime(this.span()?.toMs));
  protected readonly isBad = computed(() => {
    const lengthMs = Date.parse(this.to()) - Date.parse(this.from());
    return !(lengthMs > 0 && lengthMs <= LONGEST_MS);
  });
  protected readonly others = computed(() => this.shows().filter(({ id }) => id !== this.ask().show));

  protected readonly chosen = computed(() => {
    const { streams } = this.ask();
    if (streams.length === 0) return this.t('filters.allStreams');
    if (streams.length > 1) return this.t.count('filters.chosen', streams.length);
    return this.streams().find(({ name }) => name === streams[0])?.title ?? streams[0]!;
  });

  protected titleOf(show: EpochWire): string {
    return this.t('filters.showOf', { time: this.format.dateTime(Date.parse(show.startedAt)) });
  }

  protected toggle(name: string, isOn: boolean): void {
    const streams = isOn ? [...this.ask().streams, name] : this.ask().streams.filter((other) => other !== name);
    this.change({ streams, ...NO_SHOW });
  }
  protected all(): void {
    this.change({ streams: [], ...NO_SHOW });
  }
  protected take(range: RelativeRange): void {
    this.isOwn.set(false);
    this.change({ range, ...NO_SHOW });
  }
  protected takeOwn(event: Event): void {
    event.preventDefault();
    if (!this.isBad()) this.change({ range: { fromMs: Date.parse(this.from()), toMs: Date.parse(this.to()) }, ...NO_SHOW });
  }
  protected takeShow(event: Event): void {
    const id = valueOf(event);
    this.change(id === '' ? NO_SHOW : { show: id });
  }
  protected setAgainst(event: Event): void {
    this.change({ against: valueOf(event) as Against });
  }
  protected readonly valueOf = valueOf;

  protected onClick(event: MouseEvent): void {
    const { nativeElement } = this.picker();
    if (!nativeElement.contains(event.target as Node)) nativeElement.open = false;
  }

  private change(change: Partial<ExposureAsk>): void {
    const ask = { ...this.ask(), ...change };
    const isShowGone = ask.against.startsWith('show:') && change.show === null;
    this.asked.emit(isShowGone ? { ...ask, against: 'nothing' } : ask);
  }
}

const NO_SHOW = { show: null } as const;
const valueOf = (event: Event): string => (event.target as HTMLInputElement).value;

/** As `<input type="datetime-local">` has it. */
function localTime(ms: number | undefined): string {
  if (ms === undefined) return '';
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
