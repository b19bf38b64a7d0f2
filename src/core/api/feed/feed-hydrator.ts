import { Injectable } from '@nestjs/common';
import type { FeedPosition, FeedRow } from '../../persistence/read/feed-reads.js';
import { PublishRefusals } from '../../persistence/access/publish-refusals.js';
import { FinishedRuns } from '../../persistence/read/finished-runs.js';
import { shownTo, StreamReads } from '../../persistence/read/stream-reads.js';
import type { ServerMessage } from '../../wire/wire.js';
import { encodeCursor } from './cursor.js';
import { StreamDirectory } from './stream-directory.js';

/** One message of the feed, serialised once however many clients get it. */
export interface FeedEntry {
  readonly position: FeedPosition;
  readonly kind: string;
  readonly streamId: string | null;
  readonly topics: readonly string[];
  /** UTF-8 JSON. */
  readonly frame: Buffer;
  /** What a viewer gets instead; null: nothing. */
  readonly viewerFrame: Buffer | null;
}

/** Topics under which a row of the feed is sent. */
export function topicsOf(row: Pick<FeedRow, 'kind' | 'streamId'>): string[] {
  const own = row.streamId === null ? [] : [`stream:${row.streamId}`];
  if (row.kind.startsWith('stream.')) return ['streams', ...own];
  if (row.kind === 'run.finished') return ['runs', ...own];
  if (row.kind === 'publish.refused') return ['refusals'];
  return own;
}

/** Turns rows of the feed, which hold ids only, into messages: a handful of queries for a whole batch. */
@Injectable()
export class FeedHydrator {
  constructor(
    private readonly streams: StreamReads,
    private readonly runs: FinishedRuns,
    private readonly directory: StreamDirectory,
    private readonly refusals: PublishRefusals,
  ) {}

  /** Rows whose subject is gone give no entry. */
  async hydrate(rows: readonly FeedRow[]): Promise<FeedEntry[]> {
    if (rows.length === 0) return [];
    for (const row of rows) if (row.kind.startsWith('stream.') && row.streamId !== null) this.directory.forget(row.streamId);
    const refusalIds = (row: FeedRow): string[] => (row.kind === 'publish.refused' ? (row.payload['refusalIds'] as string[]) : []);
    const [streams, epochs, segments, runs, events, refused, cards] = await Promise.all([
      this.streams.byIds(unique(rows.filter((row) => row.kind === 'stream.changed').map((row) => row.streamId))),
      this.streams.epochsByIds(idsOf(rows, 'epochId')),
      this.runs.segments(idsOf(rows, 'segmentId')),
      this.runs.runs(idsOf(rows, 'runId'), unique(rows.map((row) => row.streamId))),
      this.runs.eventsByIds(idsOf(rows, 'eventId')),
      this.refusals.byIds(unique(rows.flatMap(refusalIds))),
      this.directory.getMany(unique(rows.map((row) => row.streamId))),
    ]);
    const subjects = {
      streams: new Map(streams.map((view) => [view.wire.id, view])),
      epochs: new Map(epochs.map((epoch) => [epoch.id, epoch])),
      segments: new Map(segments.map((segment) => [segment.id, segment])),
      runs: new Map(runs.map((run) => [run.run.id, run])),
      events: new Map(events.map((event) => [event.id, event])),
    };
    const message = (row: FeedRow): ServerMessage | null => {
      const cursor = encodeCursor(row);
      switch (row.kind) {
        case 'stream.changed': {
          const view = subjects.streams.get(row.streamId ?? '');
          if (view === undefined) return null;
          return view.deleted ? removed(row) : { type: 'stream.changed', cursor, stream: view.wire };
        }
        case 'stream.removed':
          return removed(row);
        case 'epoch.opened':
        case 'epoch.closed': {
          const epoch = subjects.epochs.get(String(row.payload['epochId']));
          return epoch === undefined ? null : { type: row.kind, cursor, epoch };
        }
        case 'segment.ready': {
          const segment = subjects.segments.get(String(row.payload['segmentId']));
          return segment === undefined ? null : { type: 'segment.ready', cursor, segment };
        }
        case 'run.finished': {
          const run = subjects.runs.get(String(row.payload['runId']));
          return run === undefined ? null : { type: 'run.finished', cursor, ...run };
        }
        case 'event.closed': {
          const event = subjects.events.get(String(row.payload['eventId']));
          return event === undefined ? null : { type: 'event.closed', cursor, event };
        }
        case 'publish.refused': {
          const ids = refusalIds(row);
          return { type: 'publish.refused', cursor, refusals: refused.filter(({ id }) => ids.includes(id)) };
        }
        default:
          return null; // written by a newer version of another role
      }
    };
    const forViewers = (row: FeedRow, full: ServerMessage, frame: Buffer): Buffer | null => {
      if (full.type === 'publish.refused') return null;
      const card = cards.get(row.streamId ?? '');
      if (card?.private === true) return row.payload['hidden'] === true ? toFrame(removed(row)) : null;
      if (row.kind !== 'stream.removed' && card?.deleted === true) return full.type === 'stream.removed' ? frame : null;
      const view = full.type === 'stream.changed' ? subjects.streams.get(row.streamId ?? '') : undefined;
      return view === undefined ? frame : toFrame({ ...full, stream: shownTo('viewer', view).wire } as ServerMessage);
    };
    const entries: FeedEntry[] = [];
    for (const row of rows) {
      const full = message(row);
      if (full === null) continue;
      const frame = toFrame(full);
      entries.push({
        position: { xid: row.xid, id: row.id },
        kind: row.kind,
        streamId: row.streamId,
        topics: topicsOf(row),
        frame,
        viewerFrame: forViewers(row, full, frame),
      });
    }
    return entries;
  }
}

export function toFrame(message: ServerMessage): Buffer {
  return Buffer.from(JSON.stringify(message), 'utf8');
}

function removed(row: FeedRow): ServerMessage {
  return { type: 'stream.removed', cursor: encodeCursor(row), streamId: row.streamId ?? '' };
}

function idsOf(rows: readonly FeedRow[], key: string): string[] {
  return unique(rows.map((row) => (row.payload[key] === undefined ? null : String(row.payload[key]))));
}

function unique(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
