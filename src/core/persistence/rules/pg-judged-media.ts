import { Injectable } from '@nestjs/common';
import { ruleError } from '../../errors/rule.errors.js';
import type { PtsUs } from '../../plugin-api/index.js';
import { type AnalysedRun, type EpochSpan, JudgedMedia, type RangeInput } from '../../rules/judged-media.js';
import type { Rule, Sighting } from '../../rules/rule.js';
import { type ArchivedRun, resultsOf } from '../archive/archived-rows.js';
import { scanBlocks } from '../archive/block-scan.js';
import { Database, type Query } from '../database.js';
import { orderOfResults } from '../read/archived-results.js';
import { LONGEST_SEGMENT_US, scanRuns } from '../read/archived-runs.js';
import type { DetectionRow } from '../read/wire-rows.js';

const MAX_SPAN_US = 24 * 3_600_000_000 + 60_000_000;
/** Results may lie this far outside their segment, and the clock's rounding on top. */
const SLACK_US = 11_000_000;

interface SpanRow {
  id: string;
  is_open: boolean;
  zero_at_us: string;
  media_start_us: string;
  media_end_us: string;
}
interface AnalysedRow {
  id: string;
  config_hash: string;
  sequence: number;
  pts_start_us: string | number;
  pts_end_us: string | number;
}
interface SightingRow {
  run_id: string;
  ordinal: number;
  pts_us: string;
  label: string;
  score: number;
  x: number;
  y: number;
  width: number;
  height: number;
  track_id: string | null;
}

const EPOCHS = `
SELECT e.id, e.state = 'open' AS is_open,
  (extract(epoch FROM e.started_at) * 1000000)::bigint - e.pts_origin_us AS zero_at_us, f.pts_start_us AS media_start_us,
    l.pts_end_us AS media_end_us
FROM epochs e
CROSS JOIN LATERAL (SELECT s.pts_start_us FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'unreadable' ORDER BY s.sequence LIMIT 1) f
CROSS JOIN LATERAL (SELECT s.pts_end_us FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'unreadable' ORDER BY s.sequence DESC
  LIMIT 1) l
WHERE e.stream_id = $1 AND e.pts_origin_us IS NOT NULL`;

/** {@link JudgedMedia} in PostgreSQL. Every read is bounded in time by the server. */
@Injectable()
export class PgJudgedMedia extends JudgedMedia {
  constructor(private readonly database: Database) {
    super();
  }

  async spans(streamId: string, range: RangeInput): Promise<EpochSpan[]> {
    const rows =
      'epochId' in range
        ? await this.database.bounded<SpanRow>(`${EPOCHS} AND e.id = $2`, [streamId, range.epochId])
        : await this.database.bounded<SpanRow>(
            `${EPOCHS} AND e.started_at < $3 AND (e.ended_at IS NULL OR e.ended_at >= $2) ORDER BY e.ordinal LIMIT 10000`,
            [streamId, new Date(range.fromMs), new Date(range.toMs)],
          );
    const spans = rows.map((row) => spanOf(row, range)).filter(({ fromPtsUs, toPtsUs }) => toPtsUs > fromPtsUs);
    const totalUs = spans.reduce((sum, { fromPtsUs, toPtsUs }) => sum + toPtsUs - fromPtsUs, 0);
    if (totalUs > MAX_SPAN_US)
      throw ruleError(
        'VD_RULE_RANGE',
        `The range holds ${(totalUs / 3_600_000_000).toFixed(1)} hours of media; at most 24 are judged at once`,
      );
    return spans;
  }

  async runs(epochId: string, analyzerId: string, fromPtsUs: PtsUs, toPtsUs: PtsUs, limit: number): Promise<AnalysedRun[]> {
    return this.database.snapshot(async (query) => {
      const rows = await query<AnalysedRow>(
        `SELECT DISTINCT ON (s.sequence) r.id, r.config_hash, s.sequence, s.pts_start_us, s.pts_end_us
         FROM segments s JOIN analysis_runs r ON r.segment_id = s.id
         WHERE s.epoch_id = $1 AND r.analyzer_id = $2 AND r.state IN ('done', 'partial')
           AND s.pts_start_us > $3::bigint - $6::bigint AND s.pts_end_us > $3::bigint AND s.pts_start_us < $4::bigint
         ORDER BY s.sequence, r.id DESC LIMIT $5`,
        [epochId, analyzerId, Math.trunc(fromPtsUs), Math.trunc(toPtsUs), limit, LONGEST_SEGMENT_US],
      );
      const latest = new Map(rows.map((row) => [row.sequence, row]));
      for (const run of await packedRuns(query, epochId, analyzerId, Math.trunc(fromPtsUs), Math.trunc(toPtsUs))) {
        if (Number(run.id) > Number(latest.get(run.sequence)?.id ?? 0)) latest.set(run.sequence, run);
      }
      return [...latest.values()]
        .sort((a, b) => a.sequence - b.sequence)
        .slice(0, limit)
        .map((row) => ({
          runId: row.id,
          configHash: row.config_hash,
          ptsStartUs: Number(row.pts_start_us),
          ptsEndUs: Number(row.pts_end_us),
        }));
    });
  }

  async sightings(
    span: EpochSpan,
    rule: Rule,
    runs: readonly AnalysedRun[],
    limit: number,
  ): Promise<ReadonlyMap<string, readonly Sighting[]>> {
    const fromUs = span.zeroAtUs + Math.min(...runs.map(({ ptsStartUs }) => ptsStartUs)) - SLACK_US;
    const toUs = span.zeroAtUs + Math.max(...runs.map(({ ptsEndUs }) => ptsEndUs)) + SLACK_US;
    const rows = await this.database.snapshot(async (query) => {
      const found = await query<SightingRow>(
        `SELECT t.run_id, t.ordinal, t.pts_us, t.label, t.score, t.x, t.y, t.width, t.height, t.track_id FROM detections t
         WHERE t.run_id = ANY ($1::bigint[]) AND t.score >= $2::real AND (cardinality($3::text[]) = 0 OR t.label = ANY ($3::text[]))
           AND t.at BETWEEN timestamptz 'epoch' + $4::bigint * interval '1 microsecond'
             AND timestamptz 'epoch' + $5::bigint * interval '1 microsecond'
         ORDER BY t.run_id, t.ordinal LIMIT $6`,
        [runs.map(({ runId }) => runId), rule.minScore, [...rule.labels], fromUs, toUs, limit],
      );
      const packed = await packedSightings(query, rule, runs, fromUs, toUs);
      if (packed.length === 0) return found;
      return [...found, ...packed].sort((a, b) => Number(a.run_id) - Number(b.run_id) || a.ordinal - b.ordinal).slice(0, limit);
    });
    const byRun = new Map<string, Sighting[]>();
    for (const row of rows) {
      const sighting: Sighting = {
        ptsUs: Number(row.pts_us),
        label: row.label,
        score: row.score,
        box: { x: row.x, y: row.y, width: row.width, height: row.height },
        ...(row.track_id === null ? {} : { trackId: row.track_id }),
      };
      const known = byRun.get(row.run_id);
      if (known === undefined) byRun.set(row.run_id, [sighting]);
      else known.push(sighting);
    }
    return byRun;
  }
}

/** The analyzer's runs over media between the two that are packed already. */
async function packedRuns(query: Query, epochId: string, analyzerId: string, fromPtsUs: number, toPtsUs: number): Promise<ArchivedRun[]> {
  const [epoch] = await query<{ stream_id: string; zero_at_us: string | null }>(
    `SELECT stream_id, (extract(epoch FROM started_at) * 1000000)::bigint - pts_origin_us AS zero_at_us FROM epochs WHERE id = $1`,
    [epochId],
  );
  if (epoch === undefined || epoch.zero_at_us === null) return [];
  const zeroAtUs = Number(epoch.zero_at_us);
  const media = { fromUs: zeroAtUs + fromPtsUs - LONGEST_SEGMENT_US, toUs: zeroAtUs + toPtsUs };
  const blocks = { streamIds: [epoch.stream_id], epochId, analyzerIds: [analyzerId], names: ['done', 'partial'], ...media };
  const found: ArchivedRun[] = [];
  for await (const runs of scanRuns(query, blocks)) {
    for (const run of runs) {
      const isAnalysed = run.state === 'done' || run.state === 'partial';
      const { pts_start_us: startUs, pts_end_us: endUs } = run;
      if (isAnalysed && startUs > fromPtsUs - LONGEST_SEGMENT_US && endUs > fromPtsUs && startUs < toPtsUs) found.push(run);
    }
  }
  return found;
}

/** What of the runs' detections is packed already and the rule may look at. */
async function packedSightings(
  query: Query,
  rule: Rule,
  runs: readonly AnalysedRun[],
  fromUs: number,
  toUs: number,
): Promise<DetectionRow[]> {
  const { streamId, analyzerId, labels, minScore } = rule;
  const names = labels.length === 0 ? undefined : labels;
  const ids = runs.map(({ runId }) => Number(runId));
  const blocks = {
    ...({ kinds: ['detections'], streamIds: [streamId], analyzerIds: [analyzerId], names, minScore, fromUs, toUs } as const),
    runs: [Math.min(...ids), Math.max(...ids)] as const,
  };
  const only = { ...{ minScore, fromUs, toUs: toUs + 1 }, names: names && new Set(names), runIds: new Set(runs.map(({ runId }) => runId)) };
  const found: DetectionRow[] = [];
  for await (const rows of scanBlocks(
    query,
    blocks,
    (block) => resultsOf('detections', block, only),
    (row) => Number(row.at_us),
    orderOfResults,
  ))
    found.push(...rows);
  return found;
}

function spanOf(row: SpanRow, range: RangeInput): EpochSpan {
  const [zeroAtUs, startUs, endUs] = [Number(row.zero_at_us), Number(row.media_start_us), Number(row.media_end_us)];
  const [fromUs, toUs] =
    'epochId' in range
      ? [range.fromPtsUs ?? -Infinity, range.toPtsUs ?? Infinity]
      : [range.fromMs * 1_000 - zeroAtUs, range.toMs * 1_000 - zeroAtUs];
  // A result's pts may lie a little outside the media; the range's own ends are kept where they lie within it.
  return {
    epochId: row.id,
    isOpen: row.is_open,
    zeroAtUs,
    mediaEndUs: endUs,
    fromPtsUs: Math.max(fromUs, startUs - SLACK_US),
    toPtsUs: Math.min(toUs, endUs + SLACK_US),
  };
}
