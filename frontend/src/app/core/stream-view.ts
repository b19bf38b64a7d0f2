import { computed, signal } from '@angular/core';
import type { ApiClient, CollectionQuery } from '../api/api-client';
import type {
  DetectionWire,
  EventWire,
  MetricWire,
  ObservationWire,
  RunFinished,
  RunState,
  RunWire,
  SegmentWire,
  ServerMessage,
  StreamCollections,
} from '../api/models';
import { DetectionTimeline } from './detection-timeline';
import { hadNothingToDo } from './run-ending';
import { SegmentIndex, type SegmentEntry } from './segment-index';
import { TimeSeries } from './time-series';

/** One metric of one analyzer. */
export interface MetricSeries {
  readonly id: string;
  readonly analyzerId: string;
  readonly name: string;
  readonly unit: string;
  readonly points: TimeSeries;
}

export type Coverage =
  /** Nothing analyses this stream, as far as was seen. */
  | { readonly kind: 'none' }
  | { readonly kind: 'waiting'; readonly analyzerIds: readonly string[] }
  | { readonly kind: 'ready'; readonly runs: readonly RunWire[] }
  /** Ended, but without all of the result. */
  | { readonly kind: 'lacking'; readonly runs: readonly RunWire[] };

/** How far back a page that has just opened knows segments, so that it can name the frames that it plays. */
const SEGMENTS_BACK_MS = 40_000;
/** A frame of what is live is not older; what is before it is fetched once somebody goes back to it. */
const LIVE_BACK_MS = 40_000;
const EVENTS_BACK_MS = 3_600_000;
const EVENTS_AT_FIRST = 20;
/** The past is fetched in pieces of so much time, those around the frame on show. */
const PIECE_MS = 15_000;
const BEFORE_MS = 2_000;
/** A box that is on its way comes from a sample before the frame. */
const FRAME_BEFORE_MS = 600;
const AHEAD_MS = 8_000;
/** What measures are there at all shows in so much of a piece; their course is told by the timeline's sums. */
const MEASURES_MS = 1_500;
const SERIES_POINTS = 6_000;
const SERIES_KEPT = 128;
const EVENTS_KEPT = 200;
const OBSERVATIONS_KEPT = 600;
const PAGE_LIMIT = 500;
const PAGES = 12;

/**
 * What the page knows of the stream on show: segments, detections, metrics, events, by REST for the past and by feed for
 * what comes. Everything is put in by identity, so an overlap of the two, or a message that comes twice, changes nothing.
 */
export class StreamView {
  readonly segments = new SegmentIndex();
  readonly detections = new DetectionTimeline();
  readonly metrics = signal<readonly MetricSeries[]>([]);
  readonly events = signal<readonly EventWire[]>([]);
  readonly observations = signal<readonly ObservationWire[]>([]);
  readonly loading = signal(false);
  /** Counts up whenever something was added, for what reads the plain indexes. */
  readonly revision = signal(0);
  readonly openEvents = computed(() => this.events().filter((event) => event.state === 'open').length);
  /** Runs that ended since this page shows the stream, by state. */
  readonly runsByState = signal<Readonly<Partial<Record<RunState | 'idle', number>>>>({});

  /** Wall clock of the end of the newest segment all of whose results are here. */
  readonly analysedToMs = signal<number | null>(null);

  private readonly analyzers = new Map<string, number>();
  private readonly countedRuns = new Set<string>();
  private fetchedAtMs = -Infinity;
  /** From here on the feed tells what comes. */
  private fedFromMs = Infinity;
  /** The page has just opened: what is known is fetched from the first frame on that is shown. */
  private awaitsFrame = false;
  private readonly pieces = new Set<number>();
  private lastPiece: number | null = null;
  private closed = false;

  constructor(
    readonly streamId: string,
    private readonly api: Pick<ApiClient, 'pages'>,
    private readonly serverNow: () => number,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Since when the feed tells what comes; Infinity: it does not, this is the past. */
  get fedSinceMs(): number {
    return this.fedFromMs;
  }

  close(): void {
    this.closed = true;
  }

  /** What a measure was like before it was told in full. */
  addCourse(analyzerId: string, name: string, points: readonly { readonly atMs: number; readonly value: number }[]): void {
    const series = this.metrics().find((one) => one.analyzerId === analyzerId && one.name === name);
    for (const { atMs, value } of points) series?.points.add(atMs, value);
    this.revision.update((n) => n + 1);
  }

  /** Fetches the recent past. Safe to repeat: after a reset, or when a displayed segment is not known. */
  async load(): Promise<void> {
    if (this.closed) return;
    const now = this.serverNow();
    this.fetchedAtMs = now;
    this.fedFromMs = now;
    this.awaitsFrame = true;
    this.pieces.clear();
    this.lastPiece = null;
    this.loading.set(true);
    const since = (backMs: number): CollectionQuery => ({ from: isoOf(now - backMs), limit: PAGE_LIMIT });
    try {
      // Segments first: the player needs them to name the frame it shows, from which on the rest is fetched.
      await this.take(since(SEGMENTS_BACK_MS), ['segments']);
      const newest = { ...since(EVENTS_BACK_MS), limit: EVENTS_AT_FIRST, order: 'desc' };
      const events = await this.api.pages(this.streamId, 'events', newest, 1);
      if (!this.closed) this.addEvents(events);
    } catch (error) {
      if (!this.closed) this.onError(error);
    } finally {
      this.loading.set(false);
      this.revision.update((n) => n + 1);
    }
  }

  /** Events that touch a stretch of the past. */
  async loadEvents(fromMs: number, toMs: number): Promise<void> {
    try {
      const events = await this.api.pages(this.streamId, 'events', { from: isoOf(fromMs), to: isoOf(toMs), limit: EVENTS_KEPT }, 1);
      if (!this.closed) this.addEvents(events);
    } catch (error) {
      if (!this.closed) this.onError(error);
    }
  }

  /** A frame of this moment is on show: fetches what is known around it, unless it is here or the feed tells it. */
  around(atMs: number): void {
    if (this.awaitsFrame && atMs > this.fedFromMs - LIVE_BACK_MS) {
      this.awaitsFrame = false;
      const fromMs = Math.min(atMs, this.fedFromMs) - FRAME_BEFORE_MS;
      this.fedFromMs = fromMs;
      void this.take({ from: isoOf(fromMs), limit: PAGE_LIMIT }, ['runs', 'detections', 'observations']).catch(this.onError);
      return;
    }
    const piece = Math.floor((atMs + AHEAD_MS) / PIECE_MS);
    if (piece === this.lastPiece || atMs >= this.fedFromMs || this.closed) return;
    this.lastPiece = piece;
    for (let wanted = Math.floor((atMs - BEFORE_MS) / PIECE_MS); wanted <= piece; wanted++) {
      const startMs = wanted * PIECE_MS;
      if (startMs < this.fedFromMs && startMs < this.serverNow() && !this.pieces.has(wanted)) void this.loadPiece(wanted);
    }
  }

  /**
   * The player shows a segment that no message announced.
   * @param atMs when it was, where that is known
   */
  miss(atMs: number | null = null): void {
    if (atMs !== null && atMs < this.fedFromMs) this.around(atMs);
    else if (!this.loading() && this.serverNow() - this.fetchedAtMs > 4_000) void this.load();
  }

  private async loadPiece(piece: number): Promise<void> {
    this.pieces.add(piece);
    const fromMs = piece * PIECE_MS;
    const within = { from: isoOf(fromMs), to: isoOf(fromMs + PIECE_MS), limit: PAGE_LIMIT };
    try {
      // A segment belongs to where it begins, and lasts a few seconds.
      await this.take({ ...within, from: isoOf(fromMs - PIECE_MS / 2) }, ['segments']);
      await this.take(within, ['runs', 'detections', 'observations']);
      if (this.metrics().length === 0) await this.take({ ...within, to: isoOf(fromMs + MEASURES_MS) }, ['metrics']);
    } catch (error) {
      this.pieces.delete(piece);
      this.lastPiece = null;
      if (!this.closed) this.onError(error);
    }
  }

  /** Fetches collections and puts them in, one after the other so that each finds what it belongs to. */
  private async take(query: CollectionQuery, collections: readonly (keyof StreamCollections)[]): Promise<void> {
    const fetched = await Promise.all(collections.map((name) => this.api.pages(this.streamId, name, query, PAGES)));
    if (this.closed) return;
    collections.forEach((name, i) => this.put(name, fetched[i]!));
    this.revision.update((n) => n + 1);
  }

  private put(name: keyof StreamCollections, items: readonly unknown[]): void {
    if (name === 'segments') for (const segment of items as SegmentWire[]) this.segments.add(segment);
    else if (name === 'runs') for (const run of items as RunWire[]) this.addRun(run);
    else if (name === 'detections') for (const detection of items as DetectionWire[]) this.detections.add(detection);
    else if (name === 'metrics') this.addMetrics(items as MetricWire[]);
    else if (name === 'observations') this.addObservations(items as ObservationWire[]);
  }

  apply(message: ServerMessage): void {
    switch (message.type) {
      case 'segment.ready':
        if (message.segment.streamId === this.streamId) this.addSegment(message.segment);
        break;
      case 'run.finished':
        if (message.run.streamId === this.streamId) this.addFinished(message);
        break;
      case 'event.closed':
        if (message.event.streamId === this.streamId) this.addEvents([message.event]);
        break;
    }
  }

  /** Whether results for a segment are all in. Which analyzers to expect is learnt from the runs seen so far. */
  coverage(entry: SegmentEntry): Coverage {
    const expected = [...this.analyzers].filter(([, since]) => since <= entry.startMs).map(([id]) => id);
    const waiting = expected.filter((id) => !isEnded(entry.runs.get(id)));
    if (waiting.length > 0) return { kind: 'waiting', analyzerIds: waiting };
    if (entry.runs.size === 0) return { kind: 'none' };
    const lacking = [...entry.runs.values()].filter((run) => run.state !== 'done' && !hadNothingToDo(run));
    return lacking.length === 0 ? { kind: 'ready', runs: [...entry.runs.values()] } : { kind: 'lacking', runs: lacking };
  }

  private addSegment(segment: SegmentWire): void {
    this.segments.add(segment);
    this.revision.update((n) => n + 1);
  }

  private addFinished(message: RunFinished): void {
    this.addRun(message.run);
    for (const detection of message.detections) this.detections.add(detection);
    this.addMetrics(message.metrics);
    this.addEvents(message.events);
    this.addObservations(message.observations);
    this.revision.update((n) => n + 1);
    if (message.truncated === true) void this.loadRest(message.run);
  }

  /** A run with more results than one message carries. */
  private async loadRest(run: RunWire): Promise<void> {
    const segment = this.segments.get(run.epochId, run.sequence)?.segment;
    if (!segment) {
      this.miss();
      return;
    }
    const query = { epochId: run.epochId, fromPtsUs: segment.ptsStartUs, toPtsUs: segment.ptsEndUs, limit: PAGE_LIMIT };
    try {
      await this.take(query, ['detections', 'metrics', 'observations']);
    } catch (error) {
      if (!this.closed) this.onError(error);
    }
  }

  private addRun(run: RunWire): void {
    this.segments.addRun(run);
    const entry = this.segments.get(run.epochId, run.sequence);
    const startMs = entry?.startMs ?? Date.parse(run.createdAt);
    this.analyzers.set(run.analyzerId, Math.min(this.analyzers.get(run.analyzerId) ?? Infinity, startMs));
    if (entry && this.coverage(entry).kind !== 'waiting') {
      const endMs = entry.startMs + (entry.segment.ptsEndUs - entry.segment.ptsStartUs) / 1000;
      this.analysedToMs.update((before) => Math.max(before ?? 0, endMs));
    }
    if (isEnded(run) && !this.countedRuns.has(run.id)) {
      this.countedRuns.add(run.id);
      if (this.countedRuns.size > 5_000) this.countedRuns.delete(this.countedRuns.values().next().value!);
      const ending: RunState | 'idle' = hadNothingToDo(run) ? 'idle' : run.state;
      this.runsByState.update((counts) => ({ ...counts, [ending]: (counts[ending] ?? 0) + 1 }));
    }
  }

  private addMetrics(metrics: readonly MetricWire[]): void {
    for (const metric of metrics) {
      const id = `${metric.analyzerId}/${metric.name}/${metric.unit}`;
      let series = this.metrics().find((candidate) => candidate.id === id);
      if (!series) {
        if (this.metrics().length >= SERIES_KEPT) continue;
        series = { id, analyzerId: metric.analyzerId, name: metric.name, unit: metric.unit, points: new TimeSeries(SERIES_POINTS) };
        const added = series;
        this.metrics.update((list) => [...list, added]);
      }
      series.points.add(Date.parse(metric.at), metric.value);
    }
  }

  private addEvents(events: readonly EventWire[]): void {
    if (events.length > 0) this.events.update((list) => mergeEvents(list, events));
  }

  private addObservations(observations: readonly ObservationWire[]): void {
    if (observations.length === 0) return;
    this.observations.update((list) => {
      const byId = new Map(list.map((item) => [`${item.runId}/${item.ordinal}`, item]));
      for (const item of observations) byId.set(`${item.runId}/${item.ordinal}`, item);
      return [...byId.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(-OBSERVATIONS_KEPT);
    });
  }
}

const isoOf = (ms: number): string => new Date(Math.floor(ms)).toISOString();

function isEnded(run: RunWire | undefined): boolean {
  return run !== undefined && run.state !== 'queued' && run.state !== 'running';
}

/** Open ones first, then the newest; a closed event never opens again, however late a message comes. */
export function mergeEvents(known: readonly EventWire[], incoming: readonly EventWire[]): EventWire[] {
  const byId = new Map(known.map((event) => [event.id, event]));
  for (const event of incoming) {
    const before = byId.get(event.id);
    if (before?.state === 'closed' && event.state === 'open') continue;
    byId.set(event.id, event);
  }
  return [...byId.values()].sort(compareEvents).slice(0, EVENTS_KEPT);
}

function compareEvents(a: EventWire, b: EventWire): number {
  if (a.state !== b.state) return a.state === 'open' ? -1 : 1;
  return Date.parse(b.startAt) - Date.parse(a.startAt) || Number(b.id) - Number(a.id);
}
