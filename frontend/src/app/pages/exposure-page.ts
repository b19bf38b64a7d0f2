import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
  untracked,
  type OnDestroy,
  type OnInit,
  ViewEncapsulation,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Dashboard } from '../core/dashboard';
import { SERVER_URL } from '../core/server-address';
import { AppearanceList } from '../features/exposure/appearance-list';
import { askOf, paramsOf, type ExposureAsk } from '../features/exposure/exposure-ask';
import { ExposureAxis } from '../features/exposure/exposure-axis';
import { ExposureBrand } from '../features/exposure/exposure-brand';
import { ExposureFilters } from '../features/exposure/exposure-filters';
import { ExposureState } from '../features/exposure/exposure-state';
import { ExposureTable } from '../features/exposure/exposure-table';
import { ExposureTotals } from '../features/exposure/exposure-totals';
import { brandRows } from '../features/exposure/exposure-view';
import type { ExposureTexts } from '../features/exposure/i18n/en';
import { screenTime } from '../features/exposure/screen-time';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

const COPIED_FOR_MS = 2_000;

/** What brands got out of streams, as its address says. */
@Component({
  selector: 'vd-exposure-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/exposure/exposure.css',
  imports: [
    ...[AppearanceList, ExposureAxis, ExposureBrand, ExposureFilters, ExposureTable, ExposureTotals],
    ...[EmptyState, Icon, PageHead, ProblemText, RouterLink],
  ],
  templateUrl: './exposure-page.html',
})
export class ExposurePage implements OnInit, OnDestroy {
  readonly streams = input<string>();
  readonly show = input<string>();
  readonly range = input<string>();
  readonly from = input<string>();
  readonly to = input<string>();
  readonly against = input<string>();
  readonly brand = input<string>();

  protected readonly t = inject(Texts).of<ExposureTexts>('exposure');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly format = inject(LocaleFormat);
  protected readonly state = inject(ExposureState);
  protected readonly known = inject(Dashboard).streams;
  private readonly router = inject(Router);
  private readonly serverUrl = inject(SERVER_URL);
  protected readonly csvs = ['brands', 'streams', 'appearances'] as const;
  protected readonly copied = signal(false);
  protected readonly ask = computed(() =>
    askOf({
      ...{ streams: this.streams(), show: this.show(), range: this.range(), from: this.from(), to: this.to() },
      ...{ against: this.against(), brand: this.brand() },
    }),
  );
  protected readonly rows = computed(() => {
    const main = this.state.main.value();
    return main === null ? [] : brandRows(main, this.state.beside.value());
  });
  /** The one that is asked for, or the first: there is always something to see beside the table. */
  protected readonly chosen = computed(() => {
    const rows = this.rows().map(({ brand }) => brand);
    return rows.find(({ label }) => label === this.ask().brand) ?? rows[0] ?? null;
  });
  protected readonly isNarrowed = computed(() => this.ask().brand !== null && this.chosen()?.label === this.ask().brand);
  protected readonly streamNames = computed(() => new Map(this.state.main.value()?.streams.map(({ streamId, name }) => [streamId, name])));
  protected readonly scope = computed(() => {
    const main = this.state.main.value();
    const beside = this.state.beside.value();
    const line = (key: 'scope.line' | 'scope.beside', { from, to }: { from: string; to: string }): string =>
      this.t(key, { from: this.format.dateTime(Date.parse(from)), to: this.format.dateTime(Date.parse(to)) });
    return main === null ? [] : [line('scope.line', main), ...(beside === null ? [] : [line('scope.beside', beside)])];
  });
  protected readonly isNothingBeside = computed(() => this.state.beside.value()?.analysedSeconds === 0);
  protected readonly staleSince = computed(() => {
    const atMs = this.state.main.answeredAtMs();
    return this.state.problem() === null || atMs === null ? null : this.format.time(atMs);
  });
  protected readonly emptyText = computed(() => {
    const seconds = this.state.main.value()?.analysedSeconds ?? 0;
    return seconds > 0 ? this.t('empty.analysed', { time: screenTime(seconds, this.format) }) : this.t('empty.nothing');
  });

  constructor() {
    effect(() => {
      const ask = this.ask();
      const streams = this.known.list();
      // Names in the address are of streams that have to be known first.
      if (this.known.loaded()) untracked(() => void this.state.show(ask, streams));
    });
  }

  ngOnInit(): void {
    this.state.start();
  }

  ngOnDestroy(): void {
    this.state.stop();
  }

  protected go(ask: ExposureAsk): void {
    void this.router.navigate([], { queryParams: paramsOf(ask) });
  }

  protected choose(subjectId: string): void {
    const label = this.rows().find(({ brand }) => brand.subjectId === subjectId)?.brand.label ?? null;
    this.go({ ...this.ask(), brand: this.ask().brand === label ? null : label });
  }

  protected csvUrl(of: (typeof this.csvs)[number]): string {
    const span = this.state.span();
    if (span === null) return '';
    return `${this.serverUrl}/api/exposure/export?${new URLSearchParams({ ...this.state.queryOf(span, this.ask().show), of })}`;
  }

  protected print(): void {
    print();
  }

  /** A link to a range that goes with the time shows what is then. */
  protected async copyLink(): Promise<void> {
    await navigator.clipboard?.writeText(location.href).catch(() => undefined);
    this.copied.set(true);
    setTimeout(() => this.copied.set(false), COPIED_FOR_MS);
  }
}
