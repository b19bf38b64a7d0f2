import { computed, signal } from '@angular/core';
import type { ApiClient } from '../api/api-client';
import type { EventWire, MetricWire, ObservationWire, RunFinished, RunState, RunWire, SegmentWire, ServerMessage } from '../api/models';
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

/** How far back a page that has just opened looks. */
export const BACKLOG_MS = 180_000;
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
  private closed = false;

  constructor(
    readonly streamId: string,
    private readonly api: Pick<ApiClient, 'pages'>,
    private readonly serverNow: () => number,
    private readonly onError: (error: unknown) => void,
  ) {}

  close(): void {
    this.closed = true;
  }

  /** Fetches the recent past. Safe to repeat: after a reset, or when a displayed segment is not known. */
  async load(): Promise<void> {
    if (this.closed) return;
    this.fetchedAtMs = this.serverNow();
    this.loading.set(true);
    const from = new Date(this.serverNow() - BACKLOG_MS).toISOString();
    const get = this.api.pages.bind(this.api);
    try {
      const query = { from, limit: PAGE_LIMIT };
      // Segments and runs first: the player needs them to name the frame it shows.
      const [segments, runs] = await Promise.all([get(this.streamId, 'segments', query, PAGES), get(this.streamId, 'runs', query, PAGES)]);
      if (this.closed) return;
      for (const segment of segments) this.segments.add(segment);
      for (const run of runs) this.addRun(run);
      const [detections, metrics, events, observations] = await Promise.all([
        get(this.streamId, 'detections', query, PAGES),
        get(this.streamId, 'metrics', query, PAGES),
        get(this.streamId, 'events', query, PAGES),
        get(this.streamId, 'observations', query, PAGES),
      ]);
      if (this.closed) return;
      for (const detection of detections) this.detections.add(detection);
      this.addMetrics(metrics);
      this.addEvents(events);
      this.addObservations(observations);
    } catch (error) {
      if (!this.closed) this.onError(error);
    } finally {
      this.loading.set(false);
      this.revision.update((n) => n + 1);
    }
  }

  /** The player shows a segment that no message announced: fetch again, at most every few seconds. */
  miss(): void {
    if (!this.loading() && this.serverNow() - this.fetchedAtMs > 4_000) void this.load();
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
      const [detections, metrics, observations] = await Promise.all([
        this.api.pages(this.streamId, 'detections', query, PAGES),
        this.api.pages(this.streamId, 'metrics', query, PAGES),
        this.api.pages(this.streamId, 'observations', query, PAGES),
      ]);
      if (this.closed) return;
      for (const detection of detections) this.detections.add(detection);
      this.addMetrics(metrics);
      this.addObservations(observations);
      this.revision.update((n) => n + 1);
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
