import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  ElementRef,
  inject,
  untracked,
  viewChild,
  ViewEncapsulation,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';
import { Dashboard } from '../core/dashboard';
import { SearchHit } from '../features/search/search-hit';
import type { SearchTexts } from '../features/search/i18n/en';
import {
  addressOf,
  askedOf,
  SEARCH_KINDS,
  SearchState,
  SPANS_DAYS,
  type SearchAsked,
  type SpanDays,
} from '../features/search/search-state';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { PageHead } from '../shared/ui/page-head';
import { ProblemText } from '../shared/ui/problem-text';

/** Typed words are looked for when they rest so long. */
const REST_MS = 250;

/** One field for everything that was found. */
@Component({
  selector: 'vd-search-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/search/search.css',
  imports: [EmptyState, Icon, PageHead, ProblemText, SearchHit],
  templateUrl: './search-page.html',
  host: { '(document:keydown)': 'onKey($event)' },
})
export class SearchPage {
  protected readonly state = inject(SearchState);
  protected readonly t = inject(Texts).of<SearchTexts>('search');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly as = inject(LocaleFormat);
  protected readonly streams = inject(Dashboard).streams;
  protected readonly kinds = SEARCH_KINDS;
  protected readonly spans = SPANS_DAYS;
  protected readonly groups = computed(() => (this.state.found()?.groups ?? []).filter(({ hits }) => hits.length > 0));
  protected readonly summary = computed(() => {
    const groups = this.groups();
    const count = groups.reduce((sum, { hits }) => sum + hits.length, 0);
    if (this.state.answered() === null || count === 0) return '';
    return groups.some(({ hasMore }) => hasMore) ? this.t('foundMore', { count: this.as.number(count) }) : this.t.count('found', count);
  });
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('field');
  private readonly router = inject(Router);
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const params = toSignal(inject(ActivatedRoute).queryParamMap, { requireSync: true });
    effect(() => {
      const asked = askedOf(params());
      if (asked.stream !== null && !this.streams.loaded()) return;
      untracked(() => void this.state.ask(asked));
    });
    afterNextRender(() => this.field().nativeElement.focus());
    inject(DestroyRef).onDestroy(() => clearTimeout(this.typing));
  }

  protected ask(change: Partial<SearchAsked>): void {
    clearTimeout(this.typing);
    void this.router.navigate([], { queryParams: addressOf({ ...this.state.asked(), ...change }), replaceUrl: true });
  }

  protected typed(event: Event): void {
    const text = (event.target as HTMLInputElement).value;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.ask({ text }), REST_MS);
  }

  protected submitted(event: Event): void {
    event.preventDefault();
    this.ask({ text: this.field().nativeElement.value });
  }

  protected chooseStream(event: Event): void {
    this.ask({ stream: (event.target as HTMLSelectElement).value || null });
  }

  protected chooseDays(event: Event): void {
    this.ask({ days: Number((event.target as HTMLSelectElement).value) as SpanDays });
  }

  /** Down and up go from the field through what was found, and back. */
  protected onKey(event: KeyboardEvent): void {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const stops = [this.field().nativeElement, ...document.querySelectorAll<HTMLElement>('.search-hit')];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? undefined : stops[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
}
