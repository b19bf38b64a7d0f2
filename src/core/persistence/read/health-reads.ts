import { Injectable } from '@nestjs/common';
import { judgeStream, type StreamVerdict } from '../../health/judge-stream.js';
import { measureSegments } from '../../health/segment-measures.js';
import type { AnalysisMeasures, MediaMeasures, StreamMeasures } from '../../health/stream-measures.js';
import { Database, type Statement } from '../database.js';
import {
  endingFromRow,
  epochFromRow,
  gapFromRow,
  segmentFromRow,
  sourceFromRow,
  type EndingRow,
  type GapRow,
  type LatenessRow,
  type OfStream,
  type ReconnectRow,
  type SegmentRow,
  type StreamRow,
  type WaitingRow,
} from './health-rows.js';
import { FIRST_LATENESS, NOW, THEN } from './health-statements.js';

export interface JudgedStream extends StreamVerdict {
  readonly streamId: string;
  readonly measures: StreamMeasures;
}

interface Facts {
  readonly segments: readonly SegmentRow[];
  readonly lateness: readonly LatenessRow[];
  readonly gaps: readonly GapRow[];
  readonly reconnects: readonly ReconnectRow[];
  readonly waiting: readonly WaitingRow[];
  readonly endings: readonly EndingRow[];
  readonly analysed: readonly OfStream[];
}

/** How streams are, by the ledger: what every way of asking is answered with. A few statements, however many streams there are. */
@Injectable()
export class StreamHealthReads {
  constructor(private readonly database: Database) {}

  /**
   * @param streamIds null: all that are not removed
   * @param at a moment in the past: what could be known of the media then; null: now
   */
  async judged(streamIds: readonly string[] | null, at: Date | null = null): Promise<JudgedStream[]> {
    const streams = await this.ask<StreamRow>((at === null ? NOW : THEN).streams, at, streamIds);
    const open = streams.filter((row): row is StreamRow & { epoch_id: string } => row.epoch_id !== null && row.epoch_open === true);
    const facts = await this.facts(
      streams.map(({ id }) => id),
      open.map(({ id }) => id),
      open.map(({ epoch_id }) => epoch_id),
      at,
    );
    const of = byStream(facts);
    return streams.map((row) => {
      const measures = measuresOf(row, of(row.id), at === null);
      return { streamId: row.id, measures, ...judgeStream(measures) };
    });
  }

  private async facts(ids: readonly string[], open: readonly string[], epochIds: readonly string[], at: Date | null): Promise<Facts> {
    const statements = at === null ? NOW : THEN;
    const [segments, lateness, gaps, reconnects, waiting, endings, analysed] = await Promise.all([
      this.ask<SegmentRow>(statements.segments, at, open, epochIds),
      this.database.rows<LatenessRow>(FIRST_LATENESS, [epochIds]),
      this.ask<GapRow>(statements.gaps, at, ids),
      this.ask<ReconnectRow>(statements.reconnects, at, ids),
      this.ask<WaitingRow>(statements.waiting, at, open),
      this.ask<EndingRow>(statements.endings, at),
      this.ask<OfStream>(statements.analysed, at, open, epochIds),
    ]);
    return { segments, lateness, gaps, reconnects, waiting, endings, analysed };
  }

  /** What the past costs depends on which is asked for. */
  private ask<Row>(statement: Statement, at: Date | null, ...values: readonly unknown[]): Promise<Row[]> {
    return at === null ? this.database.rows<Row>(statement, values) : this.database.bounded<Row>(statement.text, [...values, at]);
  }
}

function measuresOf(row: StreamRow, facts: Facts, isNow: boolean): StreamMeasures {
  const epoch = epochFromRow(row);
  const media =
    epoch === null
      ? null
      : measureSegments(facts.segments.map(segmentFromRow), {
          startedAtMs: epoch.startedAtMs,
          firstLatenessMs: facts.lateness[0]?.late_ms ?? null,
          hadPicture: epoch.videoCodec !== null,
          hadSound: epoch.audioCodec !== null,
        });
  return {
    atMs: row.at_ms,
    source: isNow ? sourceFromRow(row) : null,
    epoch,
    media,
    live: row.live === null || row.live_at_ms === null ? null : { measures: row.live, atMs: row.live_at_ms },
    gaps: facts.gaps.map(gapFromRow),
    reconnectsLastHour: facts.reconnects[0]?.reconnects ?? 0,
    analysis: analysisOf(facts, media),
  };
}

/** Null where nothing is asked to look at what comes in now. */
function analysisOf({ analysed, waiting, endings }: Facts, media: MediaMeasures | null): AnalysisMeasures | null {
  if (analysed.length === 0 && waiting.length === 0) return null;
  const [oldest] = waiting;
  return {
    upToMs: oldest?.at_ms ?? media?.endsAtMs ?? null,
    waitingSinceMs: oldest?.since_ms ?? null,
    endings: endings.map(endingFromRow),
  };
}

function byStream(facts: Facts): (streamId: string) => Facts {
  const grouped = Object.entries(facts).map(([name, rows]) => [name, Map.groupBy(rows as OfStream[], (row) => row.stream_id)] as const);
  return (streamId) => Object.fromEntries(grouped.map(([name, rows]) => [name, rows.get(streamId) ?? []])) as unknown as Facts;
}
