import { z } from 'zod';
import { durationMs, HOUR_MS, MINUTE_MS } from '../plugin-api/index.js';
import { CHANGE_ORDER } from '../capacity/change.js';
import { REASON_CODES } from '../capacity/verdict.js';
import { storagePlaceWire } from './retention.wire.js';

const number = z.number().nonnegative();
const count = z.number().int().nonnegative();
const known = <T extends z.ZodType>(type: T) => type.nullable().describe('null: not known');
const utilisation = number.nullable().describe('Of what analysis may count on; null: nobody is there to do it');
const confidence = z.enum(['high', 'medium', 'low', 'none']);
const streamId = z.string().nullable().describe('null: a private stream that you may not see, or one supposed');

const MIN_WINDOW_MS = MINUTE_MS;
const MAX_WINDOW_MS = 6 * HOUR_MS;

/** Window of measurement. */
export const windowText = durationMs.refine((ms) => ms >= MIN_WINDOW_MS && ms <= MAX_WINDOW_MS, 'between 1m and 6h');
/** A number of streams or hosts. */
export const moreText = z
  .string()
  .regex(/^\d{1,5}$/, 'a whole number, at most 10000')
  .transform(Number)
  .pipe(z.number().max(10_000, 'at most 10000'));
export const analyzerIdText = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/, 'the id of an analyzer');

export const capacityQuery = z.strictObject({
  window: windowText.optional().describe('How far back measurements count, such as `15m`; 15 minutes when absent'),
  streams: moreText.optional().describe('What if there were so many more streams like the average one'),
  hosts: moreText.optional().describe('What if there were so many more analysis hosts, a core each, that take every queue'),
  analyzer: analyzerIdText.optional().describe('What if this analyzer ran on every stream'),
  all: z.enum(['true', 'false']).optional().describe('What if every enabled stream were live'),
});
export type CapacityQuery = z.output<typeof capacityQuery>;

const about = z
  .record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))
  .describe('What the text names, for whoever says it in another language; shares are 0..1');
const setting = z.object({
  pluginId: z.string(),
  analyzerId: z.string(),
  path: z.array(z.string()).describe('Below the analyzer, such as `config`, `fps`'),
  value: z.unknown(),
});
const changeWire = z.object({
  kind: z.enum(CHANGE_ORDER),
  subject: z.string().describe('The analyzer or the machine it is about'),
  title: z.string(),
  about,
  settings: z.array(setting).describe('What is to be set of plugins for it; none: it is done in another way'),
  loses: z.string().nullable().describe('null: nothing is lost by it'),
  moneyPerDay: known(number),
  priceNote: z.string().nullable(),
  gain: z.enum(['measured', 'estimated', 'unknown']),
  gainNote: z.string().nullable(),
});
const after = {
  config: z.array(z.string()).describe('Lines of vedette.config.yaml'),
  utilisationAfter: known(number),
  heaviestLaneAfter: known(number),
};

const combination = z.object({ steps: z.array(changeWire), ...after, fits: z.boolean() }).nullable();

/** Whether the work fits, and what the cheapest change is if not. docs/reference/capacity.md explains each figure. */
export const capacityWire = z.object({
  at: z.iso.datetime(),
  question: z.object({
    windowMs: number,
    moreStreams: count,
    moreHosts: count,
    analyzerId: z.string().nullable(),
    allStreams: z.boolean(),
  }),
  verdict: z.enum(['fits', 'tight', 'does-not-fit', 'unknown']),
  reasons: z.array(z.object({ code: z.enum(REASON_CODES), text: z.string(), about })),
  evidenceAgrees: z.boolean().nullable().describe('Whether lag and skipped segments bear the model out; null: they say nothing'),
  liveStreams: count,
  countedStreams: count,
  utilisation,
  gatesOpenUtilisation: utilisation,
  demandCores: number.describe('CPU-seconds per second'),
  gatesOpenDemandCores: number,
  supplyCores: number,
  usedCores: number.describe('CPU that was used, on average from the first run within the window until now'),
  usableShare: number.describe('Of a core, what analysis counts on'),
  busyShare: number.describe('Of a core, what a busy host got'),
  shareIsMeasured: z.boolean(),
  spareStreams: known(count).describe('More streams like the average one with room for peaks left; null: not known'),
  queues: z.array(
    z.object({
      queue: z.string(),
      demandCores: number,
      supplyCores: number,
      hosts: number,
      utilisation,
      gatesOpenUtilisation: utilisation,
      expectedWaitMs: known(number),
      expectedLagMs: known(number),
      observed: z.object({
        earlierLagMs: known(number),
        laterLagMs: known(number),
        p95LagMs: known(number),
        oldestWaitingMs: number,
        overloadSkips: count,
        failedRuns: count,
        finishedRuns: count,
      }),
    }),
  ),
  lanes: z
    .array(z.object({ streamId, streamName: z.string(), queue: z.string(), load: number, gatesOpenLoad: number }))
    .describe('Queues of single streams, heaviest first; above 1 no number of hosts helps'),
  demands: z.array(
    z.object({
      streamId,
      streamName: z.string(),
      analyzerId: z.string(),
      queue: z.string(),
      streams: count,
      cores: known(number),
      decodeCores: known(number),
      gatesOpenCores: known(number),
      where: z.array(z.string()),
      samples: count,
      spread: known(number),
      confidence,
      source: z.enum(['measured', 'other-streams', 'unknown']),
    }),
  ),
  demandsLeftOut: count,
  analyzers: z.array(
    z.object({
      analyzerId: z.string(),
      queue: z.string(),
      streams: count,
      streamsUnknown: count,
      cpuSecondsPerStreamMinute: known(number),
      gatesOpenCpuSecondsPerStreamMinute: known(number),
      share: known(number),
      gateClosedShare: known(number),
      moneyPerDay: known(number),
      samples: count,
      spread: known(number),
      confidence,
    }),
  ),
  pools: z.array(
    z.object({
      name: z.string(),
      machine: z.string(),
      strategy: z.string(),
      queues: z.array(z.string()).nullable().describe('null: all'),
      hosts: count,
      cores: known(count),
      supplyCores: number,
    }),
  ),
  storage: z.array(storagePlaceWire).describe('Media folders and the database: how full they are, and how long they last'),
  changes: z.array(changeWire.extend({ ...after, fits: z.boolean().nullable() })).describe('Single changes, least disruptive first'),
  cheapest: combination.describe('null: the work fits without a change, or no known change helps'),
  lossless: combination.describe('Where the cheapest loses results: what it takes to lose none'),
});
export type CapacityWire = z.output<typeof capacityWire>;
