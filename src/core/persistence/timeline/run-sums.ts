import type { Query } from '../database.js';
import { WINDOW_US } from '../archive/windows.js';
import { scanRuns } from '../read/archived-runs.js';
import { failureCode, skipCode } from './run-reason.js';
import { mediaKey, type SegmentSpans, segmentsWithin } from './media-sums.js';
import type { Stretch, SumTable } from './sum-table.js';

/** States as the timeline tells them, the one that says most first: of several runs of a segment with an analyzer that one counts. */
const RANKS = ['done', 'partial', 'waiting', 'failed', 'skipped'] as const;
type CoverageState = (typeof RANKS)[number];

interface Ending {
  readonly state: CoverageState;
  readonly reason: string;
}

interface RunsRow {
  readonly analyzer_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly error_code: string | null;
  /** Separated by commas. */
  readonly segment_ids: string;
}

/** The rest of a reason is for a person: grouped by it, each would be a group of its own. */
const REASON_HEAD = `split_part(r.reason, ':', 1)`;

/** Adds what became of each segment with each analyzer, of runs that are rows yet and those that are packed. */
export async function addRuns(
  query: Query,
  streamId: string,
  stretch: Stretch,
  segments: SegmentSpans,
  sums: SumTable,
  patienceMs: number,
): Promise<void> {
  const endings = new Endings();
  const where = segmentsWithin(streamId, stretch);
  const rows = await query<RunsRow>(
    `SELECT r.analyzer_id, r.state, ${REASON_HEAD} AS reason, r.error_code, string_agg(r.segment_id::text, ',') AS segment_ids
     FROM segments s JOIN analysis_runs r ON r.segment_id = s.id WHERE ${where} GROUP BY r.analyzer_id, r.state, 3, r.error_code`,
    where.params,
  );
  for (const { analyzer_id, segment_ids, ...run } of rows) {
    const ending = endingOf(run);
    for (const segmentId of segment_ids.split(',')) endings.add(analyzer_id, segmentId, ending);
  }
  const gone = await addPacked(query, streamId, stretch, segments, endings, patienceMs);
  for (const span of gone.values()) sums.addLasting(mediaKey('gone'), span, stretch);
  for (const [analyzerId, segmentId, { state, reason }] of endings.all()) {
    const span = segments.get(segmentId) ?? gone.get(segmentId);
    if (span !== undefined) sums.addLasting({ part: 'runs', analyzerId, name: state, reason }, span, stretch);
  }
}

/** @returns segments of which nothing is left but their packed runs */
async function addPacked(
  query: Query,
  streamId: string,
  { fromUs, toUs }: Stretch,
  segments: SegmentSpans,
  endings: Endings,
  patienceMs: number,
): Promise<Map<string, Stretch>> {
  const gone = new Map<string, Stretch>();
  let firstUs = fromUs - WINDOW_US;
  for (const span of segments.values()) firstUs = Math.min(firstUs, span.fromUs);
  for await (const runs of scanRuns(query, { streamIds: [streamId], fromUs: firstUs, toUs: toUs - 1 }, patienceMs)) {
    for (const { segment_id, analyzer_id, segment_at_us, pts_start_us, pts_end_us, ...run } of runs) {
      if (!segments.has(segment_id)) {
        const endUs = segment_at_us + Math.max(0, pts_end_us - pts_start_us);
        if (segment_at_us >= toUs || (segment_at_us < fromUs && endUs <= fromUs)) continue;
        gone.set(segment_id, { fromUs: segment_at_us, toUs: endUs });
      }
      endings.add(analyzer_id, segment_id, endingOf(run));
    }
  }
  return gone;
}

function endingOf({ state, reason, error_code }: Pick<RunsRow, 'state' | 'reason' | 'error_code'>): Ending {
  if (state === 'skipped') return { state, reason: skipCode(reason) };
  if (state === 'failed') return { state, reason: failureCode(error_code) };
  return { state: state === 'done' || state === 'partial' ? state : 'waiting', reason: '' };
}

/** One ending for each segment and analyzer. */
class Endings {
  private readonly byAnalyzer = new Map<string, Map<string, Ending>>();

  add(analyzerId: string, segmentId: string, ending: Ending): void {
    let bySegment = this.byAnalyzer.get(analyzerId);
    if (bySegment === undefined) this.byAnalyzer.set(analyzerId, (bySegment = new Map<string, Ending>()));
    const known = bySegment.get(segmentId);
    if (known === undefined || saysMore(ending, known)) bySegment.set(segmentId, ending);
  }

  *all(): Generator<readonly [analyzerId: string, segmentId: string, ending: Ending]> {
    for (const [analyzerId, bySegment] of this.byAnalyzer)
      for (const [segmentId, ending] of bySegment) yield [analyzerId, segmentId, ending];
  }
}

function saysMore(one: Ending, other: Ending): boolean {
  const by = RANKS.indexOf(one.state) - RANKS.indexOf(other.state);
  return by < 0 || (by === 0 && one.reason < other.reason);
}
