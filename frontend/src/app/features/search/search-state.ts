import { signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import type { ProblemWire, SearchWire } from '../../api/models';
import { problemFrom } from '../../api/problem';

export const SEARCH_KINDS = ['brand', 'event', 'text', 'label'] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];
/** Days back from now; no search goes further back. */
export const SPANS_DAYS = [1, 7, 31] as const;
export type SpanDays = (typeof SPANS_DAYS)[number];

/** What is looked for; all of it stands in the address of the page. */
export interface SearchAsked {
  readonly text: string;
  /** By name; null: all. */
  readonly stream: string | null;
  readonly kind: SearchKind | null;
  readonly days: SpanDays;
}
export const NOTHING_ASKED: SearchAsked = { text: '', stream: null, kind: null, days: 7 };

const DAY_MS = 86_400_000;
/** Of each kind; of one kind alone more. */
const [FEW, MANY] = ['8', '50'];

export function askedOf(params: { get(name: string): string | null }): SearchAsked {
  const days = Number(params.get('days'));
  return {
    text: params.get('q') ?? '',
    stream: params.get('stream'),
    kind: SEARCH_KINDS.find((kind) => kind === params.get('kind')) ?? null,
    days: SPANS_DAYS.find((span) => span === days) ?? NOTHING_ASKED.days,
  };
}

export const addressOf = ({ text, stream, kind, days }: SearchAsked): Readonly<Record<string, string | null>> => ({
  ...{ q: text.trim() || null, stream, kind },
  days: days === NOTHING_ASKED.days ? null : String(days),
});

/** "the needle" in "a haystack with the needle in it": what is before it, it, and what is after; upper and lower case aside. */
export function markedIn(title: string, text: string): readonly [before: string, found: string, after: string] {
  const at = text.trim() === '' ? -1 : title.toLowerCase().indexOf(text.trim().toLowerCase());
  // Where a letter changes its length with its case, nothing is marked rather than something else.
  if (at < 0 || title.toLowerCase().length !== title.length) return [title, '', ''];
  const end = at + text.trim().length;
  return [title.slice(0, at), title.slice(at, end), title.slice(end)];
}

/** What was found for the words that were asked for last. */
export class SearchState {
  readonly asked = signal<SearchAsked>(NOTHING_ASKED);
  /** Of the words in `answered`; it stays on show until there is another. */
  readonly found = signal<SearchWire | null>(null);
  readonly answered = signal<SearchAsked | null>(null);
  readonly isAsking = signal(false);
  readonly problem = signal<ProblemWire | null>(null);
  private question = Symbol();

  constructor(
    private readonly api: Pick<ApiClient, 'search'>,
    private readonly now: () => number,
    /** null: no stream has the name. */
    private readonly streamId: (name: string) => string | null,
  ) {}

  async ask(asked: SearchAsked): Promise<void> {
    const question = (this.question = Symbol());
    this.asked.set(asked);
    this.problem.set(null);
    this.isAsking.set(false);
    if (asked.text.trim() === '') {
      this.found.set(null);
      this.answered.set(null);
      return;
    }
    this.isAsking.set(true);
    try {
      const found = await this.look(asked);
      if (question !== this.question) return;
      this.found.set(found);
      this.answered.set(asked);
    } catch (error) {
      if (question === this.question) this.problem.set(problemFrom(error));
    } finally {
      if (question === this.question) this.isAsking.set(false);
    }
  }

  private async look({ text, stream, kind, days }: SearchAsked): Promise<SearchWire> {
    const from = new Date(this.now() - days * DAY_MS).toISOString();
    const streamId = stream === null ? null : this.streamId(stream);
    if (stream !== null && streamId === null) return { from, to: new Date(this.now()).toISOString(), groups: [] };
    return this.api.search({
      ...{ q: text.trim(), from, limit: kind === null ? FEW : MANY },
      ...(streamId === null ? {} : { streamId }),
      ...(kind === null ? {} : { kind }),
    });
  }
}
