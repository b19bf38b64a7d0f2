import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { CostSample, JobFacts, QueueEvidence, RemoteHostFacts, StreamFacts, WorkerFacts } from '../../capacity/facts.js';
import { ALIVE_WITHIN } from '../instance-heartbeat.js';
import { Database } from '../database.js';

const TIMEOUT_MS = 15_000;
/** What the core settles without a strategy's doing says nothing of cost. */
const NOT_WORKED_ON = "('overload', 'paused', 'cancelled', 'missing', 'disabled', 'config-changed', 'retention')";
const IN_WINDOW = `> now() - $1::float8 * interval '1 millisecond'`;
/** Part of the runs that is left out at either end. */
const TRIM = 0.1;

const MAX_HOSTS = 4096;
const hostCount = z.number().int().min(0).max(MAX_HOSTS).nullable().catch(null);
/** What a worker says of itself with each heartbeat. It may be older or newer than this: what is not understood is not there. */
const workerDetail = z.object({
  queues: z.union([z.literal('all'), z.array(z.string())]).catch('all'),
  hosts: hostCount.default(null),
  cores: hostCount.default(null),
  strategies: z.record(z.string(), z.unknown()).catch({}),
});
const remoteHosts = z.object({ hosts: z.array(z.unknown()).catch([]) }).catch({ hosts: [] });
const remoteHost = z.object({ name: z.string().min(1).max(253), state: z.literal('up'), capacity: z.number().int().min(0).max(MAX_HOSTS) });

/** What is measured of analysis: costs, times, who is there to do it. */
@Injectable()
export class CapacityReads {
  constructor(private readonly database: Database) {}

  /** Streams that are not deleted. Live is one with an open epoch. */
  streams(windowMs: number): Promise<StreamFacts[]> {
    return this.database.bounded<StreamFacts>(
      `WITH recent AS (
         SELECT stream_id, sum(frame_count)::float8 AS frames, sum(COALESCE(array_length(keyframe_pts_us, 1), 0))::float8 AS keyframes,
           sum(pts_end_us - pts_start_us)::float8 / 1e6 AS media_s
         FROM segments WHERE at ${IN_WINDOW} AND pts_end_us > pts_start_us GROUP BY stream_id
       )
       SELECT s.id, s.name, s.private AS "isPrivate", s.enabled AS "isEnabled",
         EXISTS (SELECT 1 FROM epochs e WHERE e.stream_id = s.id AND e.state = 'open') AS "isLive",
         (SELECT e.width_px * e.height_px FROM epochs e WHERE e.stream_id = s.id AND e.width_px IS NOT NULL ORDER BY e.ordinal DESC
           LIMIT 1) AS pixels,
         r.frames / r.media_s AS "framesPerSecond", r.keyframes / r.media_s AS "keyframesPerSecond"
       FROM streams s LEFT JOIN recent r ON r.stream_id = s.id WHERE s.deleted_at IS NULL ORDER BY s.name`,
      [windowMs],
      TIMEOUT_MS,
    );
  }

  /** Trimmed means by stream, analyzer, configuration and strategy. Failed runs, and those of unreadable media, do not count. */
  costs(windowMs: number): Promise<CostSample[]> {
    return this.database.bounded<CostSample>(
      `WITH runs AS (
         SELECT r.stream_id, r.analyzer_id, r.config_hash, r.queue, r.strategy, r.state <> 'skipped' AS open,
           COALESCE(r.reason ~ '^[a-z0-9-]{1,64}$', false) AS gated,
           (s.pts_end_us - s.pts_start_us)::float8 / 1e6 AS media_s, COALESCE(r.cpu_ms, 0)::float8 / 1e3 AS analysis_s,
             r.decode_cpu_ms::float8 / 1e3 AS decode_s,
           r.cost, (e.width_px * e.height_px)::float8 AS pixels
         FROM analysis_runs r JOIN segments s ON s.id = r.segment_id JOIN epochs e ON e.id = r.epoch_id
         WHERE r.finished_at ${IN_WINDOW} AND r.strategy IS NOT NULL AND s.pts_end_us > s.pts_start_us
           AND (r.state IN ('done', 'partial') AND r.cpu_ms IS NOT NULL OR r.state = 'skipped' AND r.reason NOT IN ${NOT_WORKED_ON})
       ), rated AS (
         SELECT *, (analysis_s + COALESCE(decode_s, 0)) / media_s AS rate,
           row_number() OVER kind AS place, count(*) OVER (PARTITION BY stream_id, analyzer_id, config_hash, queue, strategy,
             open) AS places
         FROM runs WINDOW kind AS (PARTITION BY stream_id, analyzer_id, config_hash, queue, strategy, open
           ORDER BY (analysis_s + COALESCE(decode_s, 0)) / media_s)
       ), marked AS (
         SELECT *, open AND place > floor(places * ${TRIM}) AND place <= places - floor(places * ${TRIM}) AS typical FROM rated
       )
       SELECT stream_id AS "streamId", analyzer_id AS "analyzerId", config_hash AS "configHash", queue, strategy,
         count(*) FILTER (WHERE open)::int AS "openRuns",
         COALESCE(sum(analysis_s) FILTER (WHERE typical) / sum(media_s) FILTER (WHERE typical), 0) AS "analysisRate",
         sum(decode_s) FILTER (WHERE typical) / NULLIF(sum(media_s) FILTER (WHERE typical AND decode_s IS NOT NULL), 0) AS "decodeRate",
         stddev_samp(rate) FILTER (WHERE open) / NULLIF(avg(rate) FILTER (WHERE open), 0) AS spread,
         count(*) FILTER (WHERE NOT open)::int AS "closedRuns",
         COALESCE(sum(analysis_s + COALESCE(decode_s, 0)) FILTER (WHERE NOT open) / sum(media_s) FILTER (WHERE NOT open),
           0) AS "closedRate",
         count(*) FILTER (WHERE NOT open AND gated)::int AS "gatedRuns",
         sum(cost) / NULLIF(sum(media_s), 0) AS "moneyPerMediaSecond", avg(pixels) AS pixels
       FROM marked GROUP BY stream_id, analyzer_id, config_hash, queue, strategy ORDER BY stream_id, analyzer_id, "openRuns" DESC`,
      [windowMs],
      TIMEOUT_MS,
    );
  }

  /**
   * First attempts of jobs on workers' own hosts that say what their decode cost: how long a host was busy, and with how much of a
   * core.
   */
  jobs(windowMs: number, localStrategies: readonly string[]): Promise<JobFacts[]> {
    return this.database.bounded<JobFacts>(
      `WITH jobs AS (
         SELECT queue, owner, max(wall_ms)::float8 AS wall_ms, sum(cpu_ms + decode_cpu_ms)::float8 AS cpu_ms
         FROM analysis_runs
         WHERE finished_at ${IN_WINDOW} AND strategy = ANY($2::text[]) AND attempt = 1 AND state IN ('done', 'partial')
           AND cpu_ms IS NOT NULL AND decode_cpu_ms IS NOT NULL
         GROUP BY segment_id, queue, owner, executed_by HAVING max(wall_ms) > 0
       )
       SELECT queue, COALESCE(owner, '') AS "workerId", count(*)::int AS jobs, avg(wall_ms) AS "meanWallMs",
         COALESCE(stddev_samp(wall_ms) / NULLIF(avg(wall_ms), 0), 0) AS spread,
         sum(cpu_ms) AS "cpuMs", sum(wall_ms) AS "wallMs"
       FROM jobs GROUP BY queue, owner ORDER BY queue, owner`,
      [windowMs, localStrategies],
      TIMEOUT_MS,
    );
  }

  async supply(): Promise<{ workers: WorkerFacts[]; remoteHosts: RemoteHostFacts[] }> {
    const rows = await this.database.query<{ id: string; host: string; detail: unknown }>(
      `SELECT id, host, detail FROM instances WHERE role = 'worker'
        AND heartbeat_at > now() - ${ALIVE_WITHIN} ORDER BY host, id LIMIT 5000`,
    );
    const workers: WorkerFacts[] = [];
    // Each worker reports the hosts it knows: those of the same name are the same.
    const remote = new Map<string, RemoteHostFacts>();
    for (const { id, host, detail } of rows) {
      const { strategies, ...said } = workerDetail.parse(typeof detail === 'object' && detail !== null ? detail : {});
      workers.push({ id, machine: host, ...said });
      for (const [strategy, state] of Object.entries(strategies)) {
        for (const told of remoteHosts.parse(state).hosts) {
          const { success, data } = remoteHost.safeParse(told);
          if (success) remote.set(JSON.stringify([strategy, data.name]), { strategy, name: data.name, capacity: data.capacity });
        }
      }
    }
    return { workers, remoteHosts: [...remote.values()] };
  }

  /** What became of the work within the window, by queue. */
  evidence(windowMs: number): Promise<QueueEvidence[]> {
    const lag = (filter: string, share = 0.5): string =>
      `percentile_cont(${share}) WITHIN GROUP (ORDER BY extract(epoch
        FROM finished_at - created_at)::float8 * 1000) FILTER (WHERE state IN ('done', 'partial') AND ${filter})`;
    const later = `finished_at > now() - $1::float8 / 2 * interval '1 millisecond'`;
    return this.database.bounded<QueueEvidence>(
      `WITH ended AS (
         SELECT queue, count(*) FILTER (WHERE state = 'skipped'
           AND reason = 'overload')::int AS overload, count(*) FILTER (WHERE state = 'failed')::int AS failed,
           count(*)::int AS finished, ${lag(`NOT ${later}`)} AS earlier_ms, ${lag(later)} AS later_ms, ${lag('true', 0.95)} AS p95_ms,
           COALESCE(sum(COALESCE(cpu_ms, 0) + COALESCE(decode_cpu_ms, 0)), 0)::float8 AS cpu_ms,
           extract(epoch FROM now() - min(finished_at))::float8 * 1000 AS covered_ms
         FROM analysis_runs WHERE finished_at ${IN_WINDOW} GROUP BY queue
       ), waiting AS (
         SELECT r.queue, GREATEST(0, extract(epoch FROM clock_timestamp() - min(r.created_at))::float8 * 1000) AS oldest_ms
         FROM analysis_runs r WHERE r.state IN ('queued', 'running') AND EXISTS (SELECT 1 FROM epochs e WHERE e.stream_id = r.stream_id
           AND e.state = 'open')
         GROUP BY r.queue
       )
       SELECT queue, COALESCE(overload, 0) AS "overloadSkips", COALESCE(failed, 0) AS "failedRuns", COALESCE(finished, 0) AS "finishedRuns",
         earlier_ms AS "earlierLagMs", later_ms AS "laterLagMs", p95_ms AS "p95LagMs", COALESCE(oldest_ms, 0) AS "oldestWaitingMs",
           COALESCE(cpu_ms, 0) AS "cpuMs", COALESCE(covered_ms, 0) AS "coveredMs"
       FROM ended FULL JOIN waiting USING (queue) ORDER BY queue`,
      [windowMs],
      TIMEOUT_MS,
    );
  }
}
