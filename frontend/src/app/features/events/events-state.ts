import { computed, signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { EventGroupWire, Page, ProblemWire, ServerMessage } from '../../api/models';
import { problemFrom } from '../../api/problem';
import { NO_FILTER, questionOf, type EventFilter } from './event-filter';

export interface EventsDeps {
  readonly api: Pick<ApiClient, 'allEvents' | 'reviewEvents'>;
  now(): number;
  /** null: no stream has the name. */
  streamId(name: string): string | null;
  onProblem(error: unknown): void;
}

/** What was marked last, so that it can be taken back. */
export interface ReviewDone {
  readonly ids: readonly string[];
  readonly reviewed: boolean;
  /** Groups, as they are listed. */
  readonly groups: number;
}

type ListQuestion = ReturnType<typeof questionOf>;

const PAGE_LENGTH = '100';
/** So many events are marked by one request. */
const MOST_IDS = 500;
/** News are asked for at most so often; while something on show goes on, at least so often. */
const NEWS_EVERY_MS = 2_000;
const OPEN_EVERY_MS = 5_000;

/** Which group it is, as long as the list is not asked for anew. */
export const keyOf = (group: EventGroupWire): string => group.event.id;
export const isReviewed = (group: EventGroupWire): boolean => group.reviewedCount >= group.count;

/** The list of events: what of it is here, what is new, where one stands in it, what is chosen, what was reviewed. */
export class EventsState {
  readonly filter = signal<EventFilter>(NO_FILTER);
  readonly items = signal<readonly EventGroupWire[]>([]);
  readonly hasMore = computed(() => this.next() !== null);
  readonly status = signal<'loading' | 'ready' | 'failed'>('loading');
  readonly problem = signal<ProblemWire | null>(null);
  /** When the server last answered. */
  readonly answeredAtMs = signal<number | null>(null);
  readonly currentKey = signal<string | null>(null);
  readonly currentIndex = computed(() => this.items().findIndex((group) => keyOf(group) === this.currentKey()));
  readonly current = computed(() => this.items()[this.currentIndex()] ?? null);
  readonly pickedKeys = signal<ReadonlySet<string>>(new Set());
  readonly picked = computed(() => this.items().filter((group) => this.pickedKeys().has(keyOf(group))));
  readonly lastReview = signal<ReviewDone | null>(null);
  /** Groups that came since the list was asked for. */
  readonly newCount = computed(() => {
    const known = new Set(this.items().flatMap(({ eventIds }) => eventIds));
    return (this.news()?.items ?? []).filter((group) => !known.has(keyOf(group))).length;
  });
  /** Names of events that were seen, to choose among. */
  readonly kinds = signal<readonly string[]>([]);

  /** What the list is the answer to, for whoever wants it as a file; null: nothing can be asked for. */
  readonly asked = signal<ListQuestion | null>(null);

  private readonly news = signal<Page<EventGroupWire> | null>(null);
  private readonly next = signal<string | null>(null);
  /** Changes whenever what is asked for does: an older answer counts no more. */
  private question = Symbol();
  private isLoadingMore = false;
  private newestId: string | null = null;
  /** There is news that were not asked for yet. */
  private hasNews = false;
  private lookedAtMs = -Infinity;

  constructor(private readonly deps: EventsDeps) {}

  /** Asks for what the filter says, from its beginning. */
  async show(filter: EventFilter): Promise<void> {
    this.filter.set(filter);
    this.pickedKeys.set(new Set());
    this.lastReview.set(null);
    this.items.set([]);
    await this.load();
  }

  /** The same once more. What is on show stays until the answer is there. */
  async load(): Promise<void> {
    const question = (this.question = Symbol());
    this.status.set('loading');
    try {
      const asked = this.ask();
      const page = asked === null ? { items: [], next: null } : await this.deps.api.allEvents({ ...asked, limit: PAGE_LENGTH });
      if (question !== this.question) return;
      this.asked.set(asked);
      this.answered();
      this.take(page);
    } catch (error) {
      if (question !== this.question) return;
      this.problem.set(problemFrom(error));
      this.status.set('failed');
    }
  }

  async loadMore(): Promise<void> {
    const [after, question, asked] = [this.next(), this.question, this.asked()];
    if (after === null || asked === null || this.isLoadingMore || this.status() !== 'ready') return;
    this.isLoadingMore = true;
    try {
      const page = await this.deps.api.allEvents({ ...asked, limit: PAGE_LENGTH, after });
      if (question !== this.question) return;
      this.answered();
      this.items.update((items) => [...items, ...page.items]);
      this.next.set(page.next);
      this.noteKinds(page.items);
    } catch (error) {
      if (question === this.question) this.deps.onProblem(error);
    } finally {
      this.isLoadingMore = false;
    }
  }

  /** Looks for what came meanwhile; what is on show is brought up to date and stays where it is. */
  async look(): Promise<void> {
    const [question, asked] = [this.question, this.ask()];
    if (asked === null || this.asked() === null || this.status() === 'loading') return;
    this.hasNews = false;
    this.lookedAtMs = this.deps.now();
    try {
      const page = await this.deps.api.allEvents({ ...asked, limit: PAGE_LENGTH });
      if (question !== this.question) return;
      this.answered();
      this.status.set('ready');
      const fresh = new Map(page.items.map((group) => [keyOf(group), group]));
      this.items.update((items) => items.map((group) => fresh.get(keyOf(group)) ?? group));
      this.news.set(page);
    } catch (error) {
      if (question === this.question) this.problem.set(problemFrom(error));
    }
  }

  /** Puts what is new on show. */
  showNews(): void {
    const news = this.news();
    if (news !== null) this.take(news);
  }

  apply(message: ServerMessage): void {
    if (message.type !== 'events' || message.newestId === this.newestId) return;
    this.newestId = message.newestId;
    this.hasNews = true;
    this.tick();
  }

  /** Now and then: what is open goes on, and of what is told in quick succession the last is not forgotten. */
  tick(): void {
    const sinceMs = this.deps.now() - this.lookedAtMs;
    const goesOn = (): boolean => sinceMs >= OPEN_EVERY_MS && this.items().some(({ event }) => event.state === 'open');
    if (sinceMs >= NEWS_EVERY_MS && (this.hasNews || goesOn())) void this.look();
  }

  /** @param by how many further down, or up where it is negative */
  move(by: number): void {
    const { length } = this.items();
    if (length === 0) return;
    const from = this.currentIndex();
    const to = from < 0 ? 0 : Math.min(length - 1, Math.max(0, from + by));
    this.currentKey.set(keyOf(this.items()[to]!));
    if (to > length - 20) void this.loadMore();
  }

  pick(group: EventGroupWire, isPicked = !this.pickedKeys().has(keyOf(group))): void {
    this.pickedKeys.update((keys) => new Set(isPicked ? [...keys, keyOf(group)] : [...keys].filter((key) => key !== keyOf(group))));
  }
  pickAll(): void {
    this.pickedKeys.set(new Set(this.items().map(keyOf)));
  }
  pickNone(): void {
    this.pickedKeys.set(new Set());
  }

  /** Shown at once; taken back where the server refuses. */
  async review(groups: readonly EventGroupWire[], reviewed: boolean): Promise<void> {
    const changing = groups.filter((group) => (reviewed ? !isReviewed(group) : group.reviewedCount > 0));
    if (changing.length === 0) return;
    const ids = changing.flatMap(({ eventIds }) => eventIds);
    if (await this.mark(ids, reviewed)) this.lastReview.set({ ids, reviewed, groups: changing.length });
  }

  /** Takes back what was marked last. */
  async undo(): Promise<void> {
    const last = this.lastReview();
    if (last === null) return;
    this.lastReview.set(null);
    await this.mark(last.ids, !last.reviewed);
  }

  private async mark(ids: readonly string[], reviewed: boolean): Promise<boolean> {
    const before = this.items();
    const marked = new Set(ids);
    this.items.update((items) => items.map((group) => (marked.has(keyOf(group)) ? withReview(group, reviewed) : group)));
    try {
      for (let at = 0; at < ids.length; at += MOST_IDS) await this.deps.api.reviewEvents(ids.slice(at, at + MOST_IDS), reviewed);
      return true;
    } catch (error) {
      const former = new Map(before.map((group) => [keyOf(group), group]));
      this.items.update((items) => items.map((group) => (marked.has(keyOf(group)) ? (former.get(keyOf(group)) ?? group) : group)));
      this.deps.onProblem(error);
      return false;
    }
  }

  /** null: of the streams that are named there is none. */
  private ask(): ListQuestion | null {
    const { streams } = this.filter();
    const ids = streams.map((name) => this.deps.streamId(name)).filter((id) => id !== null);
    if (streams.length > 0 && ids.length === 0) return null;
    return questionOf(this.filter(), streams.length === 0 ? undefined : ids, this.deps.now());
  }

  private take(page: Page<EventGroupWire>): void {
    this.items.set(page.items);
    this.next.set(page.next);
    this.news.set(null);
    this.noteKinds(page.items);
    this.status.set('ready');
    if (this.currentIndex() < 0) this.currentKey.set(page.items[0] === undefined ? null : keyOf(page.items[0]));
  }

  private answered(): void {
    this.problem.set(null);
    this.answeredAtMs.set(this.deps.now());
  }

  private noteKinds(groups: readonly EventGroupWire[]): void {
    const all = new Set([...this.kinds(), ...groups.map(({ event }) => event.name)]);
    if (all.size > this.kinds().length) this.kinds.set([...all].sort());
  }
}

function withReview(group: EventGroupWire, reviewed: boolean): EventGroupWire {
  return { ...group, reviewedCount: reviewed ? group.count : 0, event: { ...group.event, isReviewed: reviewed } };
}
