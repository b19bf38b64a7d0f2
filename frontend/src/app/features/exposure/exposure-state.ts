import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { EpochWire, StreamsExposureWire, StreamWire } from '../../api/models';
import type { PageClock } from '../../core/page-clock';
import { Polling } from '../../core/polling';
import { askOf, besideOf, isRelative, spanOf, type ExposureAsk, type Span } from './exposure-ask';

/** A range that goes with the time is added up anew so often. */
const EVERY_MS = 60_000;
/** Shows to choose from: the newest. */
const SHOWS = 50;

/** What brands got out of streams: the range that is asked for, and another one beside it. */
export class ExposureState {
  readonly ask = signal<ExposureAsk>(askOf({}));
  readonly shows = signal<readonly EpochWire[]>([]);
  readonly main: Polling<StreamsExposureWire>;
  readonly beside: Polling<StreamsExposureWire>;
  readonly isLoading = signal(false);
  /** What is on show is of these. */
  readonly span = computed(() => spanIn(this.main.value()));
  readonly problem = computed(() => this.main.problem() ?? this.beside.problem());
  private streams: readonly StreamWire[] = [];
  private isAskedAgain = false;
  private stopTimer: (() => void) | undefined;

  constructor(
    private readonly api: ApiClient,
    private readonly clock: PageClock,
  ) {
    this.main = new Polling(
      () => this.ofSpan(this.spanNow(), this.ask().show),
      () => this.clock.now(),
    );
    this.beside = new Polling(
      () => this.ofSpan(this.spanBeside()!, showAgainst(this.ask())),
      () => this.clock.now(),
    );
  }

  start(): void {
    this.stopTimer ??= this.clock.every(EVERY_MS, () => {
      if (isRelative(this.ask())) void this.load();
    });
  }

  stop(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
    for (const polled of [this.main, this.beside]) polled.clear();
  }

  /** The page's address, or the list of streams, has changed. */
  async show(ask: ExposureAsk, streams: readonly StreamWire[]): Promise<void> {
    const before = this.ask();
    this.ask.set(ask);
    this.streams = streams;
    const isOther = JSON.stringify({ ...before, brand: null }) !== JSON.stringify({ ...ask, brand: null });
    if (isOther || this.main.answeredAtMs() === null) await this.load();
  }

  /**
   * One question at a time: the server adds up one report for each of us, and has another one wait. What is asked meanwhile is asked when
   * it is through.
   */
  async load(): Promise<void> {
    if (this.isLoading()) {
      this.isAskedAgain = true;
      return;
    }
    this.isLoading.set(true);
    try {
      do {
        this.isAskedAgain = false;
        await this.loadShows();
        await this.main.load();
        if (this.spanBeside() === null) this.beside.clear();
        else await this.beside.load();
      } while (this.isAskedAgain);
    } finally {
      this.isLoading.set(false);
    }
  }

  /** What the export gives is what is on show. */
  queryOf(span: Span, show: string | null): Record<string, string> {
    const ids = this.streamIds();
    return {
      from: new Date(span.fromMs).toISOString(),
      to: new Date(span.toMs).toISOString(),
      ...(ids.length === 0 ? {} : { streamId: ids.join(',') }),
      ...(show === null ? {} : { epochId: show }),
    };
  }

  private ofSpan(span: Span, show: string | null): Promise<StreamsExposureWire> {
    return this.api.exposure(this.queryOf(span, show));
  }

  private spanNow(): Span {
    return spanOf(this.ask(), this.showOf(this.ask().show), this.clock.now());
  }

  private spanBeside(): Span | null {
    const ask = this.ask();
    return besideOf(ask, this.spanNow(), this.showOf(showAgainst(ask)), this.clock.now());
  }

  private showOf(id: string | null): EpochWire | undefined {
    return this.shows().find((show) => show.id === id);
  }

  private streamIds(): string[] {
    const { streams: names } = this.ask();
    return this.streams.filter(({ name }) => names.includes(name)).map(({ id }) => id);
  }

  /** Of the only stream; of several there are none to choose from. */
  private async loadShows(): Promise<void> {
    const [id, ...others] = this.streamIds();
    const known = this.shows()[0]?.streamId;
    if (id === undefined || others.length > 0) this.shows.set([]);
    else if (id !== known) {
      const { items } = await this.api.page(id, 'epochs', { order: 'desc', limit: SHOWS } as never).catch(() => ({ items: [] }));
      this.shows.set(items);
    }
  }
}

const showAgainst = ({ against }: ExposureAsk): string | null => (against.startsWith('show:') ? against.slice('show:'.length) : null);

const spanIn = (answer: StreamsExposureWire | null): Span | null =>
  answer === null ? null : { fromMs: Date.parse(answer.from), toMs: Date.parse(answer.to) };
