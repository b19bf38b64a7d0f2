import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { RunLedger } from '../../../src/core/persistence/ledger/run-ledger.js';
import { PartitionKeeper } from '../../../src/core/persistence/partition-keeper.js';
import { PersistenceModule } from '../../../src/core/persistence/persistence.module.js';
import { copyIn } from './copy-in.js';
import { CpuMeter } from './cpu.js';
import { LiveStreams } from './live-streams.js';
import { caveats, cpuText, inPairs, ratioByCpu, ratioText } from './ratios.js';
import type { Backend, ScaleOptions } from './scale-options.js';
import { openSide } from './side.js';
import type { Ground, Stack } from './stack.js';
import { perPiece, segmentsThrough, type Trial } from './trials.js';
import { detections } from './work-strategy.js';

/** Results of one segment: an object or two in each of 30 frames. */
const ROWS = 60;
const OWNER = 'bench';

/** What COPY is given: as many columns as P10 is defined by, one index. */
const BARE_TABLE = `CREATE TABLE bare (at timestamptz, run_id bigint, ordinal int, stream_id uuid, pts_us bigint, label text, score real,
  x real, y real,
  width real, height real); CREATE INDEX ON bare (stream_id, at)`;

/**
 * P10: rows a second that are committed with their run's end, one transaction a segment for each stream, over COPY of as many rows into a
 * table with one index. Of the ledger once by itself, where lanes are held and segments claimed beforehand, and once with all of P7.
 */
export async function runP10(stack: Stack, backend: Backend, { streams, pairs, segments }: ScaleOptions): Promise<string[]> {
  const lines: string[] = [];
  for (const count of streams) {
    for (const [what, ours] of [
      ['commits alone', () => commits(stack, count, segments)],
      ['with all of P7', () => segmentsThrough(stack, backend, count, segments, ROWS)],
    ] as const) {
      const measured = await inPairs(pairs, ours, () => copies(stack, count, segments));
      const own = measured.map((pair) => pair.ours);
      lines.push(
        `P10  ${backend}, ${count} streams, ${what}: ${ratioText(measured, '≥ 0.5', 'rows a second (ours ÷ COPY)', ROWS)}`,
        `     ${ratioByCpu(measured)}: ${cpuText(own)}; COPY ${cpuText(measured.map(({ floor }) => floor))}`,
        `     ${caveats(
          own.map(({ notDone }) => notDone),
          measured.flatMap((pair) => [pair.ours.foreignShare, pair.floor.foreignShare]),
        )}`,
      );
    }
  }
  return lines;
}

/** Commits of segments that were claimed before; what is measured ends runs and writes their results, nothing else. */
async function commits(stack: Stack, streams: number, segments: number): Promise<Trial> {
  const ground = await stack.fresh('postgres');
  const live = await LiveStreams.open(ground, streams);
  const app = await openSide({ ...ground, concurrency: streams }, [PersistenceModule]);
  try {
    const ledger = app.get(RunLedger, { strict: false });
    await app.get(PartitionKeeper, { strict: false }).keepAhead();
    const each = Math.ceil(segments / streams);
    await live.publish(each);
    const claimed = await claimAll(ground);
    const meter = new CpuMeter(() => ({ ...ground, workerPids: [] }));
    await Promise.all(
      live.ids.map(async (streamId) => {
        for (const { runId, work } of claimed.get(streamId) ?? []) {
          const results = detections(ROWS, work);
          await ledger.settle(OWNER, work, [{ runId, attempt: 1, state: 'done', framesSeen: 60, framesExpected: 60, cpuMs: 1, results }]);
        }
      }),
    );
    const { wallS, cpuS, foreignShare } = meter.read();
    const [kept] = await ground.rows<{ count: number }>('SELECT count(*)::int AS count FROM detections');
    if (kept?.count !== each * streams * ROWS) throw new Error(`${kept?.count} results are there, ${each * streams * ROWS} were given`);
    const { done: _, ...notDone } = await live.counts();
    return { perS: (each * streams) / wallS, cpuMs: perPiece(cpuS, each * streams), foreignShare, notDone };
  } finally {
    await app.close();
    await live.close();
    await ground.clear();
  }
}

interface Claimed {
  readonly runId: string;
  readonly work: Parameters<RunLedger['settle']>[1];
}

/** Every run as if one worker had claimed it: a lane is claimed segment by segment, which is not what is measured here. */
async function claimAll(ground: Ground): Promise<ReadonlyMap<string, readonly Claimed[]>> {
  const rows = await ground.rows<{
    id: string;
    stream_id: string;
    epoch_id: string;
    sequence: number;
    start_us: string;
    end_us: string;
    ms: number;
  }>(
    `WITH claimed AS (UPDATE analysis_runs SET state = 'running', attempt = 1, owner = $1, started_at = now() RETURNING id, segment_id)
     SELECT c.id, s.stream_id, s.epoch_id, s.sequence, s.pts_start_us AS start_us, s.pts_end_us AS end_us, (extract(epoch
       FROM e.started_at) * 1000)::float8 AS ms
     FROM claimed c JOIN segments s ON s.id = c.segment_id JOIN epochs e ON e.id = s.epoch_id ORDER BY s.sequence`,
    [OWNER],
  );
  const ofStreams = new Map<string, Claimed[]>();
  for (const row of rows) {
    const segment = {
      streamId: row.stream_id,
      epochId: row.epoch_id,
      sequence: row.sequence,
      ptsStartUs: Number(row.start_us),
      ptsEndUs: Number(row.end_us),
      path: '',
      nodeId: '',
      sizeBytes: 1,
      frameCount: 60,
      keyframeCount: 1,
    };
    const work = { segment, epoch: { startedAtMs: row.ms, ptsOriginUs: 0, closed: false }, runs: [] };
    const known = ofStreams.get(row.stream_id);
    if (known === undefined) ofStreams.set(row.stream_id, [{ runId: row.id, work }]);
    else known.push({ runId: row.id, work });
  }
  return ofStreams;
}

async function copies(stack: Stack, connections: number, transactions: number): Promise<Trial> {
  const ground = await stack.fresh('postgres');
  await ground.rows(BARE_TABLE);
  const clients = await Promise.all(
    Array.from({ length: Math.min(connections, 10) }, async () => {
      const client = new pg.Client({ connectionString: ground.databaseUrl });
      await client.connect();
      return client;
    }),
  );
  try {
    const streamId = randomUUID();
    const rows = detections(ROWS, { segment: { ptsStartUs: 0, ptsEndUs: 2_000_000 } });
    const text = (run: number): string =>
      rows
        .map((row, ordinal) =>
          row.type === 'detection'
            ? [new Date().toISOString(), run, ordinal, streamId, row.ptsUs, row.label, row.score, ...Object.values(row.box)].join('\t')
            : '',
        )
        .join('\n');
    let left = transactions;
    const meter = new CpuMeter(() => ({ ...ground, workerPids: [] }));
    await Promise.all(
      clients.map(async (client) => {
        while (left-- > 0) await copyIn(client, 'COPY bare FROM STDIN', `${text(left)}\n`);
      }),
    );
    const { wallS, cpuS, foreignShare } = meter.read();
    return { perS: transactions / wallS, cpuMs: perPiece(cpuS, transactions), foreignShare, notDone: {} };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await ground.clear();
  }
}
