import { z } from 'zod';

const amount = z.number().nonnegative().describe('In the currency of the price lists');
const budget = z.object({ perDay: amount.nullable(), perMonth: amount.nullable() });
const ms = z.number().nonnegative();

export const strategyWire = z.object({
  id: z.string(),
  title: z.string(),
  pluginId: z.string(),
  reach: z.enum(['worker', 'lan', 'cloud']).describe('How far media travels with it'),
  carriesState: z.boolean().describe('Whether stateful analyzers can run on it'),
  solves: z.array(z.string()).nullable().describe('What it does in place of an analyzer; null: it runs the analyzers themselves'),
  tasks: z.array(z.string()).nullable().meta({ deprecated: true }).describe('The former name of `solves`'),
  analyzers: z
    .array(
      z.object({
        id: z.string(),
        rank: z.number().int().positive().describe('1 is preferred'),
        of: z.number().int().positive(),
        deadlineMs: ms.nullable(),
        budget: budget.nullable(),
        spent: z.object({ today: amount, thisMonth: amount }),
      }),
    )
    .describe('Those that may go there'),
  budget: budget.nullable(),
  spent: z.object({ today: amount, thisMonth: amount }),
  workers: z
    .array(
      z.object({
        instanceId: z.string(),
        host: z.string(),
        status: z.enum(['up', 'degraded', 'down']),
        detail: z.string().nullable(),
        breaker: z.enum(['closed', 'open', 'half-open']),
        restsUntil: z.iso.datetime().nullable().describe('While it rests after failures: when one job tries whether it is back'),
        failuresInRow: z.number().int().nonnegative().describe('That made it rest; 0 while it does not'),
        msPerMediaSecond: z.record(z.string(), z.number()).describe('By analyzer: what a second of media takes, measured'),
        report: z.record(z.string(), z.unknown()).describe('What the strategy itself tells'),
      }),
    )
    .describe('How the living workers see it'),
  lastHour: z.object({
    runs: z.number().int().nonnegative(),
    failed: z.number().int().nonnegative(),
    moved: z.number().int().nonnegative().describe('That came from another strategy'),
    wallMsP50: ms.nullable(),
    wallMsP95: ms.nullable(),
    cost: amount,
  }),
});
export type StrategyWire = z.output<typeof strategyWire>;

export const shadowWire = z.object({
  analyzerId: z.string(),
  strategy: z.string(),
  shadowStrategy: z.string(),
  compared: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  agreement: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe('Mean over segments in which either found something: found by both / found by either'),
  matched: z.number().int().nonnegative(),
  onlyMain: z.number().int().nonnegative(),
  onlyShadow: z.number().int().nonnegative(),
  mainWallMsP50: ms.nullable(),
  mainWallMsP95: ms.nullable(),
  shadowWallMsP50: ms.nullable(),
  shadowWallMsP95: ms.nullable(),
  mainCostPerRun: amount,
  shadowCostPerRun: amount,
  lastTrouble: z.string().nullable().describe('Why the latest one that was not compared was not'),
});
export type ShadowWire = z.output<typeof shadowWire>;

export const shadowQuery = z.strictObject({
  window: z
    .string()
    .regex(/^([1-9]\d{0,2})(h|d)$/, 'hours or days, such as 24h or 7d')
    .default('24h')
    .transform((text) => Number.parseInt(text, 10) * (text.endsWith('d') ? 24 : 1))
    .pipe(z.number().max(24 * 30, 'at most 30d'))
    .describe('How far back, in hours or days'),
});
export type ShadowQuery = z.output<typeof shadowQuery>;
