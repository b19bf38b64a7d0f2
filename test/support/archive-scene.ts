import type pg from 'pg';
import type { LedgerSeed } from './ledger-seed.js';
import { numbersFrom } from './numbers-from.js';

/** As the API's stand-in plugin has it: one whose detections are of brands. */
const LOOK = 'vedette.test.look';
const OTHER = 'vedette.test.other';
const SEGMENT_S = 5;

interface SceneStream {
  readonly streamId: string;
  readonly epochId: string;
  readonly runIds: readonly string[];
}

/**
 * What two analyzers left of streams that went on past a midnight a few days ago, all that results can be among it: nothing said, much
 * said, quotes, numbers of every length, the same moment again and again, media told of long after it.
 */
export class ArchiveScene {
  constructor(
    private readonly sql: pg.Pool,
    private readonly seed: LedgerSeed,
  ) {}

  /** Rows are of `segments` segments of 5 s. */
  async stream(name: string, startedAt: Date, segments: number): Promise<SceneStream> {
    const next = numbersFrom(name.length * 7 + segments);
    const streamId = await this.seed.stream({ name });
    const epochId = await this.seed.epoch(streamId, { startedAt, state: 'closed' });
    await this.sql.query(
      `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count,
         keyframe_pts_us, at)
       SELECT $1::uuid, $2::uuid, n, 'ready', $1::uuid || '/' || $2::uuid || '/' || lpad(n::text, 6, '0') || '.ts', 1000,
         1400000 + n * ${SEGMENT_S * 1e6}::bigint, 1400000 + (n + 1) * ${SEGMENT_S * 1e6}::bigint, 60, '{}',
         $3::timestamptz + n * interval '${SEGMENT_S} seconds' FROM generate_series(0, $4::int - 1) n`,
      [streamId, epochId, startedAt.toISOString(), segments],
    );
    const { rows: runs } = await this.sql.query<{ id: string; analyzer_id: string; sequence: number; state: string }>(
      `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version,
         config_hash, state, attempt, owner, reason, error_code, error_message, strategy, strategy_reason, executed_by, frames_seen,
         frames_expected, result_count, wall_ms, cpu_ms, decode_cpu_ms, cost, created_at, started_at, finished_at)
       SELECT s.id, s.stream_id, s.epoch_id, 0, s.sequence, q.queue, q.analyzer, '1.0.0', CASE WHEN s.sequence < 90 THEN 'aa' ELSE 'bb' END,
         st.state, 1 + s.sequence % 3, 'worker-' || s.sequence % 2,
         CASE WHEN st.state IN ('skipped', 'partial') THEN 'a "reason", ' || s.sequence % 4 END,
         CASE WHEN st.state = 'failed' THEN 'VD_MEDIA_DAMAGED' END, CASE WHEN st.state = 'failed' THEN E'two\nlines' END,
         'local', 'preferred', 'host 7', 60, 60, CASE WHEN st.state IN ('done', 'partial') THEN 40 END, 12.5 + s.sequence / 3.0, 0.1,
         CASE WHEN s.sequence % 5 > 0 THEN 1.5 END, CASE WHEN s.sequence % 7 = 0 THEN 0.0000015 END,
         s.at + interval '5.123457 seconds', s.at + interval '6 seconds', s.at + interval '7.654321 seconds'
       FROM segments s, (VALUES ('default', '${LOOK}'), ('slow', '${OTHER}')) q(queue, analyzer),
         LATERAL (SELECT (ARRAY['done','done','done','partial','skipped','failed'])[1 + (s.sequence * 5 + length(q.queue)) % 6] AS state) st
       WHERE s.epoch_id = $1 ORDER BY s.sequence, q.queue RETURNING id, analyzer_id, sequence, state`,
      [epochId],
    );
    await this.results(
      runs.filter(({ state }) => state === 'done' || state === 'partial').map((run) => ({ ...run, streamId, epochId })),
      startedAt,
      next,
    );
    return { streamId, epochId, runIds: runs.map(({ id }) => id) };
  }

  /** The runs of media before this moment ended long ago, the others just now. */
  async endedBefore(moment: Date): Promise<void> {
    await this.sql.query(
      `UPDATE analysis_runs r SET finished_at = CASE WHEN s.at < $1 THEN s.at + interval '7.654321 seconds' ELSE now() END
       FROM segments s WHERE s.id = r.segment_id`,
      [moment.toISOString()],
    );
  }

  private async results(
    runs: readonly { id: string; analyzer_id: string; sequence: number; streamId: string; epochId: string }[],
    startedAt: Date,
    next: () => number,
  ): Promise<void> {
    const lists: Record<'detections' | 'metrics' | 'observations', object[]> = { detections: [], metrics: [], observations: [] };
    for (const run of runs) {
      let ordinal = 0;
      const place = (offsetUs: number): object => ({
        ...{ run_id: run.id, ordinal: ordinal++, stream_id: run.streamId, epoch_id: run.epochId, analyzer_id: run.analyzer_id },
        pts_us: 1_400_000 + offsetUs,
        at: `${new Date(startedAt.getTime() + Math.floor(offsetUs / 1000)).toISOString().slice(0, -1)}${String(offsetUs % 1000).padStart(3, '0')}Z`,
      });
      for (let n = 0; n < 6; n++) {
        // Some told of what was long before: a run that goes on from an earlier one may.
        const early = n === 5 && run.sequence > 130 ? 600_000_000 : 0;
        const offsetUs = run.sequence * SEGMENT_S * 1_000_000 + Math.floor(next() * 4) * 240_017 - early;
        const sureness = Math.fround(next());
        lists.detections.push({
          ...place(offsetUs),
          label: ['Acme', 'Bolt', 'a "cat"', 'é\\'][Math.floor(next() * 4)],
          score: sureness,
          ...{ x: Math.fround(next()), y: [0, 0.5, 1e-7][Math.floor(next() * 3)], width: 0.25, height: Math.fround(next() / 3) },
          track_id: next() < 0.5 ? `t-${run.sequence % 9}` : null,
          attributes:
            next() < 0.5 ? null : { subjectId: ['b-1', 5, null][n % 3], clarity: next(), sampleMs: 400, deep: { list: [1, 'x'] } },
        });
        const value = [next(), -27.105, 0, 1e-300, Number.MAX_VALUE, 12][Math.floor(next() * 6)];
        lists.metrics.push({
          ...place(offsetUs),
          name: n % 2 === 0 ? 'brightness' : 'sound-level',
          unit: n % 2 === 0 ? '0..1' : 'dBFS',
          value,
        });
      }
      const said = { kind: 'dominant-colours', colours: [{ hex: '#47571c', share: Math.floor(next() * 100) / 100 }] };
      const offsetUs = run.sequence * SEGMENT_S * 1_000_000;
      lists.observations.push({ ...place(offsetUs), type: 'classification', data: said });
      lists.observations.push({ ...place(offsetUs + 10), type: 'text', data: { text: `Read ${run.sequence}` } });
    }
    for (const [table, rows] of Object.entries(lists))
      await this.sql.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`, [
        JSON.stringify(rows),
      ]);
  }
}
