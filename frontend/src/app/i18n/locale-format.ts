import { computed, inject, Injectable } from '@angular/core';
import { Texts } from './texts';

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const STEP = 1000;
const TO_THE_SECOND = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;
/** Less is not told apart from nothing. */
const LEAST_MONEY = 0.0001;

/**
 * Numbers and times as the viewer's region writes them, in the viewer's time zone. Reading depends on the language, as texts do.
 * @example protected readonly format = inject(LocaleFormat);   // {{ format.number(0.5, 2) }} is "0.50" or "0,50"
 */
@Injectable({ providedIn: 'root' })
export class LocaleFormat {
  private readonly texts = inject(Texts);
  /** Of the chosen language, with the region of the browser where that speaks it. */
  readonly locale = computed(() => {
    const language = this.texts.language();
    return navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
  });

  /** @param digits behind the comma, always that many */
  number(value: number, digits = 0): string {
    return this.numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  }
  /** Of a share: 0.72 is "72 %" in German and "72%" in English. */
  percent(share: number, digits = 0): string {
    return this.numbers({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);
  }
  /** A share as {@link percent}; what is there but rounds to nothing is "< 1%". */
  share(share: number): string {
    return share > 0 && share < 0.005 ? `< ${this.percent(0.01)}` : this.percent(share);
  }
  /** "1.50", "0.0042": in the currency of the operator's price lists, which nobody but the operator knows. */
  money(amount: number): string {
    if (amount === 0 || amount >= 0.1) return this.number(amount, 2);
    return amount < LEAST_MONEY ? `< ${this.significant(LEAST_MONEY)}` : this.significant(amount);
  }
  /** "1.2 GB" of bytes, in steps of a thousand, as disks are sold. */
  bytes(bytes: number): string {
    const step = bytes < STEP ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(STEP)));
    const value = bytes / STEP ** step;
    const maximumFractionDigits = value < 10 && step > 0 ? 1 : 0;
    return this.numbers({ style: 'unit', unit: BYTE_UNITS[step]!, unitDisplay: 'short', maximumFractionDigits }).format(value);
  }
  /** "14:03:22". */
  time(atMs: number): string {
    return this.dates(TO_THE_SECOND).format(atMs);
  }
  /** "14:03", for an axis. */
  hourMinute(atMs: number): string {
    return this.dates({ hour: '2-digit', minute: '2-digit', hour12: false }).format(atMs);
  }
  /** "28 Nov", for an axis. */
  dayMonth(atMs: number): string {
    return this.dates({ day: 'numeric', month: 'short' }).format(atMs);
  }
  /** "28 Nov, 14:03:22", with the year where it is another. */
  dateTime(atMs: number): string {
    const year = new Date(atMs).getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' as const };
    return this.dates({ day: 'numeric', month: 'short', ...year, ...TO_THE_SECOND }).format(atMs);
  }
  /** "16:16" of today, "27 Nov, 16:16" of a day before. */
  since(atMs: number, nowMs: number): string {
    const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
    const day = isToday ? {} : { day: 'numeric' as const, month: 'short' as const };
    return this.dates({ ...day, hour: '2-digit', minute: '2-digit', hour12: false }).format(atMs);
  }
  /** "Saturday, 28 November 2026". */
  day(atMs: number): string {
    return this.dates({ dateStyle: 'full' }).format(atMs);
  }
  /** "240 ms", "7.2 s", "12 min", "3 h", "2 d": of one unit, as a read-out. */
  duration(ms: number): string {
    const value = Math.max(0, ms);
    if (value < 1_000) return `${this.number(value)} ms`;
    if (value < 10_000) return `${this.number(value / 1000, 1)} s`;
    if (value < 60_000) return `${this.number(value / 1000)} s`;
    if (value < 3_600_000) return `${this.number(Math.floor(value / 60_000))} min`;
    if (value < 86_400_000) return `${this.number(Math.floor(value / 3_600_000))} h`;
    return `${this.number(Math.floor(value / 86_400_000))} d`;
  }
  /** "12 seconds ago", "in 3 days". */
  ago(atMs: number, nowMs: number): string {
    const seconds = (atMs - nowMs) / 1000;
    const [unit, length] = RELATIVE.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
    return this.relative().format(Math.trunc(seconds / length), unit);
  }

  private readonly relative = computed(() => new Intl.RelativeTimeFormat(this.locale(), { numeric: 'auto' }));
  private readonly kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

  private significant(value: number): string {
    return this.numbers({ maximumSignificantDigits: 2 }).format(value);
  }
  private numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    return this.keep(options, (locale) => new Intl.NumberFormat(locale, options)) as Intl.NumberFormat;
  }
  private dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return this.keep(options, (locale) => new Intl.DateTimeFormat(locale, options)) as Intl.DateTimeFormat;
  }
  /** To make one takes longer than to use it a hundred times. */
  private keep<T extends Intl.NumberFormat | Intl.DateTimeFormat>(options: object, make: (locale: string) => T): T {
    const key = this.locale() + JSON.stringify(options);
    const kept = this.kept.get(key) ?? make(this.locale());
    this.kept.set(key, kept);
    return kept as T;
  }
}

/** What writes numbers and times: for plain functions, which are given it. */
export type Formats = Pick<LocaleFormat, keyof LocaleFormat>;

const RELATIVE = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;
