import pg from 'pg';
import { startVedette, type VedetteProcess } from '../../e2e/support/vedette-process.js';
import { quantile } from '../quantiles.js';
import { addUpPast, DAYS, RARE, writeBare, writeKeptYear, writePast } from './past.js';

const DAY_MS = 86_400_000;
const COUNTS = [1_000_000, 10_000_000];
const ASKED = 100;
/** Of what takes longer. */
const ASKED_LONG = 20;
const AT_ONCE = 20;
const TARGET_MS = 100;

/** What somebody looks for in the past of one stream, as paths below it. */
const QUESTIONS: Readonly<Record<string, (endMs: number, n: number) => string>> = {
  [`${DAYS} days by name in buckets of 3 h`]: (endMs) => `timeline?from=${iso(endMs - DAYS * DAY_MS)}&to=${iso(endMs)}`,
  '24 h by name in buckets of 10 min': (endMs, n) =>
    `timeline?from=${iso(endMs - (1 + (n % 28)) * DAY_MS)}&to=${iso(endMs - (n % 28) * DAY_MS)}`,
  '4 h by name in buckets of 1 min': (endMs, n) =>
    `timeline?from=${iso(endMs - (n % 28) * DAY_MS - DAY_MS / 6)}&to=${iso(endMs - (n % 28) * DAY_MS)}`,
  'detections from some moment on, a page of 500': (endMs, n) =>
    `detections?from=${iso(endMs - (1 + (n % 28)) * DAY_MS)}&to=${iso(endMs - (n % 28) * DAY_MS)}&limit=500`,
  'the last 50 of a rare label in 7 days': (endMs) =>
    `detections?label=${RARE}&from=${iso(endMs - 7 * DAY_MS)}&to=${iso(endMs)}&order=desc&limit=50`,
};

/** Of a stream about which eight analyzers have much to say. */
const LONG_QUESTIONS: typeof QUESTIONS = {
  '30 days, everything, in buckets of 3 h': (endMs) => `timeline?from=${iso(endMs - 30 * DAY_MS)}&to=${iso(endMs)}`,
  '30 days, recorded, motion, events and coverage, in buckets of 1 h': (endMs) =>
    `timeline?step=1h&parts=recorded,motion,events,coverage&from=${iso(endMs - 30 * DAY_MS)}&to=${iso(endMs)}`,
  '7 days, the same, in buckets of 10 min': (endMs) =>
    `timeline?step=10m&parts=recorded,motion,events,coverage&from=${iso(endMs - 7 * DAY_MS)}&to=${iso(endMs)}`,
  '24 h, the same, in buckets of 1 min': (endMs) =>
    `timeline?step=1m&parts=recorded,motion,events,coverage&from=${iso(endMs - DAY_MS)}&to=${iso(endMs)}`,
  'a year, the same, in buckets of a day': (endMs) =>
    `timeline?step=1d&parts=recorded,motion,events,coverage&from=${iso(endMs - 365 * DAY_MS)}&to=${iso(endMs)}`,
};

const BARE: Readonly<Record<string, string>> = {
  [`${DAYS} days`]: `SELECT date_bin('3 hours', at, 'epoch') AS bucket, label, count(*) FROM bare WHERE stream_id = $1
    AND at >= to_timestamp($2) - interval '${DAYS} days' AND at < to_timestamp($2) GROUP BY 1, 2`,
  '24 h': `SELECT date_bin('10 minutes', at, 'epoch') AS bucket, label, count(*) FROM bare WHERE stream_id = $1
    AND at >= to_timestamp($2) - interval '1 day' AND at < to_timestamp($2) GROUP BY 1, 2`,
};

const iso = (ms: number): string => encodeURIComponent(new Date(ms).toISOString());

/** P11: questions about the past over HTTP, beside the same of a bare table by its index alone, at one and at ten million detections. */
async function measure(vedette: VedetteProcess, count: number, endMs: number): Promise<string[]> {
  const streams = await writePast(vedette.databaseUrl, count, endMs);
  const { hours, msEach } = await addUpPast(vedette.databaseUrl);
  const lines = [
    `P11  ${count / 1e6} million detections of ${streams.length} streams in ${DAYS} days; ${hours} hours added up, ${msEach.toFixed(1)} ms each`,
    ...(await askAll(vedette, streams, QUESTIONS, endMs)),
    ...(await askBare(vedette, count, endMs)),
  ];
  return lines;
}

async function askAll(
  vedette: VedetteProcess,
  streams: readonly string[],
  questions: Readonly<Record<string, (endMs: number, n: number) => string>>,
  endMs: number,
  asked = ASKED,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [question, path] of Object.entries(questions)) {
    let empty = 0;
    const ask = async (n: number): Promise<number> => {
      const beganMs = performance.now();
      const body = await vedette.api.get<Record<string, unknown[]>>(`/api/streams/${streams[n % streams.length]}/${path(endMs, n)}`);
      if ((body['series'] ?? body['items'] ?? body['coverage'])?.length === 0) empty++;
      return performance.now() - beganMs;
    };
    for (let n = 0; n < 4; n++) await ask(n);
    const alone: number[] = [];
    for (let n = 0; n < asked; n++) alone.push(await ask(n));
    const together: number[] = [];
    for (let n = 0; n < asked; n += AT_ONCE) together.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => ask(n + i)))));
    lines.push(
      `     ${question}: p50 ${ms(alone, 0.5)}, p95 ${ms(alone, 0.95)} ms (target ≤ ${TARGET_MS}); ${AT_ONCE} at once p50 ${ms(together, 0.5)}, ` +
        `p95 ${ms(together, 0.95)} ms${empty > 0 ? `; ${empty} answers were empty` : ''}`,
    );
  }
  return lines;
}

async function askBare(vedette: VedetteProcess, count: number, endMs: number): Promise<string[]> {
  const lines: string[] = [];
  const client = new pg.Client({ connectionString: vedette.databaseUrl });
  await client.connect();
  try {
    const bare = await writeBare(client, count, endMs);
    for (const [question, sql] of Object.entries(BARE)) {
      const took: number[] = [];
      for (let n = 0; n < 24; n++) {
        const beganMs = performance.now();
        await client.query(sql, [bare[n % bare.length], endMs / 1000]);
        took.push(performance.now() - beganMs);
      }
      lines.push(`     a bare table's covering index, ${question}: p50 ${ms(took, 0.5)}, p95 ${ms(took, 0.95)} ms`);
    }
    const sizes = await client.query<{ bare: number; packed: number }>(
      `SELECT pg_total_relation_size('bare')::float8 AS bare, (SELECT sum(pg_total_relation_size(inhrelid))::float8 FROM pg_inherits
         WHERE inhparent = 'ledger_archive'::regclass) AS packed`,
    );
    const { bare: bareBytes, packed } = sizes.rows[0]!;
    lines.push(`     the bare table takes ${(bareBytes / 1e6).toFixed(0)} MB; everything packed so far ${(packed / 1e6).toFixed(0)} MB`);
  } finally {
    await client.end();
  }
  return lines;
}

const ms = (took: readonly number[], share: number): string => quantile(took, share).toFixed(1);

const vedette = await startVedette({
  plugins: ['visual-analysis', 'object-detection', 'logo-detection'].map((name) => ({ use: `vedette/${name}`, enabled: false })),
});
try {
  const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  for (const count of COUNTS) for (const line of await measure(vedette, count, endMs)) console.log(line);
  const { streamId, bytesPerDay } = await writeKeptYear(vedette.databaseUrl, endMs);
  console.log(`     a stream with eight analyzers: kept sums of a day take ${(bytesPerDay / 1e3).toFixed(0)} kB`);
  for (const line of await askAll(vedette, [streamId], LONG_QUESTIONS, endMs, ASKED_LONG)) console.log(line);
} finally {
  await vedette.stop();
}
